use std::collections::HashSet;

use super::{
    super::{Place, Problem},
    Parts,
};

/// What is odd about the targets that are on.
pub(super) fn lints(parts: &Parts<'_>) -> Vec<Problem> {
    let rules = parts.enabled_rules();
    let named = rules.flat_map(|(_, rule)| rule.downstream_ids());
    let options = parts.aliases.iter().flat_map(|alias| &alias.options);
    let named: HashSet<_> = named
        .chain(options.map(|option| &option.downstream))
        .collect();
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
        if lists_none && !named.contains(target.id()) {
            odd(format!(
                "no request can get to {}: it has no models, and no rule or alias names it",
                target.id()
            ));
        }
    }
    lints
}
