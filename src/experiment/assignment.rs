use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::hash::{Domain, Fields};

/// The arm of an experiment that a request got.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Assignment {
    /// The experiment's name.
    pub experiment: Arc<str>,
    /// The arm's id.
    pub arm: Arc<str>,
    /// How it came to that arm.
    pub by: AssignedBy,
    /// Whose request it is: all requests of one have the same. Without a key, each request is one of its own.
    pub unit: Unit,
    /// All arms with the weights that they had at that moment; the first one is control.
    pub arms: Arc<[Share]>,
}

impl Assignment {
    /// An assignment to `arm` of these.
    pub fn new(
        experiment: impl Into<Arc<str>>,
        arm: impl Into<Arc<str>>,
        by: AssignedBy,
        unit: Unit,
        arms: Arc<[Share]>,
    ) -> Self {
        Self {
            experiment: experiment.into(),
            arm: arm.into(),
            by,
            unit,
            arms,
        }
    }
}

/// An arm, and how much of the traffic it is to get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Share {
    /// The arm's id.
    pub arm: Arc<str>,
    /// Its weight, as a part of the sum of all weights: from 0 to 1.
    pub share: f64,
}

impl Share {
    /// This part of the traffic, from 0 to 1, for this arm.
    pub fn new(arm: impl Into<Arc<str>>, share: f64) -> Self {
        Self {
            arm: arm.into(),
            share,
        }
    }
}

/// Whose request it is, as a number that doesn't tell who: a hash of the experiment and the key, in a domain of its own, so
/// that it says nothing of the arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Unit(pub u64);

/// Whose request it is that has this key, within an experiment.
pub fn unit(experiment: &str, key: &[u8]) -> Unit {
    let fields = Fields::new(Domain::Unit).with(experiment.as_bytes());
    Unit(fields.with(key).number())
}

/// How a request came to its arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AssignedBy {
    /// By a key that the caller or the host has given.
    Key,
    /// By how the conversation begins.
    Conversation,
    /// By chance, for want of a key.
    Random,
    /// It is in the middle of a tool loop, and keeps the arm that the loop began with.
    Loop,
    /// By somebody who may choose.
    Override,
    /// It is kept out of all experiments, and gets control.
    Holdout,
    /// It belongs to another experiment of the same layer, and gets control.
    Layer,
    /// The experiment doesn't cover it, and it gets control.
    Coverage,
}

impl AssignedBy {
    /// Its name in logs and metrics, in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Conversation => "conversation",
            Self::Random => "random",
            Self::Loop => "loop",
            Self::Override => "override",
            Self::Holdout => "holdout",
            Self::Layer => "layer",
            Self::Coverage => "coverage",
        }
    }

    /// Whether the request takes part in the experiment. One that was kept out of it, or that somebody has chosen the arm
    /// of, would spoil the comparison.
    pub const fn is_drawn(self) -> bool {
        matches!(
            self,
            Self::Key | Self::Conversation | Self::Random | Self::Loop
        )
    }
}

impl fmt::Display for AssignedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
