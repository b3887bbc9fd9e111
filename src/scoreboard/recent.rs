use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, RandomState},
    mem,
    sync::{Arc, Mutex, Weak},
};

use super::experiment::Experiment;

/// So many requests are remembered at least, and twice as many at most, which takes 8 MB.
const LEAST: usize = 50_000;

/// Where the requests of late were counted, so that somebody can say how good their answers were.
#[derive(Default)]
pub(super) struct Recent {
    /// Whoever chooses the ids must not choose the hashes.
    hasher: RandomState,
    latest: HashMap<u64, Place>,
    before: HashMap<u64, Place>,
}

/// Where a request was counted.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) experiment: Weak<Mutex<Experiment>>,
    pub(super) arm: Arc<str>,
    pub(super) bucket: u8,
    /// What was said of its answer.
    pub(super) score: Option<f64>,
}

impl Recent {
    pub(super) fn insert(&mut self, id: &str, place: Place) {
        if self.latest.len() >= LEAST {
            mem::swap(&mut self.latest, &mut self.before);
            self.latest.clear();
        }
        self.latest.insert(self.hasher.hash_one(id), place);
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Place> {
        let hash = self.hasher.hash_one(id);
        let latest = self.latest.get_mut(&hash);
        latest.or_else(|| self.before.get_mut(&hash))
    }
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_requests_are_remembered_and_no_more_than_fit() {
        let mut recent = Recent::default();
        for id in 0..3 * LEAST {
            let place = Place {
                experiment: Weak::new(),
                arm: "a".into(),
                bucket: 0,
                score: None,
            };
            recent.insert(&id.to_string(), place);
        }
        let mut knows = |id: usize| recent.get_mut(&id.to_string()).is_some();
        assert!((2 * LEAST..3 * LEAST).all(&mut knows));
        assert!(!knows(0));
        assert!(recent.latest.len() + recent.before.len() <= 2 * LEAST);
    }
}
