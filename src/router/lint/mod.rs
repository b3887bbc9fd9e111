//! What is legal and yet looks like a mistake. Whoever can mean it is not bothered: better no lint than a false one.

mod alias;
mod fallback;
mod owner;
mod price;
mod rule;
mod split;
mod target;

use std::{collections::HashMap, sync::Arc};

use crate::target::Target;

use super::{Alias, Experiments, Problem, Rule, build::owners, names::ByName};

/// The parts of a table, without errors.
struct Parts<'a> {
    targets: &'a [Target],
    rules: &'a [Rule],
    aliases: &'a [Alias],
    experiments: &'a Experiments,
    by_id: HashMap<&'a str, &'a Target>,
    /// Targets that are on, by the models they list.
    owners: ByName<Arc<str>, Vec<usize>>,
}

/// All that looks like a mistake in these.
pub(super) fn lints(
    targets: &[Target],
    rules: &[Rule],
    aliases: &[Alias],
    experiments: &Experiments,
) -> Vec<Problem> {
    let by_id = targets.iter().map(|target| (&**target.id(), target));
    let parts = Parts {
        targets,
        rules,
        aliases,
        experiments,
        by_id: by_id.collect(),
        owners: owners(targets),
    };
    let of = [
        target::lints,
        owner::lints,
        price::lints,
        rule::lints,
        fallback::lints,
        alias::lints,
        split::lints,
    ];
    of.iter().flat_map(|lints| lints(&parts)).collect()
}

impl<'a> Parts<'a> {
    fn is_on(&self, id: &str) -> bool {
        self.by_id.get(id).is_some_and(|target| target.enabled())
    }

    fn enabled_rules(&self) -> impl Iterator<Item = (usize, &'a Rule)> {
        let rules = self.rules.iter().enumerate();
        rules.filter(|(_, rule)| rule.enabled)
    }

    /// The ids of those who own a model.
    fn owners_of(&self, model: &str) -> Vec<&'a str> {
        let owners = self.owners.get(model).into_iter().flatten();
        let owners = owners.filter_map(|owner| self.targets.get(*owner));
        owners.map(|target| &**target.id()).collect()
    }
}

impl Rule {
    /// The names of its models, if all are exact.
    fn exact_models(&self) -> Option<Vec<&Arc<str>>> {
        let models = self.models.as_ref()?.iter();
        models.map(|model| model.as_exact()).collect()
    }

    /// The ids of its downstreams; none if it does not say.
    fn downstream_ids(&self) -> Vec<&str> {
        let ids = self.leads().unwrap_or_default().into_iter();
        ids.map(|id| &**id).collect()
    }
}
