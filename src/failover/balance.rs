use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tower::util::rng::{HasherRng, Rng};

/// What an endpoint that has not answered yet is taken for.
const UNKNOWN: Duration = Duration::from_secs(1);

/// How long a slow answer is remembered.
const DECAY: Duration = Duration::from_secs(10);

/// How soon the endpoints of each downstream answer: of two that chance picks, the one with the lower load is asked.
/// The load is the peak of the times to the head of an answer, fading, times the requests that wait for one. Clones
/// share it.
///
/// Tower's `PeakEwma` takes the end of whatever was waited for as an answer: who fails at once would be the quickest.
#[derive(Clone, Default)]
pub(super) struct Balance(Arc<Mutex<HashMap<Arc<str>, Vec<Load>>>>);

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
        let now = Instant::now();
        let is_lighter = self.with(downstream, all, |loads| {
            let weight = |at: usize| loads.get(at).map(|load| load.weight(now));
            weight(other) < weight(one)
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
        let pending = Pending {
            balance: self.clone(),
            downstream: Arc::clone(downstream),
            endpoint,
            since: Instant::now(),
        };
        pending.with_load(|load| load.pending += 1);
        Some(pending)
    }

    fn with<T>(
        &self,
        downstream: &Arc<str>,
        all: usize,
        act: impl FnOnce(&mut Vec<Load>) -> T,
    ) -> T {
        // It guards no data that a panic could have left half done.
        let mut downstreams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let loads = downstreams.entry(Arc::clone(downstream)).or_default();
        if loads.len() < all {
            let now = Instant::now();
            loads.resize_with(all, || Load::new(now));
        }
        act(loads)
    }
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

/// Held while an answer is waited for. Dropped, it says nothing of how soon one comes.
#[derive(Debug)]
pub(super) struct Pending {
    balance: Balance,
    downstream: Arc<str>,
    endpoint: usize,
    since: Instant,
}

impl Pending {
    /// The answer has come.
    pub(super) fn answered(self) {
        let now = Instant::now();
        let took = now.saturating_duration_since(self.since);
        self.with_load(|load| load.learn(took, now));
    }

    fn with_load(&self, act: impl FnOnce(&mut Load)) {
        self.balance
            .with(&self.downstream, self.endpoint + 1, |loads| {
                loads.get_mut(self.endpoint).map(act)
            });
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let now = Instant::now();
        self.with_load(|load| {
            load.pending = load.pending.saturating_sub(1);
            // Who is asked in vain gets no quicker with time.
            load.noted = now;
        });
    }
}

/// What one endpoint has to do, and how quick it is.
#[derive(Debug)]
struct Load {
    /// Requests that wait for an answer.
    pending: u32,
    /// Seconds that an answer took, when it was noted.
    time: f64,
    noted: Instant,
}

impl Load {
    fn new(now: Instant) -> Self {
        Self {
            pending: 0,
            time: UNKNOWN.as_secs_f64(),
            noted: now,
        }
    }

    /// A slow answer counts at once, a quick one the more the longer ago the last was.
    fn learn(&mut self, took: Duration, now: Instant) {
        let took = took.as_secs_f64();
        self.time = took.max(took + (self.time - took) * self.rest(now));
        self.noted = now;
    }

    fn weight(&self, now: Instant) -> f64 {
        self.time * self.rest(now) * f64::from(self.pending.saturating_add(1))
    }

    /// How much is left of what was noted.
    fn rest(&self, now: Instant) -> f64 {
        let past = now.saturating_duration_since(self.noted);
        (-past.as_secs_f64() / DECAY.as_secs_f64()).exp()
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
        quick.answered();
        quicker.answered();
        tokio::time::advance(Duration::from_secs(9)).await;
        slow.answered();
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
        let begin = |at| balance.begin(&downstream(), 3, at).unwrap();
        let slow = begin(0);
        tokio::time::advance(Duration::from_secs(5)).await;
        slow.answered();
        begin(1).answered();
        assert_eq!(picked(&balance, &[0, 1])[0], 0);
        // It fades, while the other one takes a second each time.
        tokio::time::advance(Duration::from_secs(60)).await;
        let usual = begin(1);
        tokio::time::advance(Duration::from_secs(1)).await;
        usual.answered();
        assert_eq!(picked(&balance, &[0, 1])[1], 0);
    }

    #[test]
    fn who_has_no_other_is_not_measured() {
        assert!(Balance::default().begin(&downstream(), 1, 0).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_fails_at_once_is_no_quicker_for_it() {
        let balance = Balance::default();
        let begin = |at| balance.begin(&downstream(), 3, at).unwrap();
        let answering = begin(0);
        tokio::time::advance(Duration::from_millis(500)).await;
        answering.answered();
        for _ in 0..10 {
            drop(begin(1));
        }
        assert_eq!(picked(&balance, &[0, 1])[1], 0);
    }
}
