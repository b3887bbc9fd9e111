use std::{convert::Infallible, str::FromStr, sync::Arc};

use http::Extensions;

/// Request extension: the arm that a request is to get, whatever would be drawn for it. Whoever puts one there may
/// choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArmOverride {
    experiment: Option<Arc<str>>,
    arm: Arc<str>,
}

impl ArmOverride {
    /// This arm of the experiment that the request is in.
    pub fn new(arm: impl Into<Arc<str>>) -> Self {
        Self {
            experiment: None,
            arm: arm.into(),
        }
    }

    /// Only in this experiment. A request that is in another one is drawn as ever.
    #[must_use]
    pub fn with_experiment(mut self, experiment: impl Into<Arc<str>>) -> Self {
        self.experiment = Some(experiment.into());
        self
    }

    /// That of the request, if somebody has chosen.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// The experiment that is meant; `None` if any is.
    pub fn experiment(&self) -> Option<&Arc<str>> {
        self.experiment.as_ref()
    }

    /// The arm's id.
    pub fn arm(&self) -> &Arc<str> {
        &self.arm
    }
}

/// Reads `arm`, or `experiment=arm`.
impl FromStr for ArmOverride {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        // No arm has this sign in its id; an experiment may.
        Ok(match text.rsplit_once('=') {
            Some((experiment, arm)) => Self::new(arm.trim()).with_experiment(experiment.trim()),
            None => Self::new(text.trim()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arm_is_read_alone_or_with_its_experiment() {
        let read = |text: &str| text.parse::<ArmOverride>().unwrap();
        assert_eq!(read("challenger"), ArmOverride::new("challenger"));
        let of_experiment = ArmOverride::new("b").with_experiment("a=x");
        assert_eq!(read("a=x=b"), of_experiment);
        assert_eq!(read(" a=x = b "), of_experiment);
    }
}
