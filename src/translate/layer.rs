use tower_layer::Layer;

use crate::{format::ApiFormat, ir::LossPolicy};

use super::Translate;

/// Applies [`Translate`].
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct TranslateLayer {
    pub(super) pair: Option<(ApiFormat, ApiFormat)>,
    pub(super) limits: Limits,
    pub(super) losses: LossPolicy,
}

/// What may be held in memory at once, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) body: usize,
    pub(super) event: usize,
}

impl Limits {
    pub(super) const DEFAULT: Self = Self {
        body: 32 << 20,
        event: 16 << 20,
    };
}

impl TranslateLayer {
    /// Callers speak `client`, the inner service speaks `provider`.
    pub const fn new(client: ApiFormat, provider: ApiFormat) -> Self {
        Self {
            pair: Some((client, provider)),
            ..Self::selected()
        }
    }

    /// Takes both formats from the request's [`Selected`](crate::context::Selected); a request without one passes
    /// untouched.
    pub const fn selected() -> Self {
        Self {
            pair: None,
            limits: Limits::DEFAULT,
            losses: LossPolicy::new(),
        }
    }

    /// Most bytes of a request body, or of a response body that comes whole. More is answered with 413 or 502.
    /// Default 32 MiB.
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.limits.body = bytes;
        self
    }

    /// Most bytes of one event of a stream. More ends the stream with an error. Default 16 MiB.
    pub const fn event_limit(mut self, bytes: usize) -> Self {
        self.limits.event = bytes;
        self
    }

    /// Refuses what can't be translated without loss, with a 400 that names the field. Off by default: the loss is
    /// reported and the request goes on. What [`Selected`](crate::context::Selected) says comes first.
    pub const fn strict(mut self, strict: bool) -> Self {
        self.losses.strict = Some(strict);
        self
    }

    /// Tells callers in a response header, `x-translation-warnings`, the paths of what was lost. Off by default. What
    /// [`Selected`](crate::context::Selected) says comes first.
    pub const fn warnings_header(mut self, tell: bool) -> Self {
        self.losses.warnings = Some(tell);
        self
    }
}

impl<S> Layer<S> for TranslateLayer {
    type Service = Translate<S>;

    fn layer(&self, inner: S) -> Translate<S> {
        Translate::new(inner, *self)
    }
}
