use tower_layer::Layer;

use crate::router::SharedTable;

use super::{Drain, Drainable};

/// Applies [`Drainable`].
#[derive(Debug, Clone)]
pub struct DrainLayer {
    drain: Drain,
    pub(super) table: SharedTable,
}

impl DrainLayer {
    /// Refuses requests when this drain has begun; the table tells which format their callers speak.
    pub fn new(drain: Drain, table: impl Into<SharedTable>) -> Self {
        let table = table.into();
        Self { drain, table }
    }
}

impl DrainLayer {
    /// What is begun to take the services of this layer out of service.
    pub const fn drain(&self) -> &Drain {
        &self.drain
    }
}

impl<S> Layer<S> for DrainLayer {
    type Service = Drainable<S>;

    fn layer(&self, inner: S) -> Drainable<S> {
        Drainable::new(inner, self.clone())
    }
}
