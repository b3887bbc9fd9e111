use tower_layer::Layer;

use super::{RuleRouter, Table};

/// Applies [`RuleRouter`].
#[derive(Debug, Clone)]
#[must_use]
pub struct RuleRouterLayer {
    pub(super) table: Table,
    pub(super) body_limit: usize,
}

impl RuleRouterLayer {
    /// Routes by this table.
    pub const fn new(table: Table) -> Self {
        Self {
            table,
            body_limit: 32 << 20,
        }
    }

    /// Most bytes of a request body. More is answered with 413. Default 32 MiB.
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }
}

impl<S> Layer<S> for RuleRouterLayer {
    type Service = RuleRouter<S>;

    fn layer(&self, inner: S) -> RuleRouter<S> {
        RuleRouter::new(inner, self.clone())
    }
}
