//! Which targets fail, and are left alone for a while.
//!
//! Only what has failed is remembered, so that a request to a target that is well costs one look.

mod breaker;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::context::Selected;

use breaker::{Breaker, Verdict};

pub(super) use breaker::after;

/// Most targets that are remembered.
const ROOM: usize = 4096;

/// What is known of targets. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Health(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// How many there are below, so that nobody needs the lock while all is well.
    count: AtomicUsize,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    breakers: HashMap<Key, Breaker>,
    /// When all was forgotten. What was asked before says nothing.
    forgotten: Option<Instant>,
}

/// One model at one endpoint of a downstream.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    downstream: Arc<str>,
    endpoint: usize,
    model: Option<Arc<str>>,
}

impl Key {
    fn of(selected: &Selected, endpoint: usize) -> Self {
        Self {
            downstream: Arc::clone(selected.target().id()),
            endpoint,
            model: selected.model_sent().cloned(),
        }
    }
}

/// How an endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It may be asked.
    Well {
        /// The last that was heard of it, not long ago, was a failure.
        has_failed: bool,
    },
    /// It may be asked, to see whether it works again.
    Probe,
    /// It is to be left alone until then.
    Ejected(Instant),
}

impl State {
    /// Whether it may be asked.
    pub(super) const fn is_open(self) -> bool {
        !matches!(self, Self::Ejected(_))
    }
}

impl Health {
    /// How an endpoint is for this model.
    pub(super) fn state(&self, selected: &Selected, endpoint: usize, now: Instant) -> State {
        let ejection = selected.target().ejection();
        let well = State::Well { has_failed: false };
        if self.is_all_well() || ejection.enabled == Some(false) {
            return well;
        }
        let memory = self.lock();
        let Some(breaker) = memory.breakers.get(&Key::of(selected, endpoint)) else {
            return well;
        };
        match breaker.verdict(&ejection, now) {
            Verdict::Well => State::Well {
                has_failed: breaker.has_failed(now),
            },
            Verdict::Probe => State::Probe,
            Verdict::Ejected(until) => State::Ejected(until),
        }
    }

    /// Lets a request go there, if it may or `is_forced`. What becomes of it is told the ticket; one that is told
    /// nothing was given up, or says nothing.
    pub(super) fn enter(
        &self,
        selected: &Selected,
        endpoint: usize,
        is_forced: bool,
        now: Instant,
    ) -> Option<Ticket> {
        let mut is_probe = false;
        let ejection = selected.target().ejection();
        if !self.is_all_well()
            && ejection.enabled != Some(false)
            && let Some(breaker) = self.lock().breakers.get_mut(&Key::of(selected, endpoint))
        {
            let verdict = breaker.verdict(&ejection, now);
            if matches!(verdict, Verdict::Ejected(_)) && !is_forced {
                return None;
            }
            is_probe = verdict == Verdict::Probe;
            if is_probe {
                breaker.begin_probe(now);
            }
        }
        Some(Ticket {
            health: self.clone(),
            asked: now,
            probed: is_probe.then(|| Key::of(selected, endpoint)),
        })
    }

    /// Forgets all.
    pub(super) fn forget(&self, now: Instant) {
        let mut memory = self.lock();
        memory.breakers.clear();
        memory.forgotten = Some(now);
        self.note(&memory);
    }

    /// Whether nothing is known to fail.
    pub(super) fn is_all_well(&self) -> bool {
        self.0.count.load(Ordering::Relaxed) == 0
    }

    fn note(&self, memory: &Memory) {
        let count = memory.breakers.len();
        self.0.count.store(count, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        // It guards no data that a panic could have left half done.
        let memory = self.0.memory.lock();
        memory.unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.count.load(Ordering::Relaxed);
        f.debug_struct("Health").field("failing", &count).finish()
    }
}

/// A request that is on its way to a target.
#[derive(Debug)]
pub(super) struct Ticket {
    health: Health,
    asked: Instant,
    /// Where it is to see if the target works again.
    probed: Option<Key>,
}

impl Ticket {
    /// The target has answered, at the endpoint that is selected.
    pub(super) fn succeed(self, selected: &Selected, now: impl FnOnce() -> Instant) {
        if self.health.is_all_well() {
            return;
        }
        let now = now();
        let key = Key::of(selected, selected.endpoint_number());
        let mut memory = self.health.lock();
        if let Some(breaker) = memory.breakers.get_mut(&key) {
            let is_over = breaker.succeed(self.asked, now);
            if self.probed.is_some() {
                tracing::info!(downstream = %key.downstream, endpoint = key.endpoint, "works again");
            }
            if is_over {
                memory.breakers.remove(&key);
                self.health.note(&memory);
            }
        }
    }

    /// The target has failed, at the endpoint that is selected, and wants perhaps to be left alone for so long.
    pub(super) fn fail(self, selected: &Selected, wait: Option<Duration>, now: Instant) {
        let ejection = selected.target().ejection();
        if ejection.enabled == Some(false) {
            return;
        }
        let key = Key::of(selected, selected.endpoint_number());
        let mut memory = self.health.lock();
        if memory.forgotten.is_some_and(|at| self.asked < at) {
            return;
        }
        let breaker = memory.breaker(&key, now);
        let before = breaker.verdict(&ejection, now);
        breaker.fail(&ejection, self.asked, wait, now);
        if let (Verdict::Well | Verdict::Probe, Verdict::Ejected(until)) =
            (before, breaker.verdict(&ejection, now))
        {
            let pause = until.saturating_duration_since(now);
            tracing::warn!(downstream = %key.downstream, endpoint = key.endpoint, ?pause, "left alone");
        }
        self.health.note(&memory);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(key) = &self.probed
            && let Some(breaker) = self.health.lock().breakers.get_mut(key)
        {
            breaker.end_probe(self.asked);
        }
    }
}

impl Memory {
    /// What is known of this one; of a new one, nothing.
    fn breaker(&mut self, key: &Key, now: Instant) -> &mut Breaker {
        if !self.breakers.contains_key(key) {
            self.make_room(now);
        }
        let breaker = self.breakers.entry(key.clone());
        breaker.or_insert_with(|| Breaker::new(now))
    }

    /// Forgets what is long ago, and if that is not enough what was heard of longest ago.
    fn make_room(&mut self, now: Instant) {
        if self.breakers.len() < ROOM {
            return;
        }
        self.breakers.retain(|_, breaker| !breaker.is_stale(now));
        if self.breakers.len() < ROOM {
            return;
        }
        let oldest = self.breakers.iter();
        let oldest = oldest.min_by_key(|(_, breaker)| breaker.touched);
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.breakers.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests;
