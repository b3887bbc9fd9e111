use std::time::Duration;

use http::StatusCode;
use serde::{Serialize, Serializer};

use crate::{
    context::Selected,
    policy::{Phase, Retry, Timeouts},
};

/// The limits of time that count, whoever says them. As JSON, a map from [`Phase`] to a time such as `"5s"`, or `"none"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    timeouts: Timeouts,
    stream: bool,
}

impl Limits {
    pub(super) fn of(selected: &Selected) -> Self {
        Self {
            timeouts: selected.timeouts(),
            stream: selected.stream(),
        }
    }

    /// How long this may take; `None` if there is no limit.
    pub fn limit(&self, phase: Phase) -> Option<Duration> {
        self.timeouts.limit(phase, self.stream)
    }
}

impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let limits = Phase::ALL.map(|phase| (phase.as_str(), self.limit(phase)));
        let written = |limit: Option<_>| limit.map_or_else(|| "none".to_owned(), written);
        let limits = limits.into_iter();
        serializer.collect_map(limits.map(|(name, limit)| (name, written(limit))))
    }
}

/// What counts of further tries, whoever says it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tries {
    /// Most tries at one target.
    pub attempts: u32,
    /// The first pause.
    #[serde(serialize_with = "time")]
    pub backoff: Duration,
    /// The longest pause.
    #[serde(serialize_with = "time")]
    pub max_backoff: Duration,
    /// The longest that a provider may ask to be waited for.
    #[serde(serialize_with = "time")]
    pub max_wait: Duration,
    /// Further tries as a part of the requests.
    pub budget: f32,
    /// Further statuses for which the next target is tried.
    pub statuses: Vec<u16>,
    /// Whether an answer without content is a failure.
    pub on_empty: bool,
}

impl Tries {
    pub(super) fn of(selected: &Selected) -> Self {
        let retry = selected.retry();
        let statuses = retry.statuses.iter().flat_map(|statuses| statuses.iter());
        Self {
            attempts: retry.attempts.unwrap_or(Retry::ATTEMPTS),
            backoff: retry.backoff.unwrap_or(Retry::BACKOFF),
            max_backoff: retry.max_backoff.unwrap_or(Retry::MAX_BACKOFF),
            max_wait: retry.max_wait.unwrap_or(Retry::MAX_WAIT),
            budget: retry.budget.unwrap_or(Retry::BUDGET),
            statuses: statuses.map(StatusCode::as_u16).collect(),
            on_empty: retry.on_empty.unwrap_or_default(),
        }
    }
}

fn time<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&written(*time))
}

/// As configurations write it.
fn written(time: Duration) -> String {
    let milliseconds = time.as_millis();
    let units = [(3_600_000, "h"), (60_000, "m"), (1000, "s")];
    let whole = units
        .iter()
        .find(|(unit, _)| milliseconds > 0 && milliseconds.is_multiple_of(*unit));
    match whole {
        Some((unit, name)) => format!("{}{name}", milliseconds / unit),
        None => format!("{milliseconds}ms"),
    }
}
