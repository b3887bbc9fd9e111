use std::sync::Arc;

use crate::router::{
    Facts, Table,
    distance::distance,
    table::{Entry, Inner, printable},
};

use super::left_out::{listed, matches_but, switched_off};

/// Most models that are suggested in place of an unknown one.
const SUGGESTED: usize = 3;

/// Why a model leads nowhere, and what was perhaps meant.
pub(super) fn all(table: &Table, facts: &Facts<'_>) -> Vec<String> {
    if facts.model.is_empty() {
        return Vec::new();
    }
    let inner = table.inner();
    let model = printable(&facts.model);
    let mut why = vec![format!(
        "No alias stands for '{model}', no downstream has it, and no rule for this path names it and leads somewhere."
    )];
    let entries = inner.rules.iter();
    why.extend(entries.filter_map(|entry| near_miss(inner, facts, entry)));
    why.extend(switched_off(inner, facts));
    let similar = similar(table, facts, &model);
    if !similar.is_empty() {
        why.push(format!(
            "Similar models that this path leads to: {}.",
            similar.join(", ")
        ));
    }
    why
}

/// What keeps a rule from routing that could be thought to.
fn near_miss(inner: &Inner, facts: &Facts<'_>, entry: &Entry) -> Option<String> {
    let rule = &entry.rule;
    if !entry.means(&facts.model) {
        return None;
    }
    let leads = rule.leads();
    if !rule.path.matches(facts.path) {
        let names = rule.models.iter().flatten().any(|model| !model.is_any());
        return (names && rule.enabled && leads.is_some()).then(|| {
            format!(
                "Rule '{}' names the model, but for the path {} only.",
                rule.id(),
                rule.path
            )
        });
    }
    let obstacle = entry.turned_off(facts.format).or_else(|| {
        let leads = leads.as_ref()?;
        if rule.models.is_none() {
            return Some(
                "it does not name the model, which a rule must do to lead somewhere".to_owned(),
            );
        }
        let is_off = |id: &&Arc<str>| {
            inner
                .targets
                .iter()
                .any(|target| target.id() == *id && !target.enabled())
        };
        if leads.iter().all(is_off) {
            return Some(format!("'{}' is switched off", listed(leads)));
        }
        let formats = listed(&rule.downstream_formats);
        (!formats.is_empty()).then(|| {
            format!("it is for downstreams that are spoken to in {formats}, and none of its own is")
        })
    });
    let obstacle = obstacle.unwrap_or_else(|| "it leads nowhere: it has no downstreams".to_owned());
    Some(matches_but(entry, "model", &obstacle))
}

/// Models that lead somewhere from here and are spelled alike, or longer or shorter, nearest first.
fn similar(table: &Table, facts: &Facts<'_>, model: &str) -> Vec<String> {
    let meant = model.to_lowercase();
    let far = meant.chars().count().div_ceil(2);
    let distance = |name: &str| {
        let name = name.to_lowercase();
        let edits = distance(&meant, &name);
        let is_part = meant.len() > 2 && (name.contains(&meant) || meant.contains(&name));
        (is_part || edits <= far).then_some(edits)
    };
    let names = table.inner().named_models().into_iter();
    let names = names.filter_map(|name| Some((distance(name)?, name)));
    let leads = |(_, name): &(usize, &str)| {
        let mut facts = facts.clone();
        facts.model = (*name).into();
        table.decide(&facts).is_ok()
    };
    let mut names: Vec<_> = names.filter(leads).collect();
    names.sort_unstable();
    let nearest = names.into_iter().take(SUGGESTED);
    nearest.map(|(_, name)| format!("'{name}'")).collect()
}
