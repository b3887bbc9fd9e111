use std::sync::Arc;

use crate::target::Target;

use super::{OutputModel, resolve::only_model};

/// Where a request goes when the target that was chosen for it fails.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fallback {
    /// The downstream, by id.
    pub downstream: Arc<str>,
    /// The model name that it gets. If it isn't said: the one that was sent first, or else the caller's, if the
    /// downstream lists it; the one that was sent first if the downstream takes any; the only one that it lists.
    pub output_model: Option<OutputModel>,
}

impl Fallback {
    /// To this downstream.
    pub fn new(downstream: impl Into<Arc<str>>) -> Self {
        Self {
            downstream: downstream.into(),
            output_model: None,
        }
    }

    /// Under this model name.
    #[must_use]
    pub fn with_output_model(mut self, model: OutputModel) -> Self {
        self.output_model = Some(model);
        self
    }

    /// The name that `target` gets for a request for `requested` that was sent as `sent` first. `None` if it has several
    /// models and neither of these names is one, for that would be a guess.
    pub(super) fn model(
        &self,
        target: &Target,
        requested: &str,
        sent: &Arc<str>,
    ) -> Option<OutputModel> {
        if let Some(said) = &self.output_model {
            return Some(said.clone());
        }
        let lists = |name: &str| target.models().iter().any(|model| **model == *name);
        if !lists(sent) && lists(requested) {
            return Some(OutputModel::Requested);
        }
        match only_model(target) {
            Some(OutputModel::Named(only)) => Some(OutputModel::Named(only)),
            Some(OutputModel::Requested) => Some(OutputModel::Named(Arc::clone(sent))),
            None => lists(sent).then(|| OutputModel::Named(Arc::clone(sent))),
        }
    }
}

impl From<&str> for Fallback {
    fn from(downstream: &str) -> Self {
        Self::new(downstream)
    }
}
