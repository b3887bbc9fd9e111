use std::{error::Error as StdError, fmt, iter};

use http::StatusCode;

use crate::{Error, ir, policy::Phase};

/// What came of an attempt, up to the head of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// It works still, or was given up: the caller went away, or the time for all of it was over.
    Open,
    /// An answer.
    Answered,
    /// An answer with a status of failure.
    Status(StatusCode),
    /// It was not asked: it had failed too often, and is left alone for a while.
    Ejected,
    /// An answer without content, where that is a failure.
    Empty,
    /// No connection could be made.
    Connect,
    /// This took longer than it may.
    Timeout(Phase),
    /// The connection broke before there was an answer, or before there was any content of it.
    Broken,
    /// An answer that nobody here can read: it is compressed, which was not asked for, or no answer in its format, or
    /// too large.
    Unreadable,
    /// The target can't be called as it is configured: its address or key can't be used, or it redirects.
    Unusable,
    /// The host's own handler failed.
    Handler,
    /// A layer between failed, or the caller: no fault of the provider's.
    Failed,
}

impl Outcome {
    /// Its name in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Status(_) => "status",
            Self::Ejected => "ejected",
            Self::Empty => "empty",
            Self::Connect => "connect",
            Self::Timeout(_) => "timeout",
            Self::Broken => "broken",
            Self::Unreadable => "unreadable",
            Self::Unusable => "unusable",
            Self::Handler => "handler",
            Self::Failed => "failed",
        }
    }

    /// Whether it is something that the provider said.
    pub(super) const fn is_said(self) -> bool {
        matches!(self, Self::Answered | Self::Empty | Self::Status(_))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())?;
        match self {
            Self::Status(status) => write!(f, " {}", status.as_u16()),
            Self::Timeout(phase) => write!(f, " {phase}"),
            _ => Ok(()),
        }
    }
}

/// What an error of the layers below means.
pub(super) fn of_error(error: &(dyn StdError + 'static)) -> Outcome {
    let mut causes = iter::successors(Some(error), |&error| error.source());
    let known = causes.find_map(|error| {
        // Who says something in words for the caller has decided.
        let decided = error.is::<ir::Error>().then_some(Outcome::Failed);
        decided.or_else(|| error.downcast_ref().map(of_call))
    });
    known.unwrap_or(Outcome::Failed)
}

/// What an error of the call itself means.
fn of_call(error: &Error) -> Outcome {
    match error.timeout() {
        Some(phase) => Outcome::Timeout(phase),
        None if error.is_connect() => Outcome::Connect,
        None if error.is_broken() => Outcome::Broken,
        None if error.is_encoded() => Outcome::Unreadable,
        None if error.is_target() || error.is_redirect() => Outcome::Unusable,
        None if error.is_handler() || error.is_no_handler() => Outcome::Handler,
        None => Outcome::Failed,
    }
}

/// What an error means that a translation has put in the place of an answer; `None` if it is the provider's own.
pub(super) fn of_translation(error: &ir::Error) -> Option<Outcome> {
    if error.status.is_some() {
        return None;
    }
    if let Some(phase) = error.timeout() {
        return Some(Outcome::Timeout(phase));
    }
    match error.code.as_deref()? {
        "upstream_body_error" | "upstream_error" | "upstream_stream_truncated" => {
            Some(Outcome::Broken)
        }
        "upstream_decode_error" | "upstream_body_too_large" => Some(Outcome::Unreadable),
        "handler_error" => Some(Outcome::Handler),
        "plugin_error" => Some(Outcome::Failed),
        _ => None,
    }
}
