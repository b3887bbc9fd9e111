use std::{fmt, sync::Arc, time::Duration};

use http::StatusCode;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// With a whole answer, as far as anybody can tell.
    Completed,
    /// With a status that says it was the caller's fault: 4xx, the provider's or the gateway's own.
    Refused,
    /// With 5xx, or without any answer.
    Failed,
    /// Within an answer that had begun well: with an error in the stream, or by breaking it off.
    Broken,
    /// By the caller, who went away before the end.
    ClientCancelled,
}

impl Outcome {
    /// Its name in logs and metrics: `completed`, `refused`, `failed`, `broken`, `client_cancelled`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Broken => "broken",
            Self::ClientCancelled => "client_cancelled",
        }
    }

    /// What a status says of an answer that came to its end.
    pub(super) fn of_status(status: StatusCode) -> Self {
        if status.is_client_error() {
            Self::Refused
        } else if status.is_server_error() {
            Self::Failed
        } else {
            Self::Completed
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a request went.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Destination {
    /// The id of the downstream.
    pub downstream: Arc<str>,
    /// The model that it was asked for, if that is known, shortened and escaped.
    pub model: Option<Arc<str>>,
}

/// What became of one request. It holds no key and nothing of a body but the name of the model.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Summary {
    /// How it ended.
    pub outcome: Outcome,
    /// The status of the answer; `None` if there was none.
    pub status: Option<StatusCode>,
    /// The id of the most specific rule that matched.
    pub rule: Option<Arc<str>>,
    /// The model that the caller asked for, shortened and escaped.
    pub model: Option<Arc<str>>,
    /// Where the rules sent it.
    pub assigned: Option<Destination>,
    /// Who gave the answer that the caller got; of a request without one, who was asked last.
    pub served: Option<Destination>,
    /// How often a downstream was asked. Where no [`Failover`](crate::failover) counts, 1 if there was an answer.
    pub attempts: usize,
    /// From the request to the head of the answer; `None` if there was none.
    pub head: Option<Duration>,
    /// From the request to the end.
    pub total: Duration,
}

impl Summary {
    /// Of a request of which nothing is known.
    pub(super) const fn new() -> Self {
        Self {
            outcome: Outcome::Failed,
            status: None,
            rule: None,
            model: None,
            assigned: None,
            served: None,
            attempts: 0,
            head: None,
            total: Duration::ZERO,
        }
    }
}

impl Destination {
    pub(super) fn new(downstream: &Arc<str>, model: Option<&Arc<str>>) -> Self {
        Self {
            downstream: Arc::clone(downstream),
            model: model.map(shown),
        }
    }
}

/// A name that a caller chose, so that it can neither flood a log nor break its lines.
pub(super) fn shown(name: &Arc<str>) -> Arc<str> {
    const SHOWN: usize = 64;
    if name.len() <= SHOWN && name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Arc::clone(name);
    }
    let mut characters = name.chars();
    let beginning = characters.by_ref().take(SHOWN);
    let mut shown: String = beginning.flat_map(char::escape_debug).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn situation_14_a_name_is_shown_short_and_in_one_line() {
        assert_eq!(&*shown(&"gpt-4o".into()), "gpt-4o");
        assert_eq!(
            &*shown(&"a\r\nb\u{1b}[2J\u{202e}".into()),
            "a\\r\\nb\\u{1b}[2J\\u{202e}"
        );
        let long = shown(&"é".repeat(10_000).into());
        assert_eq!(*long, format!("{}…", "é".repeat(64)));
    }
}
