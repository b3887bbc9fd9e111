use std::{
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep};
use tower::{
    retry,
    util::rng::{HasherRng, Rng},
};

use crate::{BoxError, context::Selected};

use super::{
    Attempts, Fallbacks, backoff,
    budget::Budgets,
    call::{Call, Finding},
    verdict::Verdict,
};

/// Whether, where and when one request is tried again.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub(super) budgets: Arc<Budgets>,
    pub(super) attempts: Attempts,
    pub(super) deadline: Option<Instant>,
    fallbacks: Option<Fallbacks>,
    /// How many of them were looked at.
    passed: usize,
    /// Attempts at the present target.
    tries: u32,
    kept: Kept,
}

/// The last that a provider said, and that was not good enough. A clone is for another request and has seen nothing.
#[derive(Debug, Default)]
struct Kept(Option<Finding>);

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl Policy {
    /// For a request to this target, and then to these.
    pub(super) fn new(
        budgets: Arc<Budgets>,
        attempts: Attempts,
        deadline: Option<Instant>,
        selected: &Selected,
        fallbacks: Option<Fallbacks>,
    ) -> Self {
        budgets.deposit(selected.target().id(), share(selected));
        Self {
            budgets,
            attempts,
            deadline,
            fallbacks,
            passed: 0,
            tries: 1,
            kept: Kept(None),
        }
    }

    /// The pause before the same target is tried once more, if it may be.
    fn again(&mut self, call: &Call, wait: Option<Duration>) -> Option<Duration> {
        let retry = call.selected.retry();
        if self.tries >= retry.attempts.unwrap_or(3) {
            return None;
        }
        let pause = match wait {
            Some(wait) if wait > retry.max_wait.unwrap_or(Duration::from_secs(10)) => return None,
            Some(wait) => wait,
            None => backoff::pause(
                retry.backoff.unwrap_or(Duration::from_millis(250)),
                retry.max_backoff.unwrap_or(Duration::from_secs(8)),
                self.tries,
                HasherRng::default().next_f64(),
            ),
        };
        if !self.is_time_for(pause) || !self.withdraw(&call.selected) {
            return None;
        }
        self.tries += 1;
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
            let downstream = selected.target().id();
            if !self.attempts.know(downstream) {
                self.budgets.deposit(downstream, share(selected));
            } else if !self.withdraw(selected) {
                continue;
            }
            self.tries = 1;
            call.select(alternative);
            return Some(Duration::ZERO);
        }
        None
    }

    fn withdraw(&self, selected: &Selected) -> bool {
        let downstream = selected.target().id();
        let allowed = self.budgets.withdraw(downstream, share(selected));
        if !allowed {
            tracing::debug!(%downstream, "no further try: the budget is spent");
        }
        allowed
    }

    /// Whether something is left of the time for all attempts after a pause.
    fn is_time_for(&self, pause: Duration) -> bool {
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        self.deadline.is_none_or(|deadline| left(deadline) > pause)
    }
}

fn share(selected: &Selected) -> f32 {
    selected.retry().budget.unwrap_or(0.2)
}

impl retry::Policy<Call, Finding, BoxError> for Policy {
    type Future = Pause;

    fn retry(&mut self, call: &mut Call, result: &mut Result<Finding, BoxError>) -> Option<Pause> {
        let finding = result.as_mut().ok()?;
        let pause = match finding.verdict {
            Verdict::Keep => None,
            Verdict::Again => {
                let again = self.again(call, finding.wait);
                again.or_else(|| self.next(call))
            }
            Verdict::Next => self.next(call),
        };
        let is_said = finding.outcome.is_said();
        let Some(pause) = pause else {
            // What a provider said tells the caller more than that another could not be reached.
            if !is_said && let Some(kept) = self.kept.0.take() {
                *finding = kept;
            }
            return None;
        };
        tracing::debug!(
            after = %finding.outcome,
            downstream = %call.selected.target().id(),
            model = call.selected.model().map(|model| &**model),
            attempt = self.attempts.count() + 1,
            ?pause,
            "trying again",
        );
        if is_said {
            let given_up = Finding {
                result: Err("given up".into()),
                ..*finding
            };
            self.kept.0 = Some(mem::replace(finding, given_up));
        }
        Some(Pause::new(pause))
    }

    fn clone_request(&mut self, call: &Call) -> Option<Call> {
        call.try_clone()
    }
}

pin_project! {
    /// Waits before another try, or doesn't.
    #[derive(Debug)]
    pub(super) struct Pause {
        #[pin]
        sleep: Option<Sleep>,
    }
}

impl Pause {
    fn new(pause: Duration) -> Self {
        Self {
            sleep: (!pause.is_zero()).then(|| sleep(pause)),
        }
    }
}

impl Future for Pause {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.project().sleep.as_pin_mut() {
            Some(sleep) => sleep.poll(cx),
            None => Poll::Ready(()),
        }
    }
}
