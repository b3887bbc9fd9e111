use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::context::Selected;

use super::{
    Attempts, Outcome, Tried,
    balance::{Balance, Pending},
    budget::Budgets,
    health::{Health, State, Ticket},
};

/// All endpoints of all targets: which are well, which answer soon, and how often they may be tried again. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool(Arc<Endpoints>);

#[derive(Debug, Default)]
struct Endpoints {
    health: Health,
    balance: Balance,
    budgets: Budgets,
}

impl Pool {
    /// How much further tries there may be.
    pub(super) fn budgets(&self) -> &Budgets {
        &self.0.budgets
    }

    /// Forgets who has failed.
    pub(super) fn forget(&self) {
        self.0.health.forget(Instant::now());
    }

    /// Whether nothing is known to fail.
    pub(super) fn is_all_well(&self) -> bool {
        self.0.health.is_all_well()
    }

    /// When the first of a target's endpoints may be asked again; `None` if one may be asked now.
    pub(super) fn ejected_until(&self, selected: &Selected, now: Instant) -> Option<Instant> {
        let mut first = None;
        for endpoint in 0..selected.target().endpoints() {
            match self.0.health.state(selected, endpoint, now) {
                State::Well { .. } | State::Probe => return None,
                State::Ejected(until) => first = first.into_iter().chain([until]).min(),
            }
        }
        first
    }

    /// How long a target is to be left alone.
    pub(super) fn wait(&self, selected: &Selected) -> Duration {
        let now = Instant::now();
        let until = self.ejected_until(selected, now).unwrap_or(now);
        until.saturating_duration_since(now)
    }

    /// Whether a target has an endpoint that may be asked, and that this request has not tried.
    pub(super) fn has_fresh(&self, selected: &Selected, tried: &Attempts) -> bool {
        let now = Instant::now();
        let target = selected.target();
        (0..target.endpoints()).any(|endpoint| {
            let state = self.0.health.state(selected, endpoint, now);
            state.is_open() && !tried.know(target.id(), endpoint)
        })
    }

    /// Chooses the endpoint of a target that an attempt goes to, and lets it go there: of those that may be asked, one
    /// that this request has not tried, that has not just failed, and that answers soon. If none may be asked, the one
    /// that could be first if it `is_forced`, and else none.
    pub(super) fn enter(
        &self,
        selected: &Selected,
        tried: &Attempts,
        is_forced: bool,
        now: Instant,
    ) -> Option<(usize, Stay)> {
        let endpoints = selected.target().endpoints();
        // Somebody else may have become the probe since it was chosen.
        let (endpoint, ticket) = (0..=endpoints).find_map(|_| {
            let endpoint = self.choose(selected, tried, is_forced, now)?;
            let ticket = self.0.health.enter(selected, endpoint, is_forced, now)?;
            Some((endpoint, ticket))
        })?;
        let downstream = selected.target().id();
        let stay = Stay {
            ticket,
            pending: self.0.balance.begin(downstream, endpoints, endpoint),
        };
        Some((endpoint, stay))
    }

    fn choose(
        &self,
        selected: &Selected,
        tried: &Attempts,
        is_forced: bool,
        now: Instant,
    ) -> Option<usize> {
        let target = selected.target();
        if target.endpoints() == 1 {
            let is_open = self.0.health.state(selected, 0, now).is_open();
            return (is_open || is_forced).then_some(0);
        }
        let tried = tried.at(target.id());
        let mut best = None;
        let mut among = Vec::new();
        for endpoint in 0..target.endpoints() {
            let state = self.0.health.state(selected, endpoint, now);
            if !state.is_open() && !is_forced {
                continue;
            }
            let rank = Rank::of(state, selected, endpoint, &tried);
            if best.is_none_or(|best| rank < best) {
                best = Some(rank);
                among.clear();
            }
            if best == Some(rank) {
                among.push(endpoint);
            }
        }
        self.0.balance.pick(target.id(), target.endpoints(), &among)
    }
}

/// How well an endpoint suits a request; the least suits best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    ejected_until: Option<Instant>,
    is_tried: bool,
    /// What has failed at another is a part of this one too.
    shares_fault: bool,
    turn: Turn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// Its probe is due. Without one it would never come back.
    Probe,
    Well,
    /// It has failed, or the request has, and is not for a probe any more.
    Doubtful,
}

impl Rank {
    fn of(state: State, selected: &Selected, endpoint: usize, tried: &[Tried]) -> Self {
        let has_fault = |tried: &Tried| has_fault_of(tried, selected, endpoint);
        Self {
            ejected_until: match state {
                State::Ejected(until) => Some(until),
                State::Well { .. } | State::Probe => None,
            },
            is_tried: tried.iter().any(|tried| tried.endpoint == endpoint),
            shares_fault: tried.iter().any(has_fault),
            turn: match state {
                State::Probe if tried.is_empty() => Turn::Probe,
                State::Well { has_failed: false } => Turn::Well,
                _ => Turn::Doubtful,
            },
        }
    }
}

/// Whether an endpoint has what has failed at one that was tried: the key if the provider refused, else the address.
fn has_fault_of(tried: &Tried, selected: &Selected, endpoint: usize) -> bool {
    let target = selected.target();
    let (this, other) = (target.endpoint(endpoint), target.endpoint(tried.endpoint));
    match tried.outcome {
        Outcome::Status(status) if status.is_client_error() => this.has_key_of(other),
        _ => this.has_address_of(other, selected.provider()),
    }
}

/// An attempt's stay at an endpoint. Dropped, it says nothing of the endpoint but that it is left.
#[derive(Debug)]
pub(super) struct Stay {
    ticket: Ticket,
    pending: Option<Pending>,
}

impl Stay {
    /// The endpoint that is selected has answered.
    pub(super) fn succeed(self, selected: &Selected) {
        if let Some(pending) = self.pending {
            pending.answered();
        }
        self.ticket.succeed(selected, Instant::now);
    }

    /// The endpoint that is selected has failed, and wants perhaps to be left alone for so long.
    pub(super) fn fail(self, selected: &Selected, wait: Option<Duration>) {
        self.ticket.fail(selected, wait, Instant::now());
    }
}
