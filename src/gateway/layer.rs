use tower_layer::Layer;

use super::{in_front::InFront, stack::Settings};

/// Applies [`InFront`].
#[derive(Debug, Clone)]
pub struct GatewayLayer {
    settings: Settings,
}

impl GatewayLayer {
    pub(super) const fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl<S> Layer<S> for GatewayLayer {
    type Service = InFront<S>;

    fn layer(&self, inner: S) -> InFront<S> {
        InFront::new(inner, &self.settings)
    }
}
