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
    /// Whether the target has another endpoint, not tried yet.
    pub(super) has_other: bool,
}

impl Evidence<'_> {
    pub(super) fn verdict(&self) -> Verdict {
        if self.operation == Operation::Unknown && !self.is_undone() {
            return Verdict::Keep;
        }
        match self.outcome {
            Outcome::Status(status) => self.of_status(status),
            Outcome::Broken
            | Outcome::Connect
            | Outcome::Empty
            | Outcome::Timeout(Phase::Connect) => Verdict::Again,
            Outcome::Answered
            | Outcome::Ejected
            | Outcome::Failed
            | Outcome::Open
            | Outcome::Timeout(Phase::Total) => Verdict::Keep,
            // Who was waited for that long is not waited for once more.
            Outcome::Handler | Outcome::Timeout(_) | Outcome::Unreadable | Outcome::Unusable => {
                Verdict::Next
            }
        }
    }

    /// Whether the provider has done nothing yet. Of an operation that nobody knows, it is all that can be asked twice:
    /// the first time may have made something.
    fn is_undone(&self) -> bool {
        matches!(
            self.outcome,
            Outcome::Connect
                | Outcome::Unusable
                | Outcome::Timeout(Phase::Connect | Phase::PoolWait)
                | Outcome::Status(StatusCode::TOO_MANY_REQUESTS)
        )
    }

    fn of_status(&self, status: StatusCode) -> Verdict {
        let elsewhere = if self.statuses.contains(&status) {
            Verdict::Next
        } else {
            Verdict::Keep
        };
        let is_of_money = self.said.map(|said| said.kind) == Some(ErrorKind::Billing);
        if self.has_other && (is_of_money || matches!(status.as_u16(), 401 | 403)) {
            // It may be this key that is refused.
            return Verdict::Again;
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
mod tests {
    use super::*;
    use http::HeaderValue;

    fn evidence(outcome: Outcome) -> Evidence<'static> {
        Evidence {
            outcome,
            operation: Operation::Generate,
            headers: None,
            said: None,
            statuses: &[],
            has_other: false,
        }
    }

    fn status(status: u16) -> Evidence<'static> {
        evidence(Outcome::Status(StatusCode::from_u16(status).unwrap()))
    }

    #[test]
    fn situation_25_statuses_of_overload_and_failure_are_tried_again() {
        for code in [408, 409, 429, 500, 502, 503, 504, 529] {
            assert_eq!(status(code).verdict(), Verdict::Again, "{code}");
        }
    }

    #[test]
    fn situation_25_what_is_wrong_with_a_request_is_never_asked_again() {
        let mut headers = HeaderMap::new();
        headers.insert("x-should-retry", HeaderValue::from_static("true"));
        for code in [400, 401, 403, 404, 413, 422] {
            let evidence = Evidence {
                headers: Some(&headers),
                ..status(code)
            };
            assert_eq!(evidence.verdict(), Verdict::Keep, "{code}");
            let statuses = [StatusCode::from_u16(code).unwrap()];
            let configured = Evidence {
                statuses: &statuses,
                ..evidence
            };
            assert_eq!(configured.verdict(), Verdict::Next, "{code}");
        }
    }

    #[test]
    fn situation_25_other_failures_of_a_server_are_tried_elsewhere() {
        for (code, expected) in [
            (501, Verdict::Keep),
            (520, Verdict::Next),
            (599, Verdict::Next),
            (402, Verdict::Keep),
            (418, Verdict::Keep),
        ] {
            assert_eq!(status(code).verdict(), expected, "{code}");
        }
    }

    #[test]
    fn a_key_that_is_refused_may_have_another_beside_it() {
        for (code, expected) in [
            (401, Verdict::Again),
            (403, Verdict::Again),
            (400, Verdict::Keep),
            (404, Verdict::Keep),
        ] {
            let evidence = Evidence {
                has_other: true,
                ..status(code)
            };
            assert_eq!(evidence.verdict(), expected, "{code}");
        }
    }

    #[test]
    fn what_the_provider_says_of_another_try_is_obeyed() {
        for (said, code, expected) in [
            ("false", 503, Verdict::Next),
            ("false", 429, Verdict::Next),
            ("true", 501, Verdict::Again),
            ("true", 418, Verdict::Again),
            ("perhaps", 503, Verdict::Again),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-should-retry", HeaderValue::from_static(said));
            let evidence = Evidence {
                headers: Some(&headers),
                ..status(code)
            };
            assert_eq!(evidence.verdict(), expected, "{said} of {code}");
        }
    }

    #[test]
    fn an_account_without_money_is_not_asked_again() {
        let said = ir::Error::new(ErrorKind::Billing, "quota");
        for code in [402, 429] {
            let evidence = Evidence {
                said: Some(&said),
                ..status(code)
            };
            assert_eq!(evidence.verdict(), Verdict::Next, "{code}");
        }
    }

    #[test]
    fn who_was_waited_for_is_not_waited_for_again() {
        for phase in Phase::ALL {
            let expected = match phase {
                Phase::Connect => Verdict::Again,
                Phase::Total => Verdict::Keep,
                _ => Verdict::Next,
            };
            assert_eq!(
                evidence(Outcome::Timeout(phase)).verdict(),
                expected,
                "{phase}"
            );
        }
    }

    #[test]
    fn what_nobody_knows_is_asked_again_only_if_nothing_was_done() {
        let undone = [
            evidence(Outcome::Connect),
            evidence(Outcome::Timeout(Phase::Connect)),
            evidence(Outcome::Timeout(Phase::PoolWait)),
            status(429),
        ];
        let done = [
            evidence(Outcome::Broken),
            evidence(Outcome::Unreadable),
            evidence(Outcome::Timeout(Phase::FirstByte)),
            status(409),
            status(500),
            status(503),
        ];
        let unknown = |evidence| Evidence {
            operation: Operation::Unknown,
            ..evidence
        };
        for evidence in undone {
            assert_eq!(unknown(evidence).verdict(), evidence.verdict());
        }
        for evidence in done {
            assert_eq!(unknown(evidence).verdict(), Verdict::Keep);
        }
    }
}
