use std::{collections::HashSet, sync::Arc};

use crate::format::{ApiFormat, Operation};

use super::{
    super::{Alias, Place, Problem, Rule, Split},
    Parts,
};

/// What is odd about the targets that are on.
pub(super) fn lints(parts: &Parts<'_>) -> Vec<Problem> {
    let rules = parts.enabled_rules().map(|(_, rule)| rule);
    let rules = rules.filter(|rule| rule.can_route());
    let named = rules.flat_map(Rule::downstream_ids);
    let aliases = parts.aliases.iter().flat_map(Alias::leads);
    let arms = parts
        .enabled_rules()
        .filter_map(|(_, rule)| rule.split.as_ref());
    let arms = arms.flat_map(Split::downstreams);
    let fallbacks = parts.enabled_rules().flat_map(|(_, rule)| rule.fallbacks());
    let others = aliases.chain(arms);
    let others = others.chain(fallbacks.map(|fallback| &fallback.downstream));
    let named: HashSet<&str> = named.chain(others.map(|id| &**id)).collect();
    let mut lints = Vec::new();
    for (place, target) in parts.targets.iter().enumerate() {
        let mut odd = |message: String| {
            let place = Place::Target(place);
            lints.push(Problem { place, message });
        };
        if !target.enabled() {
            continue;
        }
        if let Some(host) = target.exposed_host() {
            odd(format!(
                "{host} is called by plain http: keys and prompts can be read on the way"
            ));
        }
        let lists_none = target.models().iter().all(|model| &**model == "*");
        if lists_none && !named.contains(&**target.id()) {
            odd(format!(
                "no request can get to {}: it has no models, and no alias or rule that names models leads to it",
                target.id()
            ));
        }
    }
    lints
}

impl Rule {
    /// Whether it can lead somewhere what nobody owns: it names models, or a path where requests may be without.
    fn can_route(&self) -> bool {
        let demands_model = |path: &Arc<str>| {
            let operation = ApiFormat::detect(path).map(|(_, call)| call.operation);
            matches!(
                operation,
                Some(Operation::Generate | Operation::CountTokens)
            )
        };
        self.models.is_some()
            || !self.path.is_any() && !self.path.as_exact().is_some_and(demands_model)
    }
}
