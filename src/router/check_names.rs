use std::sync::Arc;

use crate::target::Target;

use super::{Alias, ArmPart, OutputModel, Place, Problem, Rule, check_split::splits};

/// All that is wrong with the model names that downstreams have or get: no request may say one with control characters.
/// Most likely a line ends in it that should not.
pub(super) fn problems(targets: &[Target], rules: &[Rule], aliases: &[Alias]) -> Vec<Problem> {
    let names = listed(targets)
        .chain(by_rules(rules))
        .chain(by_aliases(aliases))
        .chain(by_arms(rules, aliases));
    let wrong = names.filter(|(_, name)| name.chars().any(char::is_control));
    let problem = |(place, name): (Place, &Arc<str>)| Problem {
        place,
        message: format!("the model {name:?} has control characters"),
    };
    wrong.map(problem).collect()
}

type Named<'a> = (Place, &'a Arc<str>);

fn listed(targets: &[Target]) -> impl Iterator<Item = Named<'_>> {
    let targets = targets.iter().enumerate();
    targets.flat_map(|(place, target)| {
        let models = target.models().iter();
        models.map(move |model| (Place::Target(place), model))
    })
}

fn by_rules(rules: &[Rule]) -> impl Iterator<Item = Named<'_>> {
    rules.iter().enumerate().flat_map(|(rule, said)| {
        let own = named(said.output_model.as_ref()).map(|model| (Place::Rule(rule), model));
        let fallbacks = said.fallbacks.iter().flatten().enumerate();
        let fallbacks = fallbacks.filter_map(move |(fallback, said)| {
            let model = named(said.output_model.as_ref())?;
            Some((Place::Fallback { rule, fallback }, model))
        });
        own.into_iter().chain(fallbacks)
    })
}

fn by_aliases(aliases: &[Alias]) -> impl Iterator<Item = Named<'_>> {
    aliases.iter().enumerate().flat_map(|(alias, said)| {
        let options = said.options.iter().enumerate();
        options.map(move |(option, said)| (Place::AliasOption { alias, option }, &said.model))
    })
}

fn by_arms<'a>(rules: &'a [Rule], aliases: &'a [Alias]) -> impl Iterator<Item = Named<'a>> {
    splits(rules, aliases).flat_map(|(of, _, split)| {
        let arms = split.arms.iter().enumerate();
        arms.filter_map(move |(arm, said)| {
            let part = ArmPart::Model;
            Some((
                Place::Arm { of, arm, part },
                named(said.output_model.as_ref())?,
            ))
        })
    })
}

fn named(model: Option<&OutputModel>) -> Option<&Arc<str>> {
    match model {
        Some(OutputModel::Named(model)) => Some(model),
        _ => None,
    }
}
