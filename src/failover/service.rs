use std::{
    mem,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use tokio::time::Instant;
use tower::retry::Retry;
use tower_service::Service;

use crate::{Body, BoxError, context::Selected, policy::Phase};

use super::{
    Attempts, FailoverLayer, Fallbacks, ResponseFuture, attempt::Attempt, call::Call,
    future::Tries, policy::Policy,
};

/// Tries a request's [`Selected`] target again when it fails, and then its [`Fallbacks`]. Made by [`FailoverLayer`].
#[derive(Debug, Clone)]
pub struct Failover<S> {
    inner: S,
    layer: FailoverLayer,
}

impl<S> Failover<S> {
    pub(super) fn new(inner: S, layer: FailoverLayer) -> Self {
        Self { inner, layer }
    }

    /// The inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service, to change it.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Gives the inner service back.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, ReqBody> Service<Request<ReqBody>> for Failover<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone,
    S::Error: Into<BoxError>,
    ReqBody: HttpBody<Data = Bytes> + Send + 'static,
    ReqBody::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = ResponseFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let mut request = request.map(Body::new);
        let Some(selected) = Selected::of(request.extensions()).cloned() else {
            return ResponseFuture::pass(self.inner.call(request));
        };
        let extensions = request.extensions_mut();
        let attempts = extensions.remove::<Attempts>().unwrap_or_default();
        let fallbacks = extensions.remove::<Fallbacks>();
        let limit = selected.timeouts().limit(Phase::Total, selected.stream());
        let deadline = limit.map(|limit| Instant::now() + limit);
        // The ready service goes into the future; a clone, not yet ready, stays here.
        let clone = self.inner.clone();
        let attempt = Attempt {
            inner: mem::replace(&mut self.inner, clone),
            head_hold: self.layer.head_hold,
            deadline,
            attempts: attempts.clone(),
            pool: self.layer.pool.clone(),
        };
        let mut policy = Policy::new(&self.layer, attempts.clone(), deadline, fallbacks);
        let mut call = Call { selected, request };
        if let Err(error) = policy.start(&mut call) {
            return ResponseFuture::refused(attempts, error);
        }
        let tries = Tries {
            retry: Retry::new(policy, attempt),
            attempts,
            limit,
        };
        tries.begin(call, self.layer.body_limit)
    }
}
