//! Weights of arms that are changed while requests come in.

use std::{collections::HashMap, fmt, sync::Arc};

use crate::experiment::{InvalidArms, Share};

use super::{
    Table,
    table::Inner,
    trial::{Trial, Trials, Weights},
};

impl Table {
    /// The experiments by name, each with what its arms get now. Arms whose downstream is off are left out.
    pub fn experiments(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, Arc<[Share]>)> {
        let trials = self.inner().trials.all.iter();
        trials.map(|trial| (&trial.name, Arc::clone(trial.weights.load().arms.shares())))
    }
}

impl Inner {
    pub(super) fn set_weights(
        &self,
        experiment: &str,
        weights: &[(&str, f64)],
    ) -> Result<(), WeightsError> {
        let trial = self.trials.named(experiment);
        let trial = trial.ok_or_else(|| WeightsError::UnknownExperiment(experiment.to_owned()))?;
        trial.set_weights(weights)
    }
}

impl Trial {
    /// Sets these weights; the other arms keep theirs.
    fn set_weights(&self, weights: &[(&str, f64)]) -> Result<(), WeightsError> {
        if let Some((arm, _)) = weights.iter().find(|(arm, _)| self.place(arm).is_none()) {
            return Err(WeightsError::UnknownArm((*arm).to_owned()));
        }
        let now = self.weights.load();
        let arms = self.branches.iter().zip(&now.said);
        let arms = arms.map(|(branch, weight)| {
            let said = weights.iter().rfind(|(arm, _)| **arm == *branch.id);
            (
                Arc::clone(&branch.id),
                said.map_or(*weight, |(_, weight)| *weight),
            )
        });
        let weights = Weights::new(&self.name, arms.collect()).map_err(WeightsError::Invalid)?;
        self.weights.store(Arc::new(weights));
        Ok(())
    }
}

impl Trials {
    /// Takes over the weights that were set in a former table, where this one says the same arms and weights as that one
    /// did. Where it says others, somebody has changed them there since.
    pub(super) fn adopt(&self, former: &Self) {
        let formers = former.all.iter();
        let formers: HashMap<_, _> = formers.map(|former| (&former.name, former)).collect();
        for trial in &self.all {
            let former = formers.get(&trial.name);
            if let Some(former) = former.filter(|former| former.declared == trial.declared) {
                trial.weights.store(former.weights.load_full());
            }
        }
    }
}

/// Why weights were not set.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum WeightsError {
    /// No rule that is on and no alias has an experiment of this name.
    UnknownExperiment(String),
    /// The experiment has no arm of this id, or its downstream is off.
    UnknownArm(String),
    /// The weights are none.
    Invalid(InvalidArms),
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownExperiment(name) => write!(f, "there is no experiment {name:?}"),
            Self::UnknownArm(arm) => write!(f, "the experiment has no arm {arm:?}"),
            Self::Invalid(invalid) => invalid.fmt(f),
        }
    }
}

impl std::error::Error for WeightsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Invalid(invalid) => Some(invalid),
            _ => None,
        }
    }
}
