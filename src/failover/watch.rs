use std::time::{Duration, SystemTime};

use http::{HeaderMap, Response, StatusCode};

use crate::{
    Body, BoxError,
    context::{End, Progress, Selected},
    ir,
};

use super::{
    Outcome,
    answer::Beginning,
    call::Finding,
    outcome::{of_error, of_translation},
    policy::Policy,
    pool::Stay,
    retry_after::retry_after,
    verdict::{Evidence, Verdict, may_follow},
};

/// What an attempt is known by, and finds out what came of it.
pub(super) struct Watch {
    pub(super) selected: Selected,
    pub(super) progress: Progress,
    pub(super) place: usize,
    /// Until it is told what came of it; `None` if it was not let in.
    pub(super) stay: Option<Stay>,
}

impl Watch {
    /// Whether the target has an endpoint that may be asked and was not.
    fn has_fresh(&self, policy: &Policy) -> bool {
        policy.pool.has_fresh(&self.selected, &policy.attempts)
    }

    /// Whether an answer is read before anybody gets it: what it says matters, and until it is read to its end it takes
    /// a place at the provider.
    pub(super) fn is_read(&self, policy: &Policy, response: &Response<Body>) -> bool {
        if self.progress.end() == End::Empty {
            return true;
        }
        let status = status_of(response);
        let is_error = status.is_client_error() || status.is_server_error();
        is_error
            && (may_follow(status, statuses(&self.selected))
                || status.is_client_error() && self.has_fresh(policy))
    }

    pub(super) fn answered(
        &mut self,
        policy: &Policy,
        mut response: Response<Body>,
        read: Option<&Beginning>,
    ) -> Finding {
        // For who watches the answer to its end.
        response.extensions_mut().insert(self.progress.clone());
        // What a translation knows is more than what could be read of what it wrote.
        let told = response.extensions().get::<ir::Error>().cloned();
        let status = status_of(&response);
        let is_error = status.is_client_error() || status.is_server_error();
        let outcome = if is_error {
            let of_gateway = told.as_ref().and_then(of_translation);
            of_gateway.unwrap_or(Outcome::Status(status))
        } else if self.progress.end() == End::Empty {
            Outcome::Empty
        } else {
            Outcome::Answered
        };
        let api = self.selected.client().api();
        let decode = |read: &Beginning| api.decode_error(status, &read.bytes);
        let said = told.or_else(|| read.filter(|_| is_error).map(decode));
        let headers = response.headers();
        let wait = match outcome {
            Outcome::Answered => None,
            _ => retry_after(headers, SystemTime::now()).or_else(|| said.as_ref()?.retry_after),
        };
        Finding {
            outcome,
            verdict: self.verdict(policy, outcome, Some(headers), said.as_ref(), wait),
            wait,
            is_whole: read.is_some_and(|read| read.is_all),
            result: Ok(response),
        }
    }

    pub(super) fn failed(&mut self, policy: &Policy, error: BoxError) -> Finding {
        let outcome = of_error(&*error);
        Finding {
            outcome,
            verdict: self.verdict(policy, outcome, None, None, None),
            wait: None,
            is_whole: false,
            result: Err(error),
        }
    }

    /// It was not asked, because it is left alone.
    pub(super) fn ejected(&self, policy: &Policy) -> Finding {
        policy.attempts.end(self.place, Outcome::Ejected);
        Finding::ejected(policy.pool.wait(&self.selected))
    }

    /// What may follow. Tells the outcome on the way.
    fn verdict(
        &mut self,
        policy: &Policy,
        outcome: Outcome,
        headers: Option<&HeaderMap>,
        said: Option<&ir::Error>,
        wait: Option<Duration>,
    ) -> Verdict {
        policy.attempts.end(self.place, outcome);
        tracing::debug!(
            downstream = &**self.selected.target().id(),
            model = self.selected.model().map(|model| &**model),
            attempt = self.place + 1,
            %outcome,
            "attempt ended",
        );
        let evidence = Evidence {
            outcome,
            operation: self.selected.operation(),
            headers,
            said,
            statuses: statuses(&self.selected),
            has_fresh: outcome != Outcome::Answered && self.has_fresh(policy),
            is_asked: self.progress.is_asked(),
        };
        let verdict = evidence.verdict();
        if let Some(stay) = self.stay.take() {
            match evidence.says_of_endpoint(verdict) {
                Some(true) => stay.succeed(&self.selected),
                Some(false) => stay.fail(&self.selected, wait),
                None => {}
            }
        }
        verdict
    }
}

/// The status that the provider answered with. A translation may have put another in its place.
fn status_of(response: &Response<Body>) -> StatusCode {
    let told = response.extensions().get::<ir::Error>();
    let provider = told.and_then(|told| told.status);
    provider.unwrap_or_else(|| response.status())
}

/// Statuses for which another target is tried, by configuration.
fn statuses(selected: &Selected) -> &[StatusCode] {
    let statuses = selected.of_retry(|retry| retry.statuses.as_deref());
    statuses.unwrap_or_default()
}
