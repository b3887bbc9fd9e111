use std::sync::Arc;

use crate::{
    context::Selected,
    format::{ApiFormat, Operation},
    target::Target,
    translate::Outlook,
};

use super::{
    super::{Place, Problem, Rule},
    Parts,
};

/// Fallbacks to which no request ever goes.
pub(super) fn lints(parts: &Parts<'_>) -> Vec<Problem> {
    let mut lints = Vec::new();
    for (place, rule) in parts.enabled_rules() {
        for (at, fallback) in rule.fallbacks().iter().enumerate() {
            let id = &fallback.downstream;
            let Some(target) = parts.by_id.get(&**id) else {
                continue;
            };
            let reason = if target.enabled() {
                cannot_be_asked(rule, target)
            } else {
                Some("it is off".to_owned())
            };
            if let Some(reason) = reason {
                lints.push(Problem {
                    place: Place::Fallback {
                        rule: place,
                        fallback: at,
                    },
                    message: format!("fallback {id} is left out: {reason}"),
                });
            }
        }
    }
    lints
}

/// It speaks another format than all callers of the rule, and in that it can't be asked what they ask.
fn cannot_be_asked(rule: &Rule, target: &Target) -> Option<String> {
    let target = Arc::new(target.clone());
    let asked = asked(rule);
    let is_refused = |(client, operation): &_| {
        let selected = Selected::new(Arc::clone(&target), *client).with_operation(*operation);
        Outlook::refusal(&selected).is_some()
    };
    let (client, _) = asked.first().filter(|_| asked.iter().all(is_refused))?;
    let provider = target.format_for(*client);
    Some(match rule.path.as_exact() {
        Some(path) => {
            format!("what callers at {path} ask in {client} can't be asked in {provider}")
        }
        None => format!("there is no translation from {client} to {provider}"),
    })
}

/// What is asked in which format, as far as the rule says it. What can be asked at all can be asked for an answer.
fn asked(rule: &Rule) -> Vec<(ApiFormat, Operation)> {
    let path = rule.path.as_exact();
    if let Some((format, call)) = path.and_then(|path| ApiFormat::detect(path)) {
        return vec![(format, call.operation)];
    }
    let clients = match rule.formats.as_slice() {
        [] => ApiFormat::BUILT_IN,
        formats => formats,
    };
    let asked = clients.iter().map(|client| (*client, Operation::Generate));
    asked.collect()
}
