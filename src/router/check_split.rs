use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::{
    experiment::{Arms, InvalidArms},
    target::Target,
};

use super::{
    Alias, Arm, ArmPart, Holder, Pattern, Place, Problem, Rule, Split, check::sent_name,
    split::implied_model,
};

/// All experiments, each with what it stands in and its name.
pub(super) fn splits<'a>(
    rules: &'a [Rule],
    aliases: &'a [Alias],
) -> impl Iterator<Item = (Holder, &'a Arc<str>, &'a Split)> {
    let in_rules = rules
        .iter()
        .enumerate()
        .filter_map(|(place, rule)| Some((Holder::Rule(place), rule.experiment()?, rule.split()?)));
    let in_aliases = aliases.iter().enumerate().filter_map(|(place, alias)| {
        Some((Holder::Alias(place), alias.experiment()?, alias.split()?))
    });
    in_rules.chain(in_aliases)
}

/// All that is wrong with the experiments of rules and aliases.
pub(super) fn problems(targets: &[Target], rules: &[Rule], aliases: &[Alias]) -> Vec<Problem> {
    let by_id = targets.iter().map(|target| (target.id(), target));
    let by_id: HashMap<_, _> = by_id.collect();
    let mut problems = Vec::new();
    let mut names = HashSet::new();
    for (of, name, split) in splits(rules, aliases) {
        let is_on = is_on(rules, of);
        let mut wrong = |message| {
            let place = Place::Split(of);
            problems.push(Problem { place, message });
        };
        if is_on && !names.insert(name) {
            wrong(format!("another experiment has the name {name:?} too"));
        }
        of_whole(split).for_each(&mut wrong);
        if let Holder::Alias(place) = of
            && aliases
                .get(place)
                .is_some_and(|alias| !alias.options().is_empty())
        {
            wrong("an alias has options or a split, and not both".to_owned());
        }
        for (arm, said) in split.arms.iter().enumerate() {
            let target = by_id.get(&said.downstream).copied();
            let unnamed = || unnamed((rules, aliases), of, said, target.filter(|_| is_on)?);
            let found = [
                (ArmPart::Id, wrong_id(split, arm, said)),
                (ArmPart::Downstream, unknown(said, target)),
                (ArmPart::Downstream, unnamed()),
                (ArmPart::Weight, wrong_weight(said)),
            ];
            let found = found.into_iter().filter_map(|(part, message)| {
                let place = Place::Arm { of, arm, part };
                Some(Problem {
                    place,
                    message: message?,
                })
            });
            problems.extend(found);
        }
    }
    problems
}

fn is_on(rules: &[Rule], of: Holder) -> bool {
    match of {
        Holder::Rule(place) => rules.get(place).is_some_and(|rule| rule.enabled),
        Holder::Alias(_) => true,
    }
}

/// What is wrong with it as a whole.
fn of_whole(split: &Split) -> impl Iterator<Item = String> {
    let few = (split.arms.len() < 2).then(|| {
        let arms = split.arms.len();
        format!("an experiment compares two arms or more, and this one has {arms}")
    });
    let idle = !split.arms.is_empty() && split.arms.iter().all(|arm| arm.weight == 0.0);
    let idle = idle.then(|| "all weights are 0, so that no arm gets anything".to_owned());
    let coverage = !(0.0..=1.0).contains(&split.coverage);
    let coverage = coverage.then(|| "a coverage is from 0 to 1, or to 100%".to_owned());
    few.into_iter().chain(idle).chain(coverage)
}

fn wrong_id(split: &Split, at: usize, arm: &Arm) -> Option<String> {
    let id = &arm.id;
    if split.arms.iter().take(at).any(|earlier| earlier.id == *id) {
        return Some(format!("another arm has the id {id:?} too"));
    }
    // A header has to name it.
    let is_odd = |each: char| each.is_control() || each == '=';
    let is_odd = id.trim() != &**id || id.is_empty() || id.contains(is_odd);
    is_odd.then(|| {
        "an arm's id is a word, without \"=\" in it, or control characters, or spaces around it"
            .to_owned()
    })
}

fn unknown(arm: &Arm, target: Option<&Target>) -> Option<String> {
    let unknown = || format!("unknown downstream {:?}", arm.downstream);
    target.is_none().then(unknown)
}

fn wrong_weight(arm: &Arm) -> Option<String> {
    match Arms::new("", [(Arc::clone(&arm.id), arm.weight)]) {
        Err(InvalidArms::Weight(..)) => Some("a weight is 0, or from 1e-9 to 1e9".to_owned()),
        _ => None,
    }
}

/// What is unclear of the model name that an arm gets. Who names no models names none that it could be.
fn unnamed(
    (rules, aliases): (&[Rule], &[Alias]),
    of: Holder,
    arm: &Arm,
    target: &Target,
) -> Option<String> {
    if arm.output_model.is_some() {
        return None;
    }
    let (who, models): (_, &[Pattern]) = match of {
        Holder::Rule(place) => {
            let rule = rules.get(place)?;
            if rule.output_model.is_some() {
                return None;
            }
            ("rule", rule.models.as_deref()?)
        }
        Holder::Alias(place) => ("alias", std::slice::from_ref(&aliases.get(place)?.pattern)),
    };
    let is_implied = |model: &Pattern| {
        let name = model.as_exact();
        name.is_some_and(|name| implied_model(target, name, true).is_some())
    };
    let mut unclear = models.iter().filter(|model| !is_implied(model));
    let reason = unclear.find_map(|model| sent_name(model, target).err())?;
    Some(format!("the {who} {reason}; say output_model"))
}
