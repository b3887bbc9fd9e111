use std::time::Duration;

/// When a target that fails is left alone for a while. What is not said is left to whoever has the next say, and at
/// last to the defaults.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Ejection {
    /// Whether there is any. Default yes.
    pub enabled: Option<bool>,
    /// Failures in a row. Default 5.
    pub consecutive: Option<u32>,
    /// Failures as a part of all requests of the last 30 s, once there are `least` of them. Default 0.5.
    pub ratio: Option<f32>,
    /// Fewest requests that say something about a ratio. Default 20.
    pub least: Option<u32>,
    /// How long the first time; each time in a row so much longer. Default 10 s.
    pub base: Option<Duration>,
    /// How long at most, whatever the provider asks for. Default 5 min.
    pub longest: Option<Duration>,
    /// Requests that are let through at once when the time is over, to see whether it works again; at least 1. Default 1.
    /// One that takes longer than 30 s holds up no further one.
    pub probes: Option<u32>,
    /// What happens when there is no other target. Default [`AllEjected::Try`].
    pub all: Option<AllEjected>,
}

/// What happens to a request all of whose targets are left alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AllEjected {
    /// The one that would be back first is tried.
    #[default]
    Try,
    /// It is refused as overload, with the time to wait: 503, and 529 where the caller speaks Anthropic's format.
    Refuse,
}

impl Ejection {
    /// Nothing is said.
    pub fn new() -> Self {
        Self::default()
    }

    /// What this says, and where it says nothing, what `other` says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            enabled: self.enabled.or(other.enabled),
            consecutive: self.consecutive.or(other.consecutive),
            ratio: self.ratio.or(other.ratio),
            least: self.least.or(other.least),
            base: self.base.or(other.base),
            longest: self.longest.or(other.longest),
            probes: self.probes.or(other.probes),
            all: self.all.or(other.all),
        }
    }
}
