use std::{collections::HashMap, sync::Arc};

use super::{
    super::{Pattern, Place, Problem, Rule, index::Index},
    Parts,
};

/// What is unclear about who gets a model.
pub(super) fn lints(parts: &Parts<'_>) -> Vec<Problem> {
    let mut lints = shared_models(parts);
    lints.extend(unreached(parts));
    lints
}

/// Models of several owners of which no rule says one.
fn shared_models(parts: &Parts<'_>) -> Vec<Problem> {
    let mut choosing = Index::<Vec<Pattern>>::default();
    for (_, rule) in parts.enabled_rules() {
        // Who says what is next knows what is first.
        if rule.downstream_ids().is_empty() && rule.fallbacks().is_empty() {
            continue;
        }
        for (_, model) in rule.patterns() {
            for key in model.keys() {
                choosing.entry(key).push(model.clone());
            }
        }
    }
    let is_chosen = |model: &str| {
        let mut is_chosen = false;
        choosing.each(model, &mut |patterns| {
            is_chosen |= patterns.iter().any(|pattern| pattern.matches(model));
        });
        is_chosen
    };
    let mut shared: Vec<_> = parts.owners.iter().collect();
    shared.retain(|(model, owners)| owners.len() > 1 && !is_chosen(model));
    shared.sort();
    let lint = |(model, owners): (&Arc<str>, &Vec<usize>)| {
        Some(Problem {
            place: Place::Target(*owners.last()?),
            message: format!(
                "model {model} owned by {}",
                parts.owners_of(model).join(", ")
            ),
        })
    };
    shared.into_iter().filter_map(lint).collect()
}

/// Rules that name the same path and models, which nobody owns, as an earlier one: only the first can route.
fn unreached(parts: &Parts<'_>) -> Vec<Problem> {
    let mut first: HashMap<(String, String), &Rule> = HashMap::new();
    let mut lints = Vec::new();
    for (place, rule) in parts.enabled_rules() {
        let Some(models) = &rule.models else {
            continue;
        };
        let mut leads = rule.downstream_ids().into_iter();
        if !leads.any(|id| parts.is_on(id)) {
            continue;
        }
        let keys = || {
            let path = rule.path.to_string();
            models
                .iter()
                .map(move |model| (path.clone(), model.to_string()))
        };
        let earlier: Option<Vec<_>> = keys()
            .map(|key| first.get(&key).filter(|earlier| earlier.silences(rule)))
            .collect();
        if let Some(earlier) = earlier.as_ref().and_then(|rules| rules.first())
            && !parts.owns_any(models)
        {
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

impl Rule {
    /// Whether a later one with the same path and model has no say: neither where requests go, nor in what they pass.
    fn silences(&self, later: &Self) -> bool {
        let is_asked = self.formats.is_empty() || self.formats == later.formats;
        let own = self.downstream_ids();
        let is_shared = later.downstream_ids().iter().any(|id| own.contains(id));
        let changes = !later.pipeline.is_empty() || later.says_how();
        is_asked && !(is_shared && changes)
    }
}

impl Parts<'_> {
    /// Whether somebody owns a model that one of these means.
    fn owns_any(&self, patterns: &[Pattern]) -> bool {
        patterns.iter().any(|pattern| match pattern.as_exact() {
            Some(model) => self.owners.contains_key(model),
            None => self.owners.keys().any(|model| pattern.matches(model)),
        })
    }
}
