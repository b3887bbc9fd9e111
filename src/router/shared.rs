use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arc_swap::ArcSwap;

use super::{Table, UnknownAlias, table::Inner};

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
}

impl SharedTable {
    /// Begins with this table.
    pub fn new(table: Table) -> Self {
        Self(Arc::new(Shared {
            table: ArcSwap::new(table.0),
            writing: Mutex::new(()),
        }))
    }

    /// The table as it is now.
    pub fn load(&self) -> Table {
        Table(self.0.table.load_full())
    }

    /// Puts another in its place. Alias options that were activated stay active where the new table has the same option
    /// for the same name.
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
