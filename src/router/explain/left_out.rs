use std::fmt::Display;

use crate::{
    format::ApiFormat,
    router::{
        Decision, Facts,
        decision::By,
        table::{Entry, Inner},
    },
    target::Target,
};

/// Rules that path and model match and that have no say nonetheless, and downstreams that are off.
pub(super) fn all(inner: &Inner, facts: &Facts<'_>, decision: &Decision) -> Vec<String> {
    let selected = decision.selected();
    let alias = match &decision.reason().by {
        By::Alias(name) => Some(&**name),
        _ => None,
    };
    let sent = selected.model().map(|model| &**model);
    let names = [
        (Some(&*facts.model), "model"),
        (alias, "alias"),
        (sent, "the model that is sent"),
    ];
    // What it matches, besides the path.
    let matched = |entry: &Entry| {
        let means = |(name, _): &&(Option<&str>, _)| name.is_some_and(|name| entry.means(name));
        let (_, what) = names.iter().find(means)?;
        entry.rule.path.matches(facts.path).then_some(*what)
    };
    let obstacle = |entry: &Entry| {
        entry.turned_off(facts.format).or_else(|| {
            let leads = entry.targets.iter().flatten();
            let mut leads = leads.filter_map(|place| inner.target(*place));
            if entry.targets.is_some() && leads.all(|target| target.id() != selected.target().id())
            {
                return Some(format!("it does not lead to '{}'", selected.target().id()));
            }
            entry.other_format(selected.provider())
        })
    };
    let entries = inner.rules.iter();
    let matching =
        entries.filter(|entry| decision.rules().all(|rule| rule.id() != entry.rule.id()));
    let mut said: Vec<String> = matching
        .filter_map(|entry| {
            let what = matched(entry)?;
            Some(matches_but(entry, what, &obstacle(entry)?))
        })
        .collect();
    said.extend(switched_off(inner, facts));
    said
}

pub(super) fn matches_but(entry: &Entry, what: &str, obstacle: &str) -> String {
    format!(
        "Rule '{}' matches path and {what}, but {obstacle}.",
        entry.rule.id()
    )
}

/// Downstreams that would have the model if they were on.
pub(super) fn switched_off(inner: &Inner, facts: &Facts<'_>) -> impl Iterator<Item = String> {
    let has = |target: &&_| {
        let target: &Target = target;
        !target.enabled() && target.models().iter().any(|model| **model == *facts.model)
    };
    let off = inner.targets.iter().map(|target| &**target).filter(has);
    off.map(|target| {
        format!(
            "Downstream '{}' has the model, but is switched off.",
            target.id()
        )
    })
}

impl Entry {
    /// Whether it is for this model, or for all.
    pub(super) fn means(&self, model: &str) -> bool {
        let patterns = self.rule.models.as_ref();
        patterns.is_none_or(|patterns| patterns.iter().any(|pattern| pattern.matches(model)))
    }

    /// What keeps it from being asked at all.
    pub(super) fn turned_off(&self, client: ApiFormat) -> Option<String> {
        if !self.rule.enabled {
            return Some("is switched off".to_owned());
        }
        let formats = &self.rule.formats;
        (!formats.is_empty() && !formats.contains(&client)).then(|| {
            format!(
                "it is for callers of {} only, and this one speaks {client}",
                listed(formats)
            )
        })
    }

    fn other_format(&self, provider: ApiFormat) -> Option<String> {
        (!self.takes(provider)).then(|| {
            let formats = listed(&self.rule.downstream_formats);
            format!("it is for downstreams that are spoken to in {formats}, and this one is in {provider}")
        })
    }
}

pub(super) fn listed(items: &[impl Display]) -> String {
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    items.join(", ")
}
