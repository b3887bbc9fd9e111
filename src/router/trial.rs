//! Experiments of a table, and which arm a request gets.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;

use crate::{
    experiment::{
        Arms, AssignedBy, Assignment, Holdout, InvalidArms, Key, KeySource, Layer, Share, covers,
        key_of, needs_body, unit,
    },
    format::Operation,
};

use super::{Experiments, Facts, OutputModel, Split};

/// The experiments of a table, and what is said of all of them.
#[derive(Default)]
pub(super) struct Trials {
    pub(super) all: Vec<Trial>,
    holdout: Option<Holdout>,
    layers: Vec<Layer>,
}

/// One experiment.
pub(super) struct Trial {
    pub(super) name: Arc<str>,
    pub(super) keys: Vec<KeySource>,
    coverage: f64,
    /// Its layer, by place.
    layer: Option<usize>,
    /// The weights of the arms as they are now.
    pub(super) weights: ArcSwap<Weights>,
    /// As they were in the beginning.
    pub(super) declared: Arc<Weights>,
    /// In the order of the arms.
    pub(super) branches: Vec<Branch>,
}

/// Weights of arms as somebody has said them, and what they come to.
#[derive(PartialEq)]
pub(super) struct Weights {
    pub(super) said: Vec<f64>,
    pub(super) arms: Arms,
}

/// Where an arm leads.
pub(super) struct Branch {
    pub(super) id: Arc<str>,
    /// Place of the target.
    pub(super) target: usize,
    /// The name to send, if the arm says one.
    pub(super) model: Option<OutputModel>,
}

/// What was drawn.
pub(super) struct Draw {
    /// Place of the arm.
    pub(super) arm: usize,
    pub(super) assignment: Assignment,
}

impl Trials {
    /// What is said of all, for experiments yet to come.
    pub(super) fn new(said: &Experiments) -> Self {
        let layers = said.layers.iter();
        let layers = layers.filter_map(|layer| {
            let members = layer.members.iter().cloned();
            Layer::new(Arc::clone(&layer.id), members).ok()
        });
        Self {
            all: Vec::new(),
            holdout: Holdout::new(said.holdout).ok(),
            layers: layers.collect(),
        }
    }

    /// Takes in the experiment of this name; returns its place. An arm whose target is off is left out; `None` if there is no
    /// other.
    pub(super) fn add(
        &mut self,
        said: &Experiments,
        (name, split): (&Arc<str>, &Split),
        enabled: &HashMap<Arc<str>, usize>,
    ) -> Option<usize> {
        let on = |id: &Arc<str>| enabled.get(id).copied();
        let arms = split
            .arms
            .iter()
            .filter(|arm| on(&arm.downstream).is_some());
        let weights = arms.clone().map(|arm| (Arc::clone(&arm.id), arm.weight));
        let declared = Arc::new(Weights::new(name, weights.collect()).ok()?);
        let branches = arms.filter_map(|arm| {
            Some(Branch {
                id: Arc::clone(&arm.id),
                target: on(&arm.downstream)?,
                model: arm.output_model.clone(),
            })
        });
        let is_member = |layer: &Layer| {
            let mut layers = said.layers.iter().filter(|said| said.id == *layer.id());
            layers.any(|said| said.members.iter().any(|(member, _)| member == name))
        };
        self.all.push(Trial {
            name: Arc::clone(name),
            keys: split.keys.clone(),
            coverage: split.coverage,
            layer: self.layers.iter().position(is_member),
            weights: ArcSwap::new(Arc::clone(&declared)),
            declared,
            branches: branches.collect(),
        });
        Some(self.all.len() - 1)
    }

    pub(super) fn named(&self, name: &str) -> Option<&Trial> {
        self.all.iter().find(|trial| *trial.name == *name)
    }

