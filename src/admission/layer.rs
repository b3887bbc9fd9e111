use tower_layer::Layer;

use super::{ClientKeys, RequireKey};

/// Applies [`RequireKey`].
#[derive(Debug, Clone)]
#[must_use]
pub struct ClientKeysLayer {
    keys: ClientKeys,
}

impl ClientKeysLayer {
    /// Admits whoever has one of these keys.
    pub const fn new(keys: ClientKeys) -> Self {
        Self { keys }
    }
}

impl<S> Layer<S> for ClientKeysLayer {
    type Service = RequireKey<S>;

    fn layer(&self, inner: S) -> RequireKey<S> {
        RequireKey::new(inner, self.keys.clone())
    }
}
