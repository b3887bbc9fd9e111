use std::{sync::Arc, time::Duration};

use http::StatusCode;

/// How often a request is tried, and how long is waited in between. What is not said is left to whoever has the next
/// say, and at last to the defaults.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Retry {
    /// Most tries at one target, the first included. Default 3 ([`ATTEMPTS`](Self::ATTEMPTS)); 1 never tries again.
    pub attempts: Option<u32>,
    /// Pause before the second try, doubled before each further one, with up to as much again by chance. Default 250 ms
    /// ([`BACKOFF`](Self::BACKOFF)).
    pub backoff: Option<Duration>,
    /// Longest pause, chance apart. Default 8 s ([`MAX_BACKOFF`](Self::MAX_BACKOFF)).
    pub max_backoff: Option<Duration>,
    /// Longest that is waited because the provider says so (`retry-after`). Who asks for more is not waited for. Default
    /// 10 s ([`MAX_WAIT`](Self::MAX_WAIT)).
    pub max_wait: Option<Duration>,
    /// Further tries at one downstream, as a part of the requests to it in the last ten seconds; one each second is
    /// always allowed. Default 0.2 ([`BUDGET`](Self::BUDGET)).
    pub budget: Option<f32>,
    /// Statuses besides those of overload and failure for which the next target is tried, such as 401 and 403. Default
    /// none.
    pub statuses: Option<Arc<[StatusCode]>>,
    /// Whether an answer without any content is a failure. Default no.
    pub on_empty: Option<bool>,
}

impl Retry {
    /// Most tries at one target if nobody says otherwise.
    pub const ATTEMPTS: u32 = 3;
    /// First pause if nobody says otherwise.
    pub const BACKOFF: Duration = Duration::from_millis(250);
    /// Longest pause if nobody says otherwise.
    pub const MAX_BACKOFF: Duration = Duration::from_secs(8);
    /// Longest that is waited for a provider if nobody says otherwise.
    pub const MAX_WAIT: Duration = Duration::from_secs(10);
    /// Further tries as a part of the requests if nobody says otherwise.
    pub const BUDGET: f32 = 0.2;

    /// Nothing is said.
    pub fn new() -> Self {
        Self::default()
    }

    /// What this says, and where it says nothing, what `other` says.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            attempts: self.attempts.or(other.attempts),
            backoff: self.backoff.or(other.backoff),
            max_backoff: self.max_backoff.or(other.max_backoff),
            max_wait: self.max_wait.or(other.max_wait),
            budget: self.budget.or(other.budget),
            statuses: self.statuses.clone().or_else(|| other.statuses.clone()),
            on_empty: self.on_empty.or(other.on_empty),
        }
    }
}
