use std::sync::Arc;

use crate::{experiment::KeySource, target::Target};

use super::{OutputModel, resolve::only_model};

/// Several ways to answer the same requests, to be compared: an experiment. It stands in a [`Rule`](super::Rule) or an
/// [`Alias`](super::Alias), and says where their requests go. More in the [module's docs](super#experiments).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Split {
    /// The experiment's name, which no other one of the table has. It is part of what is hashed: with another name all is
    /// drawn anew. Without one, it is the id of the rule or the name of the alias.
    pub experiment: Option<Arc<str>>,
    /// Where to look for whose request it is; the first that is there counts. None by default.
    pub keys: Vec<KeySource>,
    /// The part of all keys that takes part, from 0 to 1; the others get control. 1 by default.
    pub coverage: f64,
    /// The arms. The first one is control.
    pub arms: Vec<Arm>,
}

/// One of the ways of a [`Split`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Arm {
    /// Its id, which no other arm of the split has. It is part of what is hashed.
    pub id: Arc<str>,
    /// The downstream, by id.
    pub downstream: Arc<str>,
    /// The model name that it gets. If it isn't said: what a rule says; the caller's, if the downstream lists it; the only
    /// one that it lists; the caller's, if it takes any.
    pub output_model: Option<OutputModel>,
    /// How much it gets in relation to the others: 0, or from 1e-9 to 1e9. 1 by default.
    pub weight: f64,
}

impl Split {
    /// Between these arms, of which the first is control.
    pub fn new(arms: Vec<Arm>) -> Self {
        Self {
            experiment: None,
            keys: Vec::new(),
            coverage: 1.0,
            arms,
        }
    }

    /// As the experiment of this name.
    #[must_use]
    pub fn with_experiment(mut self, name: impl Into<Arc<str>>) -> Self {
        self.experiment = Some(name.into());
        self
    }

    /// By the first of these keys that a request has.
    #[must_use]
    pub fn with_keys(mut self, keys: Vec<KeySource>) -> Self {
        self.keys = keys;
        self
    }

    /// For this part of all keys, from 0 to 1.
    #[must_use]
    pub fn with_coverage(mut self, coverage: f64) -> Self {
        self.coverage = coverage;
        self
    }

    /// Its name, if it stands in a rule of this id or an alias of this name.
    pub(super) fn name<'a>(&'a self, holder: &'a Arc<str>) -> &'a Arc<str> {
        self.experiment.as_ref().unwrap_or(holder)
    }

    /// The downstreams of its arms, by id.
    pub(super) fn downstreams(&self) -> impl Iterator<Item = &Arc<str>> {
        self.arms.iter().map(|arm| &arm.downstream)
    }
}

impl Arm {
    /// The arm of this id, which goes to this downstream.
    pub fn new(id: impl Into<Arc<str>>, downstream: impl Into<Arc<str>>) -> Self {
        Self {
            id: id.into(),
            downstream: downstream.into(),
            output_model: None,
            weight: 1.0,
        }
    }

    /// Under this model name.
    #[must_use]
    pub fn with_output_model(mut self, model: OutputModel) -> Self {
        self.output_model = Some(model);
        self
    }

    /// With this weight.
    #[must_use]
    pub fn with_weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }
}

/// The name that a target gets for a request for `requested` if nobody says one. Where nobody has named the model, it is
/// not replaced. `None` if there are several, for that would be a guess.
pub(super) fn implied_model(
    target: &Target,
    requested: &str,
    is_named: bool,
) -> Option<OutputModel> {
    if target.models().iter().any(|model| **model == *requested) {
        return Some(OutputModel::Requested);
    }
    only_model(target).filter(|model| is_named || *model == OutputModel::Requested)
}
