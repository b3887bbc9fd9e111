use std::sync::Arc;

use secrecy::SecretString;

use crate::admission::ClientKeys;

/// What is said of all experiments of a table together.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Experiments {
    /// The part of all keys that is kept out of every experiment and gets control, from 0 to 1. 0 by default.
    pub holdout: f64,
    /// Sets of experiments of which no key takes part in more than one.
    pub layers: Vec<ExperimentLayer>,
    /// Who sends it may choose an arm.
    pub(super) override_key: ClientKeys,
}

/// A set of experiments of which no key takes part in more than one, by names.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExperimentLayer {
    /// Its name, which is part of what is hashed.
    pub id: Arc<str>,
    /// The experiments, each with the part of all keys that it may have, from 0 to 1. Together they are at most 1.
    pub members: Vec<(Arc<str>, f64)>,
}

impl Experiments {
    /// Nothing is said.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this part of all keys kept out of every experiment, from 0 to 1.
    #[must_use]
    pub fn with_holdout(mut self, share: f64) -> Self {
        self.holdout = share;
        self
    }

    /// With a layer of this name, of these experiments.
    #[must_use]
    pub fn with_layer(
        mut self,
        id: impl Into<Arc<str>>,
        members: impl IntoIterator<Item = (Arc<str>, f64)>,
    ) -> Self {
        self.layers.push(ExperimentLayer {
            id: id.into(),
            members: members.into_iter().collect(),
        });
        self
    }

    /// With a key for callers who may choose an arm: `x-llm-arm` names it, `x-llm-arm-key` is this. An empty one fits
    /// nobody. Without one, both headers mean nothing. Only a digest of it is kept.
    #[must_use]
    pub fn with_override_key(mut self, key: SecretString) -> Self {
        self.override_key = ClientKeys::new([key]);
        self
    }
}
