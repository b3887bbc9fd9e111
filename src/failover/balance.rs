use std::{
    collections::HashMap,
    convert::Infallible,
    fmt,
    future::{Future, Ready, ready},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use tower::{
    load::{
        Load, PeakEwma,
        completion::TrackCompletion,
        peak_ewma::{Cost, Handle},
    },
    util::rng::{HasherRng, Rng},
};
use tower_service::Service;

/// What an endpoint that has not answered yet is taken for.
const UNKNOWN: Duration = Duration::from_secs(1);

/// How long a slow answer is remembered.
const DECAY: Duration = Duration::from_secs(10);

/// How soon the endpoints of each downstream answer: of two that chance picks, the one with the lower load is asked.
/// The load is the peak of the times to the head of an answer, fading, times the requests that wait for one. Clones
/// share it.
#[derive(Clone, Default)]
pub(super) struct Balance(Arc<Mutex<HashMap<Arc<str>, Vec<Endpoint>>>>);

type Endpoint = PeakEwma<Mark, Keep>;

/// Held while an answer is waited for.
pub(super) type Pending = Handle;

impl Balance {
    /// One of these endpoints, of all that the downstream has.
    pub(super) fn pick(&self, downstream: &Arc<str>, all: usize, among: &[usize]) -> Option<usize> {
        let (first, rest) = among.split_first()?;
        if rest.is_empty() {
            return Some(*first);
        }
        let mut rng = HasherRng::default();
        let one = below(&mut rng, among.len());
        let other = below(&mut rng, among.len() - 1);
        // The one that was picked is passed over, so that they are two.
        let other = if other < one { other } else { other + 1 };
        let (one, other) = (*among.get(one)?, *among.get(other)?);
        let is_lighter = self.with(downstream, all, |endpoints| {
            load(endpoints, other).partial_cmp(&load(endpoints, one))
                == Some(std::cmp::Ordering::Less)
        });
        Some(if is_lighter { other } else { one })
    }

    /// A request goes to this endpoint; `None` if there is no other, and so nothing to compare.
    pub(super) fn begin(
        &self,
        downstream: &Arc<str>,
        all: usize,
        endpoint: usize,
    ) -> Option<Pending> {
        if all < 2 {
            return None;
        }
        self.with(downstream, all, |endpoints| {
            let future = endpoints.get_mut(endpoint)?.call(());
            match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Ok(pending)) => Some(pending),
                Poll::Ready(Err(never)) => match never {},
                Poll::Pending => None,
            }
        })
    }

    fn with<T>(
        &self,
        downstream: &Arc<str>,
        all: usize,
        act: impl FnOnce(&mut Vec<Endpoint>) -> T,
    ) -> T {
        // It guards no data that a panic could have left half done.
        let mut downstreams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let endpoints = downstreams.entry(Arc::clone(downstream)).or_default();
        endpoints.resize_with(all, || {
            PeakEwma::new(Mark, UNKNOWN, DECAY.as_secs_f64() * 1e9, Keep)
        });
        act(endpoints)
    }
}

fn load(endpoints: &[Endpoint], at: usize) -> Option<Cost> {
    endpoints.get(at).map(Load::load)
}

fn below(rng: &mut HasherRng, limit: usize) -> usize {
    let limit = u64::try_from(limit).unwrap_or(1).max(1);
    usize::try_from(rng.next_u64() % limit).unwrap_or(0)
}

impl fmt::Debug for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Balance").finish_non_exhaustive()
    }
}

/// Stands for a service whose load is measured, and does nothing.
#[derive(Debug)]
struct Mark;

impl Service<()> for Mark {
    type Response = ();
    type Error = Infallible;
    type Future = Ready<Result<(), Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, (): ()) -> Self::Future {
        ready(Ok(()))
    }
}

/// Gives out what measures, for as long as the measured thing takes.
#[derive(Debug, Clone)]
struct Keep;

impl<H> TrackCompletion<H, ()> for Keep {
    type Output = H;

    fn track_completion(&self, handle: H, (): ()) -> H {
        handle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn downstream() -> Arc<str> {
        "d".into()
    }

    /// How often each of three is picked of 300 times.
    fn picked(balance: &Balance, among: &[usize]) -> [u32; 3] {
        let mut counts = [0; 3];
        for _ in 0..300 {
            let at = balance.pick(&downstream(), 3, among).unwrap();
            counts[at] += 1;
        }
        counts
    }

    #[test]
    fn none_of_none_is_picked() {
        assert_eq!(Balance::default().pick(&downstream(), 3, &[]), None);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_answers_late_is_picked_of_no_pair() {
        let balance = Balance::default();
        let pending = [0, 1, 2].map(|at| balance.begin(&downstream(), 3, at).unwrap());
        let [slow, quick, quicker] = pending;
        drop((quick, quicker));
        tokio::time::advance(Duration::from_secs(9)).await;
        drop(slow);
        let counts = picked(&balance, &[0, 1, 2]);
        assert_eq!(counts[0], 0);
        assert!(counts[1] > 60 && counts[2] > 60, "{counts:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_waited_for_is_left_for_the_others() {
        let balance = Balance::default();
        let waiting: Vec<_> = (0..5).map(|_| balance.begin(&downstream(), 3, 1)).collect();
        assert_eq!(picked(&balance, &[0, 1])[1], 0);
        drop(waiting);
        assert!(picked(&balance, &[0, 1])[1] > 60);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_slow_gets_its_chance_in_the_end() {
        let balance = Balance::default();
        let slow = balance.begin(&downstream(), 3, 0);
        tokio::time::advance(Duration::from_secs(5)).await;
        drop(slow);
        drop(balance.begin(&downstream(), 3, 1));
        assert_eq!(picked(&balance, &[0, 1])[0], 0);
        // It fades, while the other one takes a second each time.
        tokio::time::advance(Duration::from_secs(60)).await;
        let usual = balance.begin(&downstream(), 3, 1);
        tokio::time::advance(Duration::from_secs(1)).await;
        drop(usual);
        assert_eq!(picked(&balance, &[0, 1])[1], 0);
    }

    #[test]
    fn who_has_no_other_is_not_measured() {
        assert!(Balance::default().begin(&downstream(), 1, 0).is_none());
    }
}
