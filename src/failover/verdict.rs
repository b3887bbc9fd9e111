use http::{HeaderMap, StatusCode};

use crate::{
    format::Operation,
    ir::{self, ErrorKind},
    policy::Phase,
};

use super::Outcome;

/// What may follow an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing: the caller gets it.
    Keep,
    /// The same target may do better, or another.
    Again,
    /// Another endpoint of the same target may do better, and no other target.
    Beside,
    /// Only another target may do better.
    Next,
}

/// All that counts for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence<'a> {
    pub(super) outcome: Outcome,
    pub(super) operation: Operation,
    /// The answer's headers, if there is one.
    pub(super) headers: Option<&'a HeaderMap>,
    /// What the answer says went wrong.
    pub(super) said: Option<&'a ir::Error>,
    /// Statuses for which another target is tried, by configuration.
    pub(super) statuses: &'a [StatusCode],
    /// Whether the target has another endpoint that may be asked and was not.
    pub(super) has_fresh: bool,
    /// Whether the provider was asked at all.
    pub(super) is_asked: bool,
}

impl Evidence<'_> {
    pub(super) fn verdict(&self) -> Verdict {
        if self.operation.may_make() && !self.is_undone() {
            return Verdict::Keep;
        }
        match self.outcome {
            Outcome::Status(status) => self.of_status(status),
            Outcome::Broken
            | Outcome::Connect
            | Outcome::Empty
            | Outcome::Timeout(Phase::Connect) => Verdict::Again,
            Outcome::Answered | Outcome::Ejected | Outcome::Failed | Outcome::Open => Verdict::Keep,
            // Who was waited for that long is not waited for once more, but who stands beside may be.
            Outcome::Timeout(
                Phase::FirstByte | Phase::FirstEvent | Phase::Idle | Phase::Attempt,
            )
            | Outcome::Unreadable
            | Outcome::Unusable
                if self.has_fresh =>
            {
                Verdict::Again
            }
            Outcome::Handler | Outcome::Timeout(_) | Outcome::Unreadable | Outcome::Unusable => {
                Verdict::Next
            }
        }
    }

    /// Whether the outcome speaks for or against the endpoint, if this verdict follows it; `None` if it is about the
    /// caller or the way to the provider.
    pub(super) fn says_of_endpoint(&self, verdict: Verdict) -> Option<bool> {
        match self.outcome {
            // It can't be asked.
            Outcome::Unusable => Some(false),
            _ if !self.is_asked => None,
            Outcome::Timeout(Phase::PoolWait | Phase::Total | Phase::RequestWrite)
            | Outcome::Status(StatusCode::NOT_IMPLEMENTED) => None,
            Outcome::Answered => Some(true),
            Outcome::Broken | Outcome::Connect | Outcome::Timeout(_) | Outcome::Unreadable => {
                Some(false)
            }
            Outcome::Status(status) if status.is_server_error() => Some(false),
            Outcome::Status(status) => {
                let is_endpoints = self.is_refused(status) || !is_callers(status);
                (is_endpoints && verdict != Verdict::Keep).then_some(false)
            }
            _ => None,
        }
    }

    /// Whether the provider has done nothing yet. Of an operation that may make something, it is all that can be asked
    /// twice.
    fn is_undone(&self) -> bool {
        match self.outcome {
            Outcome::Connect
            | Outcome::Unusable
            | Outcome::Timeout(Phase::Connect | Phase::PoolWait)
            | Outcome::Status(StatusCode::TOO_MANY_REQUESTS) => true,
            Outcome::Status(status) => self.is_refused(status),
            _ => false,
        }
    }

    /// Whether the provider refuses the key, or its account.
    fn is_refused(&self, status: StatusCode) -> bool {
        let is_said = matches!(
            self.kind(),
            Some(ErrorKind::Unauthenticated | ErrorKind::Forbidden | ErrorKind::Billing)
        );
        self.is_asked && (is_said || matches!(status.as_u16(), 401 | 403))
    }

    fn kind(&self) -> Option<ErrorKind> {
        self.said.map(|said| said.kind)
    }

    fn of_status(&self, status: StatusCode) -> Verdict {
        let elsewhere = if self.statuses.contains(&status) {
            Verdict::Next
        } else {
            Verdict::Keep
        };
        let is_of_money = self.kind() == Some(ErrorKind::Billing);
        if self.has_fresh && self.is_refused(status) {
            // It may be this key alone.
            return if is_of_money || elsewhere == Verdict::Next {
                Verdict::Again
            } else {
                Verdict::Beside
            };
        }
        if is_callers(status) {
            return elsewhere;
        }
        if is_of_money {
            return Verdict::Next;
        }
        let passes = matches!(
            status.as_u16(),
            408 | 409 | 429 | 500 | 502 | 503 | 504 | 529
        );
        if self.should_retry().unwrap_or(passes) {
            return Verdict::Again;
        }
        // What is not implemented may be elsewhere: only configuration knows.
        let is_failure = status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED;
        if passes || is_failure {
            Verdict::Next
        } else {
            elsewhere
        }
    }

    /// What the provider says of another try, as its own client libraries obey it (2026-11).
    fn should_retry(&self) -> Option<bool> {
        match self.headers?.get("x-should-retry")?.as_bytes() {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }
}

/// Whether a status says that the request is wrong, for this provider at least: asking it again changes nothing.
fn is_callers(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 401 | 403 | 404 | 413 | 422)
}

/// Whether anything may follow this status, whatever else the answer says.
pub(super) fn may_follow(status: StatusCode, statuses: &[StatusCode]) -> bool {
    let is_failure = status.is_client_error() || status.is_server_error();
    is_failure && (!is_callers(status) || statuses.contains(&status))
}

#[cfg(test)]
mod tests;
