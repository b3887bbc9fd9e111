use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_service::Service;

use super::{Recorder, ResponseBody, ResponseFuture, measure::Measure};

/// Middleware that gives a [`Summary`](super::Summary) of each request to its [`Recorder`]s, and an
/// [id](super::RequestId) to each response. Made by [`MeterLayer`](super::MeterLayer).
///
/// # When
///
/// It belongs in front of a `RuleRouter`, as the outermost layer of the gateway's. A request counts from the call on. Its
/// summary comes when the answer's body has been read to its end or has broken off, or when the future or the body is
/// dropped. Bytes that the host still has to write to its socket are not waited for.
///
/// # Who it was
///
/// The rule, the model and the downstream are known as soon as the router has decided, so that they are told of requests
/// without an answer too. Whether a stream ended well, and what the answer came to, is told by the
/// [`Progress`](crate::context::Progress) in the response's extensions, which [`Failover`](crate::failover) puts there. Without
/// one, a body that ends without an error was whole, and nothing is known of what was in it.
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
/// Dropping the future, or the body, drops the inner one, and records that the caller went away.
#[derive(Clone)]
pub struct Meter<S> {
    inner: S,
    recorders: Arc<[Arc<dyn Recorder>]>,
}

impl<S> Meter<S> {
    pub(super) fn new(inner: S, recorders: Arc<[Arc<dyn Recorder>]>) -> Self {
        Self { inner, recorders }
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

    /// Measures a request that is handed to the inner service in a way of one's own.
    pub(crate) fn call_by<B, F>(
        &mut self,
        mut request: Request<B>,
        call: impl FnOnce(&mut S, Request<B>) -> F,
    ) -> ResponseFuture<F> {
        // It goes from the future into the body, and is large.
        let mut measure = Box::new(Measure::begin(&self.recorders, &mut request));
        let inner = &mut self.inner;
        let future = measure.step(|| call(inner, request));
        ResponseFuture::new(future, measure)
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Meter<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Error: 'static,
    ResBody: http_body::Body,
    ResBody::Error: 'static,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        self.call_by(request, S::call)
    }
}

impl<S: fmt::Debug> fmt::Debug for Meter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Meter");
        debug.field("inner", &self.inner).finish_non_exhaustive()
    }
}
