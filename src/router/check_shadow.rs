use std::collections::HashMap;

use crate::target::{Auth, Target};

use super::{
    Alias, Place, Problem, Rule, Shadow,
    check_fallback::{is_first, is_no_other, renames, unnamed},
};

/// All that is wrong with what rules say of copies.
pub(super) fn problems(targets: &[Target], rules: &[Rule], aliases: &[Alias]) -> Vec<Problem> {
    let by_id = targets.iter().map(|target| (target.id(), target));
    let by_id: HashMap<_, _> = by_id.collect();
    let renames = renames(targets, rules, aliases);
    let mut problems = Vec::new();
    for (place, rule) in rules.iter().enumerate() {
        let Some(shadow) = &rule.shadow else { continue };
        let found = match by_id.get(&shadow.downstream) {
            None => Some(format!("unknown downstream {:?}", shadow.downstream)),
            Some(target) => unfit(target).or_else(|| {
                let fallback = rule.enabled.then(|| shadow.as_fallback())?;
                let is_first = is_first(rule, &fallback).then(|| is_no_other(target.id()));
                is_first.or_else(|| unnamed(rule, &fallback, target, &renames))
            }),
        };
        let found = numbers(shadow).into_iter().chain(found);
        problems.extend(found.map(|message| Problem {
            place: Place::Shadow(place),
            message,
        }));
    }
    problems
}

fn numbers(shadow: &Shadow) -> Option<String> {
    if !(0.0..=1.0).contains(&shadow.sample) {
        return Some("\"sample\" is a part of the requests, from 0 to 1".to_owned());
    }
    if shadow.max_in_flight == 0 || shadow.timeout.is_zero() {
        return Some("there would be no copies; leave the shadow out".to_owned());
    }
    None
}

/// Why a downstream gets no copies.
fn unfit(target: &Target) -> Option<String> {
    let id = target.id();
    if target.is_handler() {
        return Some(format!(
            "{id:?} is the host's own handler, which gets no copies"
        ));
    }
    (target.auth() == Some(&Auth::ForwardClient))
        .then(|| format!("{id:?} gets the caller's own credential, and no caller pays for copies"))
}
