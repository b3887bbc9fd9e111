use std::collections::HashSet;

use crate::experiment::Layer;

use super::{
    Alias, Experiments, Place, Problem, Rule, check_split::splits, experiments::ExperimentLayer,
};

/// All that is wrong with what is said of all experiments together.
pub(super) fn problems(
    rules: &[Rule],
    aliases: &[Alias],
    experiments: &Experiments,
) -> Vec<Problem> {
    let known = splits(rules, aliases).map(|(_, name, _)| name);
    let known: HashSet<_> = known.collect();
    let mut problems = Vec::new();
    if !(0.0..=1.0).contains(&experiments.holdout) {
        let message = "a holdout is from 0 to 1, or to 100%".to_owned();
        let place = Place::Holdout;
        problems.push(Problem { place, message });
    }
    let (mut ids, mut placed) = (HashSet::new(), HashSet::new());
    for (layer, said) in experiments.layers.iter().enumerate() {
        let mut wrong = |place, message| problems.push(Problem { place, message });
        if !ids.insert(&said.id) {
            let message = format!("another layer has the name {:?} too", said.id);
            wrong(Place::Layer(layer), message);
        }
        for (member, (name, share)) in said.members.iter().enumerate() {
            let place = Place::LayerMember { layer, member };
            if !known.contains(name) {
                wrong(place, format!("unknown experiment {name:?}"));
            } else if !placed.insert(name) {
                wrong(place, format!("{name:?} is in a layer already"));
            } else if !(0.0..=1.0).contains(share) {
                wrong(place, "a share is from 0 to 1, or to 100%".to_owned());
            }
        }
        if let Some(message) = overfull(said) {
            wrong(Place::Layer(layer), message);
        }
    }
    problems
}

fn overfull(layer: &ExperimentLayer) -> Option<String> {
    use crate::experiment::InvalidLayer::Overfull;
    match Layer::new(layer.id.clone(), layer.members.iter().cloned()) {
        Err(Overfull(sum)) => Some(format!(
            "the shares of {:?} come to {}%, and there are no more than 100%",
            layer.id,
            (sum * 1e4).round() / 1e2
        )),
        _ => None,
    }
}
