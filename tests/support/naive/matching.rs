//! Which rules match, and in what order.

use std::{cell::RefCell, collections::HashMap};

use regex::Regex;

use super::{Config, Rule};

/// How specific a pattern is: its kind, then how many bytes of it are literal.
type Kind = (u8, usize);

const ANY: Kind = (0, 0);

fn kind(pattern: &str) -> Kind {
    if is_any(pattern) {
        ANY
    } else if pattern.starts_with("re:") {
        (1, 0)
    } else if pattern.contains('*') {
        (2, pattern.replace('*', "").len())
    } else {
        (3, 0)
    }
}

/// Several stars are one.
pub(super) fn is_any(pattern: &str) -> bool {
    pattern.chars().all(|character| character == '*')
}

/// Whether a pattern means this name.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix("re:") {
        Some(expression) => full_match(expression, name),
        None => glob(pattern.as_bytes(), name.as_bytes()),
    }
}

fn glob(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|at| glob(rest, &name[at..])),
        Some((byte, rest)) => name.first() == Some(byte) && glob(rest, &name[1..]),
    }
}

fn full_match(expression: &str, name: &str) -> bool {
    thread_local! {
        static COMPILED: RefCell<HashMap<String, Regex>> = RefCell::default();
    }
    COMPILED.with_borrow_mut(|compiled| {
        let anchored = || Regex::new(&format!("^(?:{expression})$")).expect("a regular expression");
        let entry = compiled.entry(expression.to_owned());
        entry.or_insert_with(anchored).is_match(name)
    })
}

/// The rules that are on and match this path and one of these models, most specific first; their filters are not asked.
pub(super) fn matching<'a>(config: &'a Config, path: &str, models: &[&str]) -> Vec<&'a Rule> {
    let mut found = Vec::new();
    for rule in &config.rules {
        if !rule.enabled || !matches(&rule.path, path) {
            continue;
        }
        let mut best = None;
        if rule.models.is_none() {
            best = Some(ANY);
        }
        for pattern in rule.models.iter().flatten() {
            if models.iter().any(|model| matches(pattern, model)) {
                best = best.max(Some(kind(pattern)));
            }
        }
        if let Some(model) = best {
            found.push(((model, kind(&rule.path)), rule));
        }
    }
    // Stable: equals stay as declared.
    found.sort_by(|(one, _), (other, _)| other.cmp(one));
    found.into_iter().map(|(_, rule)| rule).collect()
}
