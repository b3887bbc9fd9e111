use std::sync::Arc;

use crate::router::{
    Decision, Facts, Legs, ModelSource, Supplier,
    chain::Link,
    decision::{By, Reason},
    table::{Inner, printable},
};

use super::{experiment, left_out, next};

/// Why a request goes where it goes, and what happens to it on the way if it is sent.
pub(super) fn all(
    facts: &Facts<'_>,
    decision: &Decision,
    is_sent: bool,
    chain: &[Link<'_>],
) -> Vec<String> {
    let inner = decision.table().inner();
    let mut why = vec![
        resolved(inner, facts, decision),
        named(inner, facts, decision),
        spoken(facts, decision),
    ];
    if let Some(drawn) = decision.assignment() {
        why.extend(experiment::all(inner, drawn));
    }
    let named_by = match facts.model_from {
        ModelSource::Path => Some("The path names the model."),
        ModelSource::Header => Some("The header x-llm-model names the model."),
        ModelSource::Form => Some("The form's field model names the model."),
        ModelSource::Body | ModelSource::Nowhere => None,
    };
    why.extend(named_by.map(str::to_owned));
    if is_sent {
        why.extend(translated(&decision.legs()));
    }
    let base = decision
        .selected()
        .target()
        .base_url(decision.selected().provider());
    match base {
        None => {
            why.push("The downstream is the handler that the gateway is in front of.".to_owned());
        }
        Some(base) if is_sent && base.query().is_some() => why.push(
            "The query of the downstream's base URL is sent too, and left out here.".to_owned(),
        ),
        Some(_) => {}
    }
    if is_sent {
        let endpoints = decision.selected().target().endpoints();
        why.extend((endpoints > 1).then(|| {
            format!(
                "Each attempt goes to one of its {endpoints} endpoints; the URL is the first one's."
            )
        }));
        why.extend(next::all(decision, chain));
    }
    why.extend(left_out::all(inner, facts, decision));
    why
}

/// By what the downstream was found.
fn resolved(inner: &Inner, facts: &Facts<'_>, decision: &Decision) -> String {
    if let Some(drawn) = decision.assignment() {
        return experiment::resolved(inner, facts, decision, drawn);
    }
    let model = printable(&facts.model);
    let target = decision.selected().target().id();
    let owners = owners(inner, facts);
    match &decision.reason().by {
        By::Alias(name) => {
            let option = inner.option(name, decision).unwrap_or_default();
            let others = if owners.is_empty() {
                "It comes before downstreams and rules.".to_owned()
            } else {
                format!(
                    "It comes before the downstreams that have the model ({}) and before rules.",
                    owners.join(", ")
                )
            };
            format!(
                "Alias '{name}' stands for '{model}', and its active option{option} leads to '{target}'. {others}"
            )
        }
        By::Owner { rule } => {
            let rule = rule.and_then(|rule| inner.rule_id(rule));
            match (owners.as_slice(), rule) {
                ([_], Some(rule)) => format!(
                    "'{target}' is the downstream that has '{model}', and rule '{rule}' leads there too."
                ),
                (_, Some(rule)) => format!(
                    "{} have '{model}'; rule '{rule}' chooses '{target}'.",
                    owners.join(", ")
                ),
                ([_], None) => format!("'{target}' is the downstream that has '{model}'."),
                (_, None) => format!(
                    "{} have '{model}'; no rule chooses between them, so the first is taken.",
                    owners.join(", ")
                ),
            }
        }
        By::Path(rule) => {
            let rule = inner.rule_id(*rule).cloned().unwrap_or_default();
            format!(
                "The request names no model. Rule '{rule}' names its path and leads to '{target}'."
            )
        }
        By::Rule(rule) => {
            let entry = inner.rules.get(*rule);
            let mut patterns = entry
                .iter()
                .flat_map(|entry| entry.rule.models.iter().flatten());
            let pattern = patterns.find(|pattern| pattern.matches(&facts.model));
            let pattern = pattern.map(ToString::to_string).unwrap_or_default();
            let rule = inner.rule_id(*rule).cloned().unwrap_or_default();
            format!(
                "No alias stands for '{model}' and no downstream has it. Rule '{rule}' names it ('{pattern}') and leads to '{target}'."
            )
        }
    }
}

fn owners(inner: &Inner, facts: &Facts<'_>) -> Vec<String> {
    let owners = inner.owners.get(&*facts.model).into_iter().flatten();
    let owners = owners.filter_map(|place| inner.target(*place));
    owners.map(|target| format!("'{}'", target.id())).collect()
}

/// Where the model name that is sent comes from.
fn named(inner: &Inner, facts: &Facts<'_>, decision: &Decision) -> String {
    let drawn = decision.assignment();
    if let Some(said) = drawn.and_then(|drawn| experiment::named(inner, facts, decision, drawn)) {
        return said;
    }
    let Reason { by, model_by } = decision.reason();
    let selected = decision.selected();
    let target = selected.target();
    let sent = selected
        .model()
        .map_or_else(|| printable(&facts.model), ToString::to_string);
    let model_by = model_by.and_then(|rule| inner.rule_id(rule));
    match (by, model_by) {
        (By::Path(_), _) => "No model is sent.".to_owned(),
        (By::Alias(_), _) => format!("The model sent is '{sent}', as the option says."),
        (_, Some(rule)) => {
            format!("The model sent is '{sent}', as the output model of rule '{rule}' says.")
        }
        (By::Owner { .. }, None) => format!("The model sent is '{sent}', as the caller says."),
        (By::Rule(_), None) if selected.model().is_some() => format!(
            "The model sent is '{sent}', the only one that '{}' has.",
            target.id()
        ),
        (By::Rule(_), None) => format!(
            "The model sent is '{sent}', as the caller says, for '{}' takes any.",
            target.id()
        ),
    }
}

/// Why the downstream is spoken to in this format.
fn spoken(facts: &Facts<'_>, decision: &Decision) -> String {
    let selected = decision.selected();
    let (target, caller, provider) = (selected.target(), facts.format, selected.provider());
    let id = target.id();
    match target.formats() {
        [] if caller == provider => {
            format!("'{id}' does not say what it speaks, and gets the caller's format, {caller}.")
        }
        [] => format!(
            "'{id}' does not say what it speaks, and gets what the translators of the rules make: {provider}."
        ),
        _ if caller == provider => format!("'{id}' speaks {caller}, as the caller does."),
        [_] => format!("The caller speaks {caller}, and '{id}' speaks {provider} only."),
        formats => {
            let formats: Vec<_> = formats.iter().map(ToString::to_string).collect();
            format!(
                "The caller speaks {caller}, and '{id}' does not: of {}, {provider} is the nearest.",
                formats.join(", ")
            )
        }
    }
}

fn translated(legs: &Legs) -> Vec<String> {
    let ways = [("request", &legs.request), ("response", &legs.response)];
    let mut said = Vec::new();
    for (way, legs) in ways {
        said.extend(legs.iter().map(|leg| {
            let by = match leg.by {
                Supplier::Auto => "automatically",
                Supplier::Rule => "because a rule says so",
            };
            format!(
                "The {way} is translated from {} to {} {by}.",
                leg.from, leg.to
            )
        }));
    }
    let idle = |ids: &[Arc<str>], why: &str| {
        let said = ids.iter().map(|id| format!("'{id}' does nothing: {why}."));
        said.collect::<Vec<_>>()
    };
    said.extend(idle(
        &legs.deduplicated,
        "somebody else translates between these formats already",
    ));
    said.extend(idle(
        &legs.inert,
        "nothing here has to be translated as it translates",
    ));
    said
}

impl Inner {
    /// The option of an alias that was active when this was decided, by its id, to be put into a sentence.
    fn option(&self, alias: &str, decision: &Decision) -> Option<String> {
        let group = self
            .aliases
            .iter()
            .find(|group| **group.alias.name() == *alias)?;
        let selected = decision.selected();
        let mut options = group.alias.options().iter();
        let option = options.find(|option| {
            option.downstream == *selected.target().id()
                && selected.model().is_none_or(|model| *model == option.model)
        })?;
        Some(format!(" '{}'", option.id))
    }

    pub(super) fn rule_id(&self, place: usize) -> Option<&Arc<str>> {
        self.rules.get(place).map(|entry| entry.rule.id())
    }
}
