use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use crate::{
    Body,
    context::Selected,
    downstream::Shutdown,
    format::ApiFormat,
    router::{Trail, matter::Matter},
};

use super::{DrainLayer, ResponseBody, ResponseFuture, refusal::refusal};

/// Middleware that can be taken out of service: see the [module](super). Made by [`DrainLayer`].
///
/// What is not for a model or about models passes, also while it drains.
///
/// # Readiness
///
/// As the inner service.
///
/// # Errors
///
/// Those of the inner service.
///
/// # Cancel safety
///
/// Dropping the future, or the body, drops the inner one.
#[derive(Debug, Clone)]
pub struct Drainable<S> {
    inner: S,
    layer: DrainLayer,
}

impl<S> Drainable<S> {
    pub(super) const fn new(inner: S, layer: DrainLayer) -> Self {
        Self { inner, layer }
    }

    /// The inner service.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service.
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }

    /// Hands a request to the inner service in a way of one's own, unless it is refused.
    pub(crate) fn call_by<B, F>(
        &mut self,
        mut request: Request<B>,
        call: impl FnOnce(&mut S, Request<B>) -> F,
    ) -> ResponseFuture<F> {
        let drain = self.layer.drain();
        // Counted first: a drain that begins now waits for it, or it sees the drain.
        let counted = drain.count();
        let version = request.version();
        let shutdown = if !drain.has_begun() {
            drain.shutdown()
        } else if let Some(format) = self.format(&request) {
            return ResponseFuture::refused(refusal(format, version));
        } else {
            Shutdown::never()
        };
        let extensions = request.extensions_mut();
        let trail = Trail::of(extensions).cloned();
        let trail = trail.unwrap_or_else(|| Trail::begin(extensions));
        extensions.insert(shutdown.clone());
        let future = call(&mut self.inner, request);
        ResponseFuture::new(future, shutdown, (trail, version), counted)
    }

    /// The format that a caller speaks, if it asks for a model or about models.
    fn format<B>(&self, request: &Request<B>) -> Option<ApiFormat> {
        if let Some(selected) = Selected::of(request.extensions()) {
            return Some(selected.client());
        }
        let (method, uri) = (request.method(), request.uri());
        let table = self.layer.table.load();
        let matter = Matter::of(&table, method, uri, request.headers());
        matter.map(|matter| matter.format())
    }
}

impl<S, ReqBody> Service<Request<ReqBody>> for Drainable<S>
where
    S: Service<Request<ReqBody>, Response = Response<Body>>,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        self.call_by(request, S::call)
    }
}
