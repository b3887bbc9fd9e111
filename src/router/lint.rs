use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::target::Target;

use super::{Place, Problem, Rule, build::owners};

/// What is legal among these and yet looks like a mistake.
pub(super) fn lints(targets: &[Target], rules: &[Rule]) -> Vec<Problem> {
    let owners = owners(targets);
    let mut lints = shared_models(targets, rules, &owners);
    lints.extend(unreached(rules, &owners));
    lints
}

/// The names of models that a rule with downstreams names exactly, if it has no other patterns.
fn routed(rule: &Rule) -> Option<Vec<&Arc<str>>> {
    let routes = rule.enabled && rule.downstreams.iter().flatten().next().is_some();
    let models = rule.models.as_ref().filter(|_| routes)?;
    models.iter().map(|model| model.as_exact()).collect()
}

/// Models of several owners of which no rule chooses one.
fn shared_models(
    targets: &[Target],
    rules: &[Rule],
    owners: &HashMap<Arc<str>, Vec<usize>>,
) -> Vec<Problem> {
    let mut shared: Vec<_> = owners
        .iter()
        .filter(|(_, owners)| owners.len() > 1)
        .collect();
    shared.sort();
    let chosen: HashSet<_> = rules.iter().filter_map(routed).flatten().collect();
    shared.retain(|(model, _)| !chosen.contains(model));
    let lint = |(model, owners): (&Arc<str>, &Vec<usize>)| {
        let ids = owners.iter().filter_map(|owner| targets.get(*owner));
        let ids: Vec<&str> = ids.map(|target| &**target.id()).collect();
        Some(Problem {
            place: Place::Target(*owners.last()?),
            message: format!("model {model} owned by {}", ids.join(", ")),
        })
    };
    shared.into_iter().filter_map(lint).collect()
}

/// Rules that name the same path and models, which nobody owns, as an earlier one: only the first can route.
fn unreached(rules: &[Rule], owners: &HashMap<Arc<str>, Vec<usize>>) -> Vec<Problem> {
    let mut first: HashMap<(String, &str), &Rule> = HashMap::new();
    let mut lints = Vec::new();
    for (place, rule) in rules.iter().enumerate() {
        let Some(models) = routed(rule) else { continue };
        if models.iter().any(|model| owners.contains_key(*model)) {
            continue;
        }
        let keys = || {
            models
                .iter()
                .map(|model| (rule.path.to_string(), &***model))
        };
        let covers =
            |earlier: &&&Rule| earlier.formats.is_empty() || earlier.formats == rule.formats;
        let earlier: Option<Vec<_>> = keys().map(|key| first.get(&key).filter(covers)).collect();
        if let Some(earlier) = earlier.as_ref().and_then(|rules| rules.first()) {
            let message = format!(
                "rule {} can never route: {} names the same path and model and comes first",
                rule.id, earlier.id
            );
            let place = Place::Rule(place);
            lints.push(Problem { place, message });
        }
        if rule.downstream_formats.is_empty() {
            for key in keys() {
                first.entry(key).or_insert(rule);
            }
        }
    }
    lints
}
