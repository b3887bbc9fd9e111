use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arc_swap::ArcSwap;

use super::{Table, UnknownAlias, WeightsError, loops::Loops, table::Inner};

/// A table that can be replaced while requests are on their way. Clones share it.
///
/// A request is decided by the one table that is there when it has come in, and keeps it; no reader ever waits for a
/// writer. An old table is freed with the last request that it decided.
#[derive(Clone)]
pub struct SharedTable(Arc<Shared>);

struct Shared {
    table: ArcSwap<Inner>,
    /// Only for those who change something, so that no activation gets lost in a table that is being replaced.
    writing: Mutex<()>,
    /// Which arms tool loops began with, whatever the table was then.
    loops: Loops,
}

impl SharedTable {
    /// Begins with this table.
    pub fn new(table: Table) -> Self {
        Self(Arc::new(Shared {
            table: ArcSwap::new(table.0),
            writing: Mutex::new(()),
            loops: Loops::default(),
        }))
    }

    /// The table as it is now.
    pub fn load(&self) -> Table {
        Table(self.0.table.load_full())
    }

    /// Puts another in its place. Alias options that were activated stay active where the new table has the same option
    /// for the same name. Weights that were set stay where it has the same experiment with the arms and weights that the
    /// former table was built with; where those differ, its own count.
    pub fn store(&self, table: Table) {
        let _writing = self.write();
        table.0.adopt(&self.0.table.load());
        self.0.table.store(table.0);
    }

    /// Makes an option of an alias the active one, from the next request on.
    ///
    /// # Errors
    ///
    /// If no option has this id.
    pub fn activate_alias(&self, id: &str) -> Result<(), UnknownAlias> {
        let _writing = self.write();
        self.0.table.load().activate_alias(id)
    }

    /// Gives arms of an experiment other weights, from the next request on; arms that are not named keep theirs. Keys move to
    /// arms that get more, and away from those that get less, and no other key moves. Requests within a tool loop keep the
    /// arm that it began with.
    ///
    /// # Errors
    ///
    /// If there is no such experiment or arm, or a weight is neither 0 nor from 1e-9 to 1e9, or all are 0; nothing changes
    /// then.
    pub fn set_weights(
        &self,
        experiment: &str,
        weights: &[(&str, f64)],
    ) -> Result<(), WeightsError> {
        let _writing = self.write();
        self.0.table.load().set_weights(experiment, weights)
    }

    pub(super) fn loops(&self) -> &Loops {
        &self.0.loops
    }

    fn write(&self) -> MutexGuard<'_, ()> {
        // It guards no data that a panic could have left half done.
        self.0
            .writing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Table> for SharedTable {
    fn from(table: Table) -> Self {
        Self::new(table)
    }
}

impl From<&SharedTable> for SharedTable {
    fn from(table: &SharedTable) -> Self {
        table.clone()
    }
}

impl fmt::Debug for SharedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedTable").field(&self.load()).finish()
    }
}
