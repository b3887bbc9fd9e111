use std::{
    convert::Infallible,
    mem,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use tower_service::Service;

use crate::{Body, BoxError, context::Selected};

use super::{ResponseFuture, RuleRouterLayer, listing::Listing};

/// Middleware that decides where a request goes, and answers every error in the caller's format.
///
/// It reads the body once, writes [`Selected`] and [`Plugins`](crate::plugin::Plugins) into the request, and the
/// decision as [`Served`](super::Served) into the response. Lists of models
/// (`GET /v1/models`) are answered from the table. What no rule concerns passes untouched and unread. A
/// request that carries a [`Selected`] already is not routed again.
#[derive(Debug, Clone)]
pub struct RuleRouter<S> {
    inner: S,
    layer: RuleRouterLayer,
    /// The inner service is broken; the next call says so.
    failed: Failed,
}

/// Why the inner service did not become ready. A clone has not asked yet.
#[derive(Debug, Default)]
struct Failed(Option<BoxError>);

impl Clone for Failed {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl<S> RuleRouter<S> {
    pub(super) fn new(inner: S, layer: RuleRouterLayer) -> Self {
        Self {
            inner,
            layer,
            failed: Failed::default(),
        }
    }

    /// The inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for RuleRouter<S>
where
    S: Service<Request<Body>, Response = Response<ResBody>> + Clone,
    S::Error: Into<BoxError>,
    ReqBody: HttpBody<Data = Bytes> + Send + 'static,
    ReqBody::Error: Into<BoxError>,
    ResBody: HttpBody<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = ResponseFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if self.failed.0.is_none() {
            // Whoever calls next shall be told, in words it understands.
            self.failed.0 = ready!(self.inner.poll_ready(cx)).err().map(Into::into);
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let body = Body::new(body);
        let table = self.layer.table.load();
        let selected = Selected::of(&parts.extensions).map(Selected::client);
        if selected.is_none()
            && let Some(listing) = Listing::of(&parts.method, &parts.uri, &parts.headers)
        {
            return ResponseFuture::answered(listing.answer(&table, &parts.headers));
        }
        let concern = table.concerns(&parts.method, parts.uri.path());
        let format = selected.or(concern.as_ref().map(|concern| concern.format));
        if let Some(error) = self.failed.0.take() {
            return ResponseFuture::failed(format, &error);
        }
        if let (None, Some(format)) = (selected, format) {
            let clone = self.inner.clone();
            let ready = mem::replace(&mut self.inner, clone);
            return ResponseFuture::route(
                table,
                self.layer.body_limit,
                (ready, parts),
                format,
                body,
            );
        }
        ResponseFuture::pass(format, self.inner.call(Request::from_parts(parts, body)))
    }
}
