use crate::router::{
    Decision,
    chain::{Link, Omission},
    table::printable,
};

/// Where a request goes if its target fails, and where it does not although a rule says so.
pub(super) fn all(decision: &Decision, chain: &[Link<'_>]) -> Vec<String> {
    let inner = decision.table().inner();
    let Some(entry) = inner.falls_back(decision.shape()) else {
        return Vec::new();
    };
    let next = chain.iter().filter_map(|link| {
        let model = link.outcome.as_ref().ok()?.sent();
        let id = link.target.id();
        Some(if model.is_empty() {
            format!("'{id}'")
        } else {
            format!("'{id}' as '{}'", printable(&model))
        })
    });
    let next: Vec<String> = next.collect();
    let rule = entry.rule.id();
    let mut said = vec![match next.as_slice() {
        [] => format!("If that fails, nothing else is tried: rule '{rule}' says so."),
        next => format!(
            "If that fails, rule '{rule}' says what is next: {}.",
            next.join(", then ")
        ),
    }];
    said.extend(chain.iter().filter_map(left_out));
    said
}

/// Why a fallback is left out.
fn left_out(link: &Link<'_>) -> Option<String> {
    let why = match link.outcome.as_ref().err()? {
        Omission::Off => "it is switched off".to_owned(),
        Omission::First => "it is what is tried first".to_owned(),
        Omission::Repeated => "it comes earlier, under the same model name".to_owned(),
        Omission::NoName => format!(
            "it has {}, and neither the caller's name for the model nor the one that is sent first is among them",
            link.target.models().join(", ")
        ),
        Omission::Refused(error) => format!("there the caller would get an error: {error}"),
    };
    let why = why.trim_end_matches('.');
    Some(format!(
        "Fallback '{}' is left out: {why}.",
        link.target.id()
    ))
}
