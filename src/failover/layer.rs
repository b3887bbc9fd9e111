use std::time::Duration;

use tower_layer::Layer;

use super::{Failover, pool::Pool};

/// Applies [`Failover`]: the same provider again, or the next one. Belongs above all that makes up one attempt, and below
/// whoever selects targets.
///
/// Clones, and all services that they make, share the budgets, and what is known of targets that fail. There must be no
/// other loop of tries around or below it.
#[derive(Debug, Clone)]
pub struct FailoverLayer {
    pub(super) body_limit: usize,
    pub(super) head_hold: Duration,
    pub(super) pool: Pool,
}

impl FailoverLayer {
    /// With the default limits.
    pub fn new() -> Self {
        Self {
            body_limit: 32 << 20,
            head_hold: Duration::from_secs(30),
            pool: Pool::default(),
        }
    }

    /// Most bytes of a request's body that comes as a stream and is collected, to be sent more than once. Default
    /// 32 MiB. What is larger is answered 413.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// How long the head of a stream is held for its first content, counted from the provider's head. Default 30 s.
    /// After that the caller gets it, and nothing else is tried.
    #[must_use]
    pub fn head_hold(mut self, limit: Duration) -> Self {
        self.head_hold = limit;
        self
    }
}

impl FailoverLayer {
    /// Forgets which targets have failed, and so are left alone.
    pub fn forget_failures(&self) {
        self.pool.forget();
    }
}

impl Default for FailoverLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for FailoverLayer {
    type Service = Failover<S>;

    fn layer(&self, inner: S) -> Failover<S> {
        Failover::new(inner, self.clone())
    }
}
