//! The paths that rules name.

use std::sync::Arc;

use crate::format::ApiFormat;

use super::{Pattern, Rule, index::Index, names::ByName};

/// The paths that enabled rules name, exactly or by a pattern that is more than stars.
#[derive(Default)]
pub(super) struct NamedPaths {
    exact: ByName<Arc<str>, Named>,
    /// Only those that lead somewhere.
    patterns: Index<Vec<(Pattern, Named)>>,
}

/// What a rule says of a path that it names.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Named {
    /// The format to be expected there.
    pub(super) format: Option<ApiFormat>,
    /// Whether the rule names downstreams too.
    pub(super) leads: bool,
}

impl NamedPaths {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut paths = Self::default();
        for rule in rules.iter().filter(|rule| rule.enabled) {
            let format = match rule.formats.as_slice() {
                [format] => Some(*format),
                _ => None,
            };
            let leads = rule.leads().is_some();
            if let Some(path) = rule.path.as_exact() {
                let named = paths.exact.entry(Arc::clone(path)).or_default();
                named.format = named.format.or(format);
                named.leads |= leads;
            } else if leads && !rule.path.is_any() {
                for key in rule.path.keys() {
                    let named = Named { format, leads };
                    let patterns = paths.patterns.entry(key);
                    patterns.push((rule.path.clone(), named));
                }
            }
        }
        paths
    }

    pub(super) fn exact(&self, path: &str) -> Option<Named> {
        self.exact.get(path).copied()
    }

    /// What a rule says that names the path and where it leads.
    pub(super) fn leading(&self, path: &str) -> Option<Named> {
        let exact = self.exact(path).filter(|named| named.leads);
        exact.or_else(|| {
            let mut first = None;
            self.patterns.each(path, &mut |patterns| {
                let mut patterns = patterns.iter();
                let found = patterns.find(|(pattern, _)| pattern.matches(path));
                first = first.or(found.map(|(_, named)| *named));
            });
            first
        })
    }
}
