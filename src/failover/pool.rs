use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use crate::{context::Selected, policy::Phase};

use super::{
    Attempts, Outcome,
    balance::{Balance, Pending},
    health::{Health, State, Ticket},
    verdict::Verdict,
};

/// All endpoints of all targets: which are well, and which answer soon. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool {
    health: Health,
    balance: Balance,
}

impl Pool {
    /// Forgets who has failed.
    pub(super) fn forget(&self) {
        self.health.forget();
    }

    /// When the first of a target's endpoints may be asked again; `None` if one may be asked now.
    pub(super) fn ejected_until(&self, selected: &Selected, now: Instant) -> Option<Instant> {
        let mut first = None;
        for endpoint in 0..selected.target().endpoints() {
            match self.health.state(selected, endpoint, now) {
                State::Open { .. } => return None,
                State::Ejected(until) => first = first.into_iter().chain([until]).min(),
            }
        }
        first
    }

    /// Whether a target has an endpoint that may be asked, and that this request has not tried.
    pub(super) fn has_fresh(&self, selected: &Selected, tried: &Attempts) -> bool {
        let now = Instant::now();
        let target = selected.target();
        (0..target.endpoints()).any(|endpoint| {
            let state = self.health.state(selected, endpoint, now);
            matches!(state, State::Open { .. }) && !tried.know(target.id(), endpoint)
        })
    }

    /// Chooses the endpoint of a target that an attempt goes to: of those that may be asked, one that this request has
    /// not tried, that has not just failed, and that answers soon. If none may be asked, the one that could be first.
    pub(super) fn enter(&self, selected: &Selected, tried: &Attempts) -> (Selected, Stay) {
        let now = Instant::now();
        let all = selected.target().endpoints();
        let endpoint = if all > 1 {
            self.choose(selected, tried, now)
        } else {
            0
        };
        let stay = Stay {
            ticket: self.health.enter(selected, endpoint, now),
            pending: self.balance.begin(selected.target().id(), all, endpoint),
        };
        (selected.clone().with_endpoint(endpoint), stay)
    }

    fn choose(&self, selected: &Selected, tried: &Attempts, now: Instant) -> usize {
        let target = selected.target();
        let rank = |endpoint: &usize| {
            let is_tried = tried.know(target.id(), *endpoint);
            match self.health.state(selected, *endpoint, now) {
                State::Open { has_failed } => (None, is_tried, has_failed),
                State::Ejected(until) => (Some(until), is_tried, true),
            }
        };
        let mut best = None;
        let mut among = Vec::new();
        for endpoint in 0..target.endpoints() {
            let rank = rank(&endpoint);
            if best.is_none_or(|best| rank < best) {
                best = Some(rank);
                among.clear();
            }
            if best == Some(rank) {
                among.push(endpoint);
            }
        }
        let picked = self.balance.pick(target.id(), target.endpoints(), &among);
        picked.unwrap_or_default()
    }
}

/// An attempt's stay at an endpoint. Dropped, it says nothing of the endpoint but that it is left.
#[derive(Debug)]
pub(super) struct Stay {
    ticket: Ticket,
    pending: Option<Pending>,
}

impl Stay {
    /// Tells what came of it, and how long the provider wants to be left alone.
    pub(super) fn end(self, outcome: Outcome, verdict: Verdict, wait: Option<Duration>) {
        let Self { ticket, pending } = self;
        drop(pending);
        let now = Instant::now();
        match says_of_target(outcome, verdict) {
            Some(true) => ticket.succeed(now),
            Some(false) => ticket.fail(wait, now),
            None => {}
        }
    }
}

/// Whether an outcome speaks for or against the target; `None` if it is about the caller or the way to the target.
fn says_of_target(outcome: Outcome, verdict: Verdict) -> Option<bool> {
    match outcome {
        Outcome::Answered | Outcome::Status(StatusCode::NOT_IMPLEMENTED) => Some(true),
        Outcome::Timeout(Phase::PoolWait | Phase::Total | Phase::RequestWrite) => None,
        Outcome::Broken | Outcome::Connect | Outcome::Timeout(_) | Outcome::Unreadable => {
            Some(false)
        }
        Outcome::Status(status) if status.is_server_error() => Some(false),
        // Of what is the caller's fault, nothing else would come.
        Outcome::Status(_) => Some(verdict == Verdict::Keep),
        _ => None,
    }
}
