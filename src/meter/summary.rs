use std::{fmt, sync::Arc, time::Duration};

use http::StatusCode;

use crate::{
    context::Selected,
    experiment::Assignment,
    format::{ApiFormat, Operation},
    ir::{StopReason, Usage},
};

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
    /// Whether the configuration has this name, or the host has said it, and no caller made it up: there are only so many
    /// then.
    pub is_listed: bool,
}

/// What became of one request. It holds no key and nothing of a body but the name of the model.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Summary {
    /// Its [id](super::RequestId): the host's or the caller's, or else one of our own.
    pub id: Arc<str>,
    /// Whether it is a copy that was sent to compare, which no caller has asked for.
    pub is_shadow: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// The status of the answer; `None` if there was none.
    pub status: Option<StatusCode>,
    /// The id of the most specific rule that matched.
    pub rule: Option<Arc<str>>,
    /// The model that the caller asked for, shortened and escaped.
    pub model: Option<Arc<str>>,
    /// The arm of an experiment that it got.
    pub arm: Option<Assignment>,
    /// The format that the caller speaks, if it is known to be for a model.
    pub client: Option<ApiFormat>,
    /// The format that the provider was spoken to.
    pub provider: Option<ApiFormat>,
    /// What was asked for.
    pub operation: Option<Operation>,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// What went wrong, as the [class](crate::ir::Error::class) of the error, or `panic`; `None` if nothing did, or nobody
    /// knows what.
    pub error: Option<Arc<str>>,
    /// Where the rules sent it.
    pub assigned: Option<Destination>,
    /// Who gave the answer that the caller got; of a request without one, who was asked last.
    pub served: Option<Destination>,
    /// How often a downstream was asked. Where no [`Failover`](crate::failover) counts, 1 if there was an answer.
    pub attempts: usize,
    /// From the request to the head of the answer; `None` if there was none.
    pub head: Option<Duration>,
    /// From the request to the first content of a stream, as it went to the host (TTFT); `None` if there was none, or
    /// nobody looked into the answer.
    pub first_content: Option<Duration>,
    /// The median of the times between two pieces of content, as they went to the host, within 64 µs or else 3.2 %; `None` if
    /// there were less than two.
    pub gap_p50: Option<Duration>,
    /// 99 of 100 of these times are not above this.
    pub gap_p99: Option<Duration>,
    /// From the request to the end.
    pub total: Duration,
    /// Tokens, as far as the provider has told.
    pub usage: Usage,
    /// Why the answer ended; `None` if it didn't, or nobody knows.
    pub finish_reason: Option<StopReason>,
    /// Whether a whole answer had no content; `None` if nobody knows.
    pub is_empty: Option<bool>,
    /// What it cost in US dollars, by the [prices](crate::target::Prices) of who served it; `None` if there are none, or the
    /// tokens are not known to the last. Earlier attempts that failed are not in it.
    pub cost: Option<f64>,
}

impl Summary {
    /// Of a request of which nothing is known, as one that has failed without an answer.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        let id = id.into();
        Self {
            id,
            is_shadow: false,
            outcome: Outcome::Failed,
            status: None,
            rule: None,
            model: None,
            arm: None,
            client: None,
            provider: None,
            operation: None,
            stream: false,
            error: None,
            assigned: None,
            served: None,
            attempts: 0,
            head: None,
            first_content: None,
            gap_p50: None,
            gap_p99: None,
            total: Duration::ZERO,
            usage: Usage::default(),
            finish_reason: None,
            is_empty: None,
            cost: None,
        }
    }
}

impl Destination {
    /// A downstream, and the model that it is asked for.
    pub fn new(downstream: &Arc<str>, model: Option<&Arc<str>>) -> Self {
        Self {
            downstream: Arc::clone(downstream),
            model: model.map(shown),
            is_listed: false,
        }
    }

    /// Where a request goes that is selected so.
    pub(super) fn of(selected: &Selected) -> Self {
        let target = selected.target();
        let lists = |name: &Arc<str>| target.models().contains(name);
        Self {
            // Only configuration puts another name in place of the caller's.
            is_listed: selected.model().is_some() || selected.model_sent().is_some_and(lists),
            ..Self::new(target.id(), selected.model_sent())
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
