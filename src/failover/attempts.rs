use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Extensions;

use crate::context::Selected;

use super::Outcome;

/// What was tried for one request, in order: extension of every response that comes through
/// [`Failover`](super::Failover).
///
/// Clones share it. Who wants to see it of a request that fails or is given up too puts one into the *request*, and
/// keeps a clone: that one is used then.
#[derive(Debug, Clone, Default)]
pub struct Attempts(Arc<Mutex<Vec<Tried>>>);

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
        self.lock().clone()
    }

    /// How many there were, those apart that were passed over.
    pub fn count(&self) -> usize {
        let attempts = self.lock();
        let made = attempts
            .iter()
            .filter(|tried| tried.outcome != Outcome::Ejected);
        made.count()
    }

    /// The first: where the request was to go.
    pub fn assigned(&self) -> Option<Tried> {
        self.lock().first().cloned()
    }

    /// The one whose answer the caller got: the last at which a provider said something, or else the last.
    pub fn served(&self) -> Option<Tried> {
        let attempts = self.lock();
        let said = attempts.iter().rfind(|tried| tried.outcome.is_said());
        said.or(attempts.last()).cloned()
    }

    /// Notes that one begins; returns its place.
    pub(super) fn begin(&self, selected: &Selected) -> usize {
        let mut attempts = self.lock();
        attempts.push(Tried {
            downstream: Arc::clone(selected.target().id()),
            model: selected.model_sent().cloned(),
            endpoint: selected.endpoint_number(),
            outcome: Outcome::Open,
        });
        attempts.len() - 1
    }

    /// Notes that a target is passed over.
    pub(super) fn pass(&self, selected: &Selected) {
        let place = self.begin(selected);
        self.end(place, Outcome::Ejected);
    }

    /// Notes what came of the one at this place.
    pub(super) fn end(&self, place: usize, outcome: Outcome) {
        if let Some(tried) = self.lock().get_mut(place) {
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

    fn any(&self, is_meant: impl Fn(&Tried) -> bool) -> bool {
        let attempts = self.lock();
        let mut made = attempts
            .iter()
            .filter(|tried| tried.outcome != Outcome::Ejected);
        made.any(is_meant)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Tried>> {
        // It guards no data that a panic could have left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
