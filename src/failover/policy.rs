use std::{mem, time::Duration};

use tokio::time::Instant;
use tower::util::rng::{HasherRng, Rng};

use crate::{
    context::Selected,
    ir,
    policy::{AllEjected, Retry},
};

use super::{
    Alternative, Attempts, FailoverLayer, Fallbacks, Outcome, backoff,
    call::{Call, Finding, all_ejected},
    health::after,
    pool::Pool,
    verdict::Verdict,
};

/// Whether, where and when one request is tried again.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) pool: Pool,
    pub(super) attempts: Attempts,
    /// When all attempts must be over.
    pub(super) deadline: Option<Instant>,
    /// How long the head of a stream is held.
    pub(super) head_hold: Duration,
    fallbacks: Option<Fallbacks>,
    /// How many of them were looked at.
    passed: usize,
    /// Attempts at the present target.
    tries: u32,
    /// The last that a provider said, and that was not good enough.
    kept: Option<Box<Finding>>,
}

impl Policy {
    /// For a request that goes to these if its own target fails.
    pub(super) fn new(
        layer: &FailoverLayer,
        attempts: Attempts,
        deadline: Option<Instant>,
        fallbacks: Option<Fallbacks>,
    ) -> Self {
        Self {
            pool: layer.pool.clone(),
            attempts,
            deadline,
            head_hold: layer.head_hold,
            fallbacks,
            passed: 0,
            tries: 1,
            kept: None,
        }
    }

    /// Before the first attempt: passes over targets that are left alone. If all are, the one that may be asked first
    /// is asked, unless its policy says that none is.
    ///
    /// # Errors
    ///
    /// If none is.
    pub(super) fn start(&mut self, call: &mut Call) -> Result<(), ir::Error> {
        if self.pool.is_all_well() {
            self.deposit(&call.selected);
            return Ok(());
        }
        let now = Instant::now();
        let Some(until) = self.pool.ejected_until(&call.selected, now) else {
            self.deposit(&call.selected);
            return Ok(());
        };
        self.attempts.pass(&call.selected);
        if self.next(call).is_some() {
            return Ok(());
        }
        let fallbacks = self.fallbacks.iter().flat_map(|fallbacks| &*fallbacks.0);
        let times = fallbacks.map(|other| self.pool.ejected_until(&other.selected, now));
        let times = times.map(|until| until.unwrap_or(now)).enumerate();
        let first = times.min_by_key(|(_, until)| *until);
        let first = first.filter(|(_, other)| *other < until);
        if refuses(&call.selected) {
            let until = first.map_or(until, |(_, until)| until);
            return Err(all_ejected(until.saturating_duration_since(now)));
        }
        if let Some((at, _)) = first
            && let Some(alternative) = self.alternative(at)
        {
            call.select(&alternative);
        }
        // If it fails too, those behind it may be back.
        self.passed = first.map_or(0, |(at, _)| at + 1);
        call.is_forced = true;
        self.deposit(&call.selected);
        Ok(())
    }

    /// The pause before another attempt, for which the call is changed, if one may follow.
    pub(super) fn retry(&mut self, call: &mut Call, finding: &mut Finding) -> Option<Duration> {
        if finding.verdict != Verdict::Keep {
            call.complete();
        }
        let pause = match finding.verdict {
            Verdict::Keep => None,
            Verdict::Beside => self.again(call, finding.wait),
            Verdict::Again => {
                let again = self.again(call, finding.wait);
                again.or_else(|| self.next(call))
            }
            Verdict::Next => {
                let next = self.next(call);
                next.or_else(|| self.force(call, finding.outcome))
            }
        };
        let is_said = finding.outcome.is_said();
        let Some(pause) = pause else {
            // What a provider said tells the caller more than that another could not be reached.
            if !is_said && let Some(kept) = self.kept.take() {
                *finding = *kept;
            }
            return None;
        };
        tracing::debug!(
            downstream = &**call.selected.target().id(),
            model = call.selected.model().map(|model| &**model),
            attempt = self.attempts.count() + 1,
            ?pause,
            "another attempt follows",
        );
        // What is not all here would take a place that another attempt may need.
        if is_said && finding.is_whole {
            let given_up = Finding {
                result: Err("given up".into()),
                ..*finding
            };
            self.kept = Some(Box::new(mem::replace(finding, given_up)));
        }
        Some(pause)
    }

