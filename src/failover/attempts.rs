use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Extensions;
use smallvec::SmallVec;

use crate::context::Selected;

use super::Outcome;

/// What was tried for one request, in order: extension of every response that comes through
/// [`Failover`](super::Failover).
///
/// Clones share it. Who wants to see it of a request that fails or is given up too puts one into the *request*, and
/// keeps a clone: that one is used then.
#[derive(Debug, Clone, Default)]
pub struct Attempts(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    /// Nearly always one.
    tried: SmallVec<[Tried; 1]>,
    /// Whether the time for all of them was over before an answer.
    is_over: bool,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tried {
    /// Id of the downstream.
    pub downstream: Arc<str>,
    /// The model that was asked for there, if it is known.
    pub model: Option<Arc<str>>,
    /// Which of the downstream's endpoints it was, from 0.
    pub endpoint: usize,
    /// What came of it.
    pub outcome: Outcome,
}

impl Attempts {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those of this request or response, if somebody notes them.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// All of them, in order.
    pub fn to_vec(&self) -> Vec<Tried> {
        self.lock().tried.to_vec()
    }

    /// How many there were, those apart that were passed over.
    pub fn count(&self) -> usize {
        made(&self.lock()).count()
    }

    /// The first: where the request was to go.
    pub fn assigned(&self) -> Option<Tried> {
        self.lock().tried.first().cloned()
    }

    /// The one whose answer the caller got: the last at which a provider said something, or else the last. `None` if the
    /// time for all of them was over, and so nobody's answer was.
    pub fn served(&self) -> Option<Tried> {
        self.lock().served().cloned()
    }

    /// How many there were, and whose answer the caller got; `None` if nothing was even passed over.
    pub(crate) fn course(&self) -> Option<(usize, Option<Tried>)> {
        let record = self.lock();
        let is_any = !record.tried.is_empty();
        is_any.then(|| (made(&record).count(), record.served().cloned()))
    }

    /// Notes that one begins; returns its place.
    pub(super) fn begin(&self, selected: &Selected) -> usize {
        let tried = &mut self.lock().tried;
        tried.push(Tried {
            downstream: Arc::clone(selected.target().id()),
            model: selected.model_sent().cloned(),
            endpoint: selected.endpoint_number(),
            outcome: Outcome::Open,
        });
        tried.len() - 1
    }

    /// Notes that a target is passed over.
    pub(super) fn pass(&self, selected: &Selected) {
        let place = self.begin(selected);
        self.end(place, Outcome::Ejected);
    }

    /// Notes that the time for all of them is over.
    pub(super) fn time_over(&self) {
        self.lock().is_over = true;
    }

    /// Notes what came of the one at this place.
    pub(super) fn end(&self, place: usize, outcome: Outcome) {
        if let Some(tried) = self.lock().tried.get_mut(place) {
            tried.outcome = outcome;
        }
    }

    /// Whether this endpoint of this downstream was tried.
    pub(super) fn know(&self, downstream: &str, endpoint: usize) -> bool {
        self.any(|tried| *tried.downstream == *downstream && tried.endpoint == endpoint)
    }

    /// Whether this downstream was tried.
    pub(super) fn know_any(&self, downstream: &str) -> bool {
        self.any(|tried| *tried.downstream == *downstream)
    }

    /// Those at this downstream.
    pub(super) fn at(&self, downstream: &str) -> Vec<Tried> {
        let record = self.lock();
        let there = made(&record).filter(|tried| *tried.downstream == *downstream);
        there.cloned().collect()
    }

    fn any(&self, is_meant: impl Fn(&Tried) -> bool) -> bool {
        made(&self.lock()).any(is_meant)
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        // It guards no data that a panic could have left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    fn served(&self) -> Option<&Tried> {
        if self.is_over {
            return None;
        }
        let said = self.tried.iter().rfind(|tried| tried.outcome.is_said());
        said.or(self.tried.last())
    }
}

/// Those that were made, and not passed over.
fn made(record: &Record) -> impl Iterator<Item = &Tried> {
    let tried = record.tried.iter();
    tried.filter(|tried| tried.outcome != Outcome::Ejected)
}