    /// Which arm of the experiment at this place a request gets, of those that can serve it. `None` if none can, or all
    /// that can have weight 0.
    pub(super) fn draw(
        &self,
        trial: usize,
        facts: &Facts<'_>,
        serves: impl Fn(&Branch) -> bool,
    ) -> Option<Draw> {
        let trial = self.all.get(trial)?;
        let serving: Vec<bool> = trial.branches.iter().map(serves).collect();
        let serves = |arm: usize| serving.get(arm).copied().unwrap_or_default();
        let control = serving.iter().position(|serves| *serves)?;
        let weights = trial.weights.load();
        let key = key_of(&trial.keys, &facts.draws());
        let unit = unit(&trial.name, &key.bytes);
        let shares = || shares_among(weights.arms.shares(), serves);
        let (arm, by, shares) = if let Some(arm) = trial.chosen(facts).filter(|arm| serves(*arm)) {
            (arm, AssignedBy::Override, shares())
        } else if let Some(kept) = facts.kept.as_ref().filter(|kept| kept.unit == unit)
            && let Some(arm) = trial.kept(kept).filter(|arm| serves(*arm))
        {
            // Who was kept out then takes no part now.
            let is_drawn = kept.by.is_drawn();
            let by = if is_drawn { AssignedBy::Loop } else { kept.by };
            (arm, by, Arc::clone(&kept.arms))
        } else if let Some(by) = self.keeps_out(trial, &key) {
            (control, by, shares())
        } else {
            let arm = weights.arms.draw_among(&key.bytes, serves)?;
            (arm, key.by, shares())
        };
        let id = Arc::clone(&trial.branches.get(arm)?.id);
        Some(Draw {
            arm,
            assignment: Assignment::new(Arc::clone(&trial.name), id, by, unit, shares),
        })
    }

    /// Why a key takes no part.
    fn keeps_out(&self, trial: &Trial, key: &Key) -> Option<AssignedBy> {
        let layer = trial.layer.and_then(|layer| self.layers.get(layer));
        let is_held = self
            .holdout
            .is_some_and(|holdout| holdout.holds(&key.bytes));
        if is_held {
            Some(AssignedBy::Holdout)
        } else if layer.is_some_and(|layer| layer.member(&key.bytes) != Some(&trial.name)) {
            Some(AssignedBy::Layer)
        } else if covers(&trial.name, trial.coverage, &key.bytes) {
            None
        } else {
            Some(AssignedBy::Coverage)
        }
    }
}

impl Weights {
    pub(super) fn new(
        experiment: &Arc<str>,
        weights: Vec<(Arc<str>, f64)>,
    ) -> Result<Self, InvalidArms> {
        let said = weights.iter().map(|(_, weight)| *weight).collect();
        let arms = Arms::new(Arc::clone(experiment), weights)?;
        Ok(Self { said, arms })
    }
}

impl Trial {
    /// The place of the arm of this id.
    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.branches.iter().position(|branch| *branch.id == *id)
    }

    /// The place of the arm that somebody has chosen.
    fn chosen(&self, facts: &Facts<'_>) -> Option<usize> {
        let chosen = facts.arm.as_ref()?;
        let mut meant = chosen.experiment().into_iter();
        let is_meant = meant.all(|experiment| *experiment == self.name);
        is_meant.then(|| self.place(chosen.arm())).flatten()
    }

    /// The place of the arm of an earlier assignment.
    fn kept(&self, kept: &Assignment) -> Option<usize> {
        let is_own = kept.experiment == self.name;
        is_own.then(|| self.place(&kept.arm)).flatten()
    }

    /// Whether it looks into the body of a request: for the key, or to see whether it has to do with tools.
    pub(super) fn reads_body(&self, facts: &Facts<'_>) -> bool {
        facts.operation == Operation::Generate
            || needs_body(&self.keys, facts.headers, facts.subject)
    }
}

/// What each arm gets of the requests that only these can serve.
fn shares_among(shares: &Arc<[Share]>, serves: impl Fn(usize) -> bool) -> Arc<[Share]> {
    let all = || shares.iter().enumerate();
    if all().all(|(arm, _)| serves(arm)) {
        return Arc::clone(shares);
    }
    let share = |(arm, share): (usize, &Share)| if serves(arm) { share.share } else { 0.0 };
    let sum: f64 = all().map(share).sum();
    let part = |each: (usize, &Share)| if sum > 0.0 { share(each) / sum } else { 0.0 };
    all()
        .map(|each| Share::new(Arc::clone(&each.1.arm), part(each)))
        .collect()
}