    fn alternative(&self, at: usize) -> Option<Alternative> {
        self.fallbacks.as_ref()?.0.get(at).cloned()
    }

    fn deposit(&self, selected: &Selected) {
        let downstream = selected.target().id();
        self.pool.budgets().deposit(downstream, share(selected));
    }

    /// The pause before the same target is tried once more, if it may be.
    fn again(&mut self, call: &mut Call, wait: Option<Duration>) -> Option<Duration> {
        let retry = call.selected.retry();
        if self.tries >= retry.attempts.unwrap_or(Retry::ATTEMPTS) {
            return None;
        }
        let pause = match wait {
            // Who asks for time asks for himself.
            _ if self.pool.has_fresh(&call.selected, &self.attempts) => Duration::ZERO,
            Some(wait) if wait > retry.max_wait.unwrap_or(Retry::MAX_WAIT) => return None,
            Some(wait) => wait,
            None => backoff::pause(
                retry.backoff.unwrap_or(Retry::BACKOFF),
                retry.max_backoff.unwrap_or(Retry::MAX_BACKOFF),
                self.tries,
                HasherRng::default().next_f64(),
            ),
        };
        let then = after(Instant::now(), pause);
        let will_be_open = self.pool.ejected_until(&call.selected, then).is_none();
        if !self.is_time_for(pause) || !will_be_open && self.is_left(call, then) {
            return None;
        }
        if !self.withdraw(&call.selected) {
            return None;
        }
        self.tries += 1;
        call.is_forced = !will_be_open;
        Some(pause)
    }

    /// Goes to the next target, if there is one.
    fn next(&mut self, call: &mut Call) -> Option<Duration> {
        if !self.is_time_for(Duration::ZERO) {
            return None;
        }
        let fallbacks = self.fallbacks.clone()?;
        for alternative in fallbacks.0.iter().skip(self.passed) {
            self.passed += 1;
            let selected = &alternative.selected;
            let now = Instant::now();
            if self.pool.ejected_until(selected, now).is_some() {
                self.attempts.pass(selected);
                continue;
            }
            if !self.attempts.know_any(selected.target().id()) {
                self.deposit(selected);
            } else if !self.withdraw(selected) {
                continue;
            }
            self.tries = 1;
            call.select(alternative);
            return Some(Duration::ZERO);
        }
        None
    }

    /// Whether a target that will be left alone then is not asked even so: there is another that will not be, or the
    /// policy is that none is.
    fn is_left(&self, call: &Call, then: Instant) -> bool {
        let is_open =
            |other: &Alternative| self.pool.ejected_until(&other.selected, then).is_none();
        let fallbacks = self.fallbacks.iter().flat_map(|fallbacks| &*fallbacks.0);
        refuses(&call.selected) || fallbacks.skip(self.passed).any(is_open)
    }

    /// Asks a target that is left alone nonetheless, if nobody was asked and the policy allows it.
    fn force(&self, call: &mut Call, outcome: Outcome) -> Option<Duration> {
        let is_forced = outcome == Outcome::Ejected && self.attempts.count() == 0;
        call.is_forced = is_forced && !refuses(&call.selected);
        call.is_forced.then_some(Duration::ZERO)
    }

    fn withdraw(&self, selected: &Selected) -> bool {
        let downstream = selected.target().id();
        let allowed = self.pool.budgets().withdraw(downstream, share(selected));
        if !allowed {
            tracing::debug!(
                downstream = &**downstream,
                "no further try: the budget is spent"
            );
        }
        allowed
    }

    /// Whether something is left of the time for all attempts after a pause.
    fn is_time_for(&self, pause: Duration) -> bool {
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        self.deadline.is_none_or(|deadline| left(deadline) > pause)
    }
}

/// Whether the policy of a target is that nobody is asked where all are left alone.
fn refuses(selected: &Selected) -> bool {
    let all = selected.target().ejection().all;
    all.unwrap_or_default() == AllEjected::Refuse
}

fn share(selected: &Selected) -> f32 {
    let budget = selected.of_retry(|retry| retry.budget);
    budget.unwrap_or(Retry::BUDGET)
}
