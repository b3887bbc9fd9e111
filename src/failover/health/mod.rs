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

use crate::{context::Selected, policy::Ejection};

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
    breakers: Mutex<HashMap<Key, Breaker>>,
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
    Open {
        /// The last that was heard of it was a failure.
        has_failed: bool,
    },
    /// It is to be left alone until then.
    Ejected(Instant),
}

impl Health {
    /// How an endpoint is for this model.
    pub(super) fn state(&self, selected: &Selected, endpoint: usize, now: Instant) -> State {
        let ejection = selected.target().ejection();
        let well = State::Open { has_failed: false };
        if self.is_all_well() || ejection.enabled == Some(false) {
            return well;
        }
        let breakers = self.lock();
        let Some(breaker) = breakers.get(&Key::of(selected, endpoint)) else {
            return well;
        };
        match breaker.verdict(&ejection, now) {
            Verdict::Well | Verdict::Probe => State::Open {
                has_failed: breaker.has_failed(),
            },
            Verdict::Ejected(until) => State::Ejected(until),
        }
    }

    /// A request goes there. What becomes of it is told the ticket; one that is told nothing was given up.
    pub(super) fn enter(&self, selected: &Selected, endpoint: usize, now: Instant) -> Ticket {
        let ejection = selected.target().ejection();
        let key = Key::of(selected, endpoint);
        let mut is_probe = false;
        if !self.is_all_well()
            && let Some(breaker) = self.lock().get_mut(&key)
        {
            is_probe = breaker.verdict(&ejection, now) == Verdict::Probe;
            if is_probe {
                breaker.begin_probe();
            }
        }
        Ticket {
            health: self.clone(),
            key,
            ejection,
            asked: now,
            is_probe,
        }
    }

    /// Forgets all.
    pub(super) fn forget(&self) {
        let mut breakers = self.lock();
        breakers.clear();
        self.note(&breakers);
    }

    fn is_all_well(&self) -> bool {
        self.0.count.load(Ordering::Relaxed) == 0
    }

    fn note(&self, breakers: &HashMap<Key, Breaker>) {
        self.0.count.store(breakers.len(), Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Breaker>> {
        // It guards no data that a panic could have left half done.
        let breakers = self.0.breakers.lock();
        breakers.unwrap_or_else(PoisonError::into_inner)
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
    key: Key,
    ejection: Ejection,
    asked: Instant,
    /// Whether it is to see if the target works again.
    is_probe: bool,
}

impl Ticket {
    /// The target has answered.
    pub(super) fn succeed(self, now: Instant) {
        if self.health.is_all_well() {
            return;
        }
        let mut breakers = self.health.lock();
        if let Some(breaker) = breakers.get_mut(&self.key)
            && breaker.succeed(self.asked, now)
        {
            if self.is_probe {
                tracing::info!(downstream = %self.key.downstream, endpoint = self.key.endpoint, "works again");
            }
            breakers.remove(&self.key);
            self.health.note(&breakers);
        }
    }

    /// The target has failed, and wants perhaps to be left alone for so long.
    pub(super) fn fail(self, wait: Option<Duration>, now: Instant) {
        if self.ejection.enabled == Some(false) {
            return;
        }
        let mut breakers = self.health.lock();
        if !breakers.contains_key(&self.key) {
            make_room(&mut breakers, now);
        }
        let breaker = breakers.entry(self.key.clone());
        let breaker = breaker.or_insert_with(|| Breaker::new(now));
        let before = breaker.verdict(&self.ejection, now);
        breaker.fail(&self.ejection, wait, now);
        if let (Verdict::Well | Verdict::Probe, Verdict::Ejected(until)) =
            (before, breaker.verdict(&self.ejection, now))
        {
            let pause = until.saturating_duration_since(now);
            tracing::warn!(downstream = %self.key.downstream, endpoint = self.key.endpoint, ?pause, "left alone");
        }
        self.health.note(&breakers);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.is_probe
            && let Some(breaker) = self.health.lock().get_mut(&self.key)
        {
            breaker.end_probe();
        }
    }
}

/// Forgets what is long ago, and if that is not enough what was heard of longest ago.
fn make_room(breakers: &mut HashMap<Key, Breaker>, now: Instant) {
    if breakers.len() < ROOM {
        return;
    }
    breakers.retain(|_, breaker| !breaker.is_stale(now));
    if breakers.len() < ROOM {
        return;
    }
    let oldest = breakers.iter().min_by_key(|(_, breaker)| breaker.touched);
    if let Some(key) = oldest.map(|(key, _)| key.clone()) {
        breakers.remove(&key);
    }
}

#[cfg(test)]
mod tests;
