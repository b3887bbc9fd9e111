//! Which arm of an experiment a request gets.

mod aliases;
mod arms;
mod bodies;
mod chosen;
mod lints;
mod loops;
mod rows;
mod sentences;
mod weights;

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderValue};
use tower_llm_gateway::{
    experiment::{AssignedBy, Assignment},
    format::ApiFormat,
    router::{Facts, Table},
};

use crate::support::*;

/// How many keys a row of the table asks for.
pub(crate) const KEYS: u32 = 10_000;

/// Two downstreams without models, `a` and `b`, and experiments between them: `key` and so on of each, by the model
/// that it is for, which is its name too.
pub(crate) fn splits(document: &str, splits: &[(&str, &str)]) -> Table {
    let rule = |(model, split): &(&str, &str)| {
        format!(
            "- {{id: {model}, pattern_path: {CHAT}, pattern_model: {model}, split: {{{split}}}}}\n"
        )
    };
    let rules: String = splits.iter().map(rule).collect();
    table(&[&format!(
        "{document}\ndownstreams:\n- {{id: a, base_url: https://a}}\n- {{id: b, base_url: https://b}}\nrules:\n{rules}"
    )])
}

/// Arms `a` and `b` with these weights, drawn by a header.
pub(crate) fn halves(a: &str, b: &str) -> String {
    format!(
        "key: ['header:x-session-id'], arms: [{{id: a, downstream: a, weight: {a}}}, {{id: b, downstream: b, weight: {b}}}]"
    )
}

/// The experiment `chat` between `a` and `b`.
pub(crate) fn chat(a: &str, b: &str) -> Table {
    splits("", &[("chat", &halves(a, b))])
}

pub(crate) fn session(key: u32) -> HeaderMap {
    let value = HeaderValue::from(key);
    [("x-session-id".parse().unwrap(), value)]
        .into_iter()
        .collect()
}

pub(crate) fn facts<'a>(model: &'a str, headers: &'a HeaderMap) -> Facts<'a> {
    Facts::new(CHAT, ApiFormat::OPENAI, model, headers)
}

pub(crate) fn assigned(table: &Table, facts: &Facts<'_>) -> Assignment {
    let decision = table.decide(facts).unwrap();
    let assignment = decision
        .assignment()
        .expect("an experiment decides")
        .clone();
    // No arm of these tests is called other than where it leads.
    let target = decision.selected().target().id();
    assert!(
        assignment.arm.starts_with(&**target),
        "{assignment:?} to {target}"
    );
    assignment
}

/// The arm of each session, as far as this many are concerned.
pub(crate) fn arms_of(table: &Table, model: &str) -> Vec<Assignment> {
    let arm = |key: u32| assigned(table, &facts(model, &session(key)));
    (0..KEYS).map(arm).collect()
}

pub(crate) fn names(assigned: &[Assignment]) -> Vec<&str> {
    assigned.iter().map(|assigned| &*assigned.arm).collect()
}

pub(crate) fn counts<'a>(of: impl IntoIterator<Item = &'a str>) -> BTreeMap<&'a str, f64> {
    let mut counts = BTreeMap::new();
    for name in of {
        *counts.entry(name).or_default() += 1.0;
    }
    counts
}

/// Pearson's chi-square of what was counted against what each should get.
pub(crate) fn chi_square(counted: &BTreeMap<&str, f64>, expected: &[(&str, f64)]) -> f64 {
    let total: f64 = counted.values().sum();
    let weights: f64 = expected.iter().map(|(_, weight)| weight).sum();
    let distance = |(name, weight): &(&str, f64)| {
        let expected = total * weight / weights;
        let counted = counted.get(name).copied().unwrap_or_default();
        (counted - expected).powi(2) / expected
    };
    expected.iter().map(distance).sum()
}

/// What chi-square is above with p = 0.001, by degrees of freedom.
pub(crate) const RARE: [f64; 4] = [0.0, 10.828, 13.816, 16.266];
