use std::collections::{HashMap, HashSet};

use crate::target::Target;

use super::{Alias, Place, Problem, build::owners};

/// All that is wrong with these aliases.
pub(super) fn problems(targets: &[Target], aliases: &[Alias]) -> Vec<Problem> {
    let mut problems = options(targets, aliases);
    problems.extend(names(targets, aliases));
    problems
}

/// Each option needs an id of its own and a downstream that is there.
fn options(targets: &[Target], aliases: &[Alias]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let downstreams: HashSet<_> = targets.iter().map(Target::id).collect();
    let mut seen = HashSet::new();
    for (alias, of) in aliases.iter().enumerate() {
        if of.options.is_empty() && of.split.is_none() {
            problems.push(Problem {
                place: Place::Alias(alias),
                message: "an alias needs at least one option".to_owned(),
            });
        }
        for (option, said) in of.options.iter().enumerate() {
            if !seen.insert(&said.id) {
                problems.push(Problem {
                    place: Place::AliasOption { alias, option },
                    message: format!("another option of an alias has the id {:?} too", said.id),
                });
            }
            if !downstreams.contains(&said.downstream) {
                problems.push(Problem {
                    place: Place::AliasDownstream { alias, option },
                    message: format!("unknown downstream {:?}", said.downstream),
                });
            }
        }
    }
    problems
}

/// A name stands for one alias, and an announced one for nothing that would be reached without it.
fn names(targets: &[Target], aliases: &[Alias]) -> Vec<Problem> {
    let owners = owners(targets);
    let mut taken: HashMap<&str, &'static str> = HashMap::new();
    let mut problems = Vec::new();
    for (place, alias) in aliases.iter().enumerate() {
        if taken.insert(&alias.name, "another alias").is_some() {
            problems.push(Problem {
                place: Place::Alias(place),
                message: format!("another alias has the name {:?} too", alias.name),
            });
        }
    }
    for (place, alias) in aliases.iter().enumerate() {
        if alias.pattern.as_exact().is_some() && !alias.announced.is_empty() {
            problems.push(Problem {
                place: Place::Alias(place),
                message: "an exact alias has nothing to announce but its name".to_owned(),
            });
            continue;
        }
        for (at, name) in alias.announced.iter().enumerate() {
            let mut wrong = |message| {
                let place = Place::Announced {
                    alias: place,
                    name: at,
                };
                problems.push(Problem { place, message });
            };
            if !alias.pattern.matches(name) {
                wrong(format!("announces {name:?}, which it does not match"));
            }
            if owners.contains_key(name) {
                wrong(format!("announces {name:?}, which a downstream has"));
            }
            if let Some(who) = taken.insert(name, "another announced name") {
                wrong(format!("announces {name:?}, which is {who}"));
            }
        }
    }
    problems
}
