use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use super::experiment::Experiment;

/// Most experiments that are counted. A further one takes the place of that which was silent for longest.
const MOST: usize = 32;

/// The experiments, by name.
#[derive(Debug, Default)]
pub(super) struct Experiments {
    known: HashMap<Arc<str>, Known>,
    turn: u64,
}

#[derive(Debug)]
struct Known {
    experiment: Arc<Mutex<Experiment>>,
    /// When it was last asked for.
    turn: u64,
}

impl Experiments {
    /// The experiment of this name, which may be new.
    pub(super) fn of(&mut self, id: &Arc<str>) -> Arc<Mutex<Experiment>> {
        self.turn += 1;
        if let Some(known) = self.known.get_mut(id) {
            known.turn = self.turn;
            return Arc::clone(&known.experiment);
        }
        self.make_room();
        let experiment = Arc::new(Mutex::new(Experiment::new(Arc::clone(id))));
        let known = Known {
            experiment: Arc::clone(&experiment),
            turn: self.turn,
        };
        self.known.insert(Arc::clone(id), known);
        experiment
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Arc<Mutex<Experiment>>> {
        let all = self.known.values();
        all.map(|known| Arc::clone(&known.experiment)).collect()
    }

    fn make_room(&mut self) {
        if self.known.len() < MOST {
            return;
        }
        let oldest = self.known.iter().min_by_key(|(_, known)| known.turn);
        if let Some(id) = oldest.map(|(id, _)| Arc::clone(id)) {
            self.known.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_was_silent_for_longest_makes_room() {
        let mut experiments = Experiments::default();
        let busy: Arc<str> = "busy".into();
        let first = experiments.of(&busy);
        for number in 0..3 * MOST {
            experiments.of(&number.to_string().into());
            assert!(Arc::ptr_eq(&first, &experiments.of(&busy)));
        }
        assert_eq!(experiments.all().len(), MOST);
    }
}
