use tower_layer::Layer;

use crate::admission::ClientKeys;

use super::{RuleRouter, SharedTable};

/// Applies [`RuleRouter`].
#[derive(Debug, Clone)]
#[must_use]
pub struct RuleRouterLayer {
    pub(super) table: SharedTable,
    pub(super) body_limit: usize,
    pub(super) keys: ClientKeys,
}

impl RuleRouterLayer {
    /// Routes by this table. A [`SharedTable`] may be replaced later.
    pub fn new(table: impl Into<SharedTable>) -> Self {
        Self {
            table: table.into(),
            body_limit: 32 << 20,
            keys: ClientKeys::default(),
        }
    }

    /// Most bytes of a request body. More is answered with 413. Default 32 MiB.
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Asks for one of these keys at everything that is for a model or about models, and takes it out of the request; the
    /// rest passes as without them. None by default.
    pub fn client_keys(mut self, keys: ClientKeys) -> Self {
        self.keys = keys;
        self
    }
}

impl<S> Layer<S> for RuleRouterLayer {
    type Service = RuleRouter<S>;

    fn layer(&self, inner: S) -> RuleRouter<S> {
        RuleRouter::new(inner, self.clone())
    }
}
