use std::collections::BTreeMap;

use super::{
    super::{Alias, Place, Problem, alias::Names},
    Parts,
};

/// What is odd about the aliases.
pub(super) fn lints(parts: &Parts<'_>) -> Vec<Problem> {
    let mut lints = left_out(parts);
    lints.extend(shadows(parts));
    lints
}

/// Options whose downstream is off.
fn left_out(parts: &Parts<'_>) -> Vec<Problem> {
    let mut lints = Vec::new();
    for (place, alias) in parts.aliases.iter().enumerate() {
        if !parts.leads_somewhere(alias) {
            lints.push(Problem {
                place: Place::Alias(place),
                message: format!(
                    "alias {} stands for nothing: the downstreams of all its {} are off",
                    alias.name,
                    if alias.split.is_some() {
                        "arms"
                    } else {
                        "options"
                    }
                ),
            });
            continue;
        }
        for (option, said) in alias.options.iter().enumerate() {
            if !parts.is_on(&said.downstream) {
                lints.push(Problem {
                    place: Place::AliasDownstream {
                        alias: place,
                        option,
                    },
                    message: format!(
                        "option {} is left out: downstream {} is off",
                        said.id, said.downstream
                    ),
                });
            }
        }
    }
    lints
}

/// Aliases that take a model from all who have it, or from a rule that names it.
fn shadows(parts: &Parts<'_>) -> Vec<Problem> {
    let aliases = parts.aliases.iter().enumerate();
    let aliases: Vec<_> = aliases
        .filter(|(_, alias)| parts.leads_somewhere(alias))
        .collect();
    let names = Names::new(aliases.iter().map(|(_, alias)| *alias));
    let mut lints = Vec::new();
    for (name, (who, ids)) in routes(parts) {
        let alias = names.get(name).and_then(|place| aliases.get(place));
        let Some((place, alias)) = alias else {
            continue;
        };
        // One that leads there too is meant to choose.
        if alias.leads().any(|id| ids.contains(&&**id)) {
            continue;
        }
        lints.push(Problem {
            place: Place::Alias(*place),
            message: format!("alias {} takes {name} from {who}", alias.name),
        });
    }
    lints
}

/// The names that lead somewhere without an alias: by whom, and to which downstreams.
fn routes<'a>(parts: &'a Parts<'_>) -> BTreeMap<&'a str, (String, Vec<&'a str>)> {
    let mut routes = BTreeMap::new();
    for model in parts.owners.keys() {
        let owners = parts.owners_of(model);
        routes.insert(&**model, (owners.join(", "), owners));
    }
    for (_, rule) in parts.enabled_rules() {
        let ids = rule.downstream_ids();
        let models = rule.models.iter().flatten();
        for model in models.filter_map(|model| model.as_exact()) {
            if !ids.is_empty() {
                let by_rule = || (format!("rule {}", rule.id), Vec::new());
                let (_, known) = routes.entry(&**model).or_insert_with(by_rule);
                known.extend(&ids);
            }
        }
    }
    routes
}

impl Parts<'_> {
    fn leads_somewhere(&self, alias: &Alias) -> bool {
        alias.leads().any(|id| self.is_on(id))
    }
}
