use std::{collections::HashMap, sync::Arc};

use crate::target::Target;

use super::{Alias, Fallback, OutputModel, Pattern, Place, Problem, Rule, resolve::only_model};

/// All that is wrong with what rules say of fallbacks.
pub(super) fn problems(targets: &[Target], rules: &[Rule], aliases: &[Alias]) -> Vec<Problem> {
    let by_id = targets.iter().map(|target| (target.id(), target));
    let by_id: HashMap<_, _> = by_id.collect();
    let renames = renames(targets, rules, aliases);
    let mut problems = Vec::new();
    for (place, rule) in rules.iter().enumerate() {
        let fallbacks = rule.fallbacks();
        for (at, fallback) in fallbacks.iter().enumerate() {
            let message = match by_id.get(&fallback.downstream) {
                None => Some(format!("unknown downstream {:?}", fallback.downstream)),
                Some(_) if fallbacks.iter().take(at).any(|earlier| earlier == fallback) => {
                    Some(format!("{:?} is named twice", fallback.downstream))
                }
                Some(_) if !rule.enabled => None,
                Some(_) if is_first(rule, fallback) => Some(is_no_other(&fallback.downstream)),
                Some(target) => unnamed(rule, fallback, target, &renames),
            };
            if let Some(message) = message {
                let place = Place::Fallback {
                    rule: place,
                    fallback: at,
                };
                problems.push(Problem { place, message });
            }
        }
    }
    problems
}

/// Whether it is where the rule leads anyway, under the same name.
pub(super) fn is_first(rule: &Rule, fallback: &Fallback) -> bool {
    let leads = rule.leads().unwrap_or_default();
    let is_only = !leads.is_empty() && leads.iter().all(|id| **id == fallback.downstream);
    let is_sent = |model: &OutputModel| match &rule.split {
        Some(split) => split
            .arms
            .iter()
            .all(|arm| arm.output_model.as_ref() == Some(model)),
        None => rule.output_model.as_ref() == Some(model),
    };
    is_only && fallback.output_model.as_ref().is_none_or(is_sent)
}

pub(super) fn is_no_other(id: &str) -> String {
    format!(
        "{id:?} is where the rule leads anyway; name another downstream, or another model: {{downstream: {id}, output_model: …}}"
    )
}

/// A fallback with several models has to be told which one is meant, unless a request for one of the rule's models can
/// have been for one of these.
pub(super) fn unnamed(
    rule: &Rule,
    fallback: &Fallback,
    target: &Target,
    renames: &[Arc<str>],
) -> Option<String> {
    if fallback.output_model.is_some() || only_model(target).is_some() {
        return None;
    }
    if renames.iter().any(|model| target.models().contains(model)) {
        return None;
    }
    let means_one = |model: &&Pattern| target.models().iter().any(|listed| model.matches(listed));
    let model = rule
        .models
        .iter()
        .flatten()
        .find(|model| !means_one(model))?;
    let id = &fallback.downstream;
    Some(format!(
        "rule {:?} can't tell what {model:?} is called at {id:?}, which has {}; say which model: {{downstream: {id}, output_model: …}}",
        rule.id,
        target.models().join(", "),
        model = model.to_string(),
    ))
}

/// The names that requests can be sent under besides their own.
pub(super) fn renames(targets: &[Target], rules: &[Rule], aliases: &[Alias]) -> Vec<Arc<str>> {
    let splits = rules.iter().map(|rule| &rule.split);
    let splits = splits.chain(aliases.iter().map(|alias| &alias.split));
    let arms = splits.flatten().flat_map(|split| &split.arms);
    let said = rules.iter().map(|rule| &rule.output_model);
    let said = said.chain(arms.map(|arm| &arm.output_model));
    let said = said.filter_map(|model| match model {
        Some(OutputModel::Named(model)) => Some(model),
        _ => None,
    });
    let options = aliases.iter().flat_map(|alias| &alias.options);
    let options = options.map(|option| &option.model);
    let only = targets.iter().filter_map(|target| match target.models() {
        [model] => Some(model),
        _ => None,
    });
    said.chain(options).chain(only).cloned().collect()
}
