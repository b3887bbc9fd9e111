//! Which arm a tool loop began with.

use std::{
    collections::HashMap,
    fmt, mem,
    sync::{Arc, Mutex, PoisonError},
};

use memchr::memmem;

use crate::{
    experiment::{AssignedBy, Assignment, Unit, is_in_tool_loop},
    ir,
};

use super::{Decision, Facts, Table};

/// Most assignments that are remembered.
const MOST: usize = 1 << 16;

/// Remembers which arms were given to requests that may begin a tool loop, so that a loop keeps its arm when weights
/// change. What is older than the last 32,768 is forgotten in the end, and above 65,536 at once. Clones share it.
///
/// It is a memory of one process: another replica, or this one after a restart, draws by the weights as they are.
#[derive(Clone, Default)]
pub(super) struct Loops(Arc<Mutex<Memory>>);

/// Two generations: when the young one is full, it is the old one, and that is gone.
#[derive(Default)]
struct Memory {
    young: HashMap<Unit, Assignment>,
    old: HashMap<Unit, Assignment>,
}

impl Loops {
    /// Decides as the table does, but for a request within a tool loop that began with another arm: that one is kept, if it
    /// is there still.
    ///
    /// # Errors
    ///
    /// As [`Table::decide`].
    pub(super) fn decide(
        &self,
        table: &Table,
        facts: &mut Facts<'_>,
    ) -> Result<Decision, ir::Error> {
        let decision = table.decide(facts)?;
        let Some(drawn) = decision.assignment() else {
            return Ok(decision);
        };
        // Without a key, each request is one of its own; and who chooses does so each time.
        let is_once = matches!(drawn.by, AssignedBy::Random | AssignedBy::Override);
        if is_once || !may_loop(facts.body) {
            return Ok(decision);
        }
        // The body is read once more only after weights have changed.
        if let Some(began) = self.get(drawn.unit)
            && began.experiment == drawn.experiment
            && began.arm != drawn.arm
            && is_in_tool_loop(facts.format, facts.body)
        {
            facts.kept = Some(began.clone());
            let decision = table.decide(facts)?;
            let is_kept = decision
                .assignment()
                .is_some_and(|kept| kept.arm == began.arm);
            if is_kept {
                self.put(began);
                return Ok(decision);
            }
        }
        self.put(drawn.clone());
        Ok(decision)
    }

    fn get(&self, unit: Unit) -> Option<Assignment> {
        self.with(|memory| memory.young.get(&unit).or(memory.old.get(&unit)).cloned())
    }

    fn put(&self, assignment: Assignment) {
        let forgotten = self.with(|memory| {
            memory.young.insert(assignment.unit, assignment);
            if memory.young.len() < MOST / 2 {
                return HashMap::new();
            }
            let young = mem::take(&mut memory.young);
            mem::replace(&mut memory.old, young)
        });
        // It takes a while, in which nobody has to wait.
        drop(forgotten);
    }

    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        // No panic can leave it half done.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a body can have to do with tools: each format has one of these words in what it says of them.
fn may_loop(body: &[u8]) -> bool {
    let has = |word: &str| memmem::find(body, word.as_bytes()).is_some();
    has("tool") || has("function")
}

impl fmt::Debug for Loops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.with(|memory| memory.young.len() + memory.old.len());
        write!(f, "Loops({known})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assignment(unit: u64, arm: &str) -> Assignment {
        Assignment::new("e", arm, AssignedBy::Key, Unit(unit), Arc::from([]))
    }

    #[test]
    fn the_last_word_counts() {
        let loops = Loops::default();
        loops.put(assignment(1, "a"));
        loops.put(assignment(1, "b"));
        assert_eq!(loops.clone().get(Unit(1)).unwrap().arm, "b".into());
        assert!(loops.get(Unit(2)).is_none());
    }

    #[test]
    fn it_never_holds_more_than_its_bound_and_forgets_the_oldest() {
        let loops = Loops::default();
        let most = MOST as u64;
        for unit in 0..3 * most {
            loops.put(assignment(unit, "a"));
            let held = loops.with(|memory| memory.young.len() + memory.old.len());
            assert!(held <= MOST, "{held}");
        }
        assert!(loops.get(Unit(0)).is_none());
        let young = 3 * most - most / 2;
        assert!((young..3 * most).all(|unit| loops.get(Unit(unit)).is_some()));
    }
}
