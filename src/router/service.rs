use std::{
    convert::Infallible,
    mem,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use tower_service::Service;

use crate::{Body, BoxError, admission::Admitted, context::Selected};

use super::{ResponseFuture, RuleRouterLayer, listing::Listing, path};

/// Middleware that decides where a request goes, and answers every error in the caller's format.
///
/// It reads the body once, writes [`Selected`] and [`Plugins`](crate::plugin::Plugins) into the request, and the
/// decision as [`Served`](super::Served) into the response. Lists of models
/// (`GET /v1/models`) are answered from the table. What no rule concerns passes untouched and unread. A
/// request that carries a [`Selected`] already is not routed again. With
/// [client keys](RuleRouterLayer::client_keys), who has none of them is answered 401.
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
        let (mut parts, body) = request.into_parts();
        let body = Body::new(body);
        let table = self.layer.table.load();
        let selected = Selected::of(&parts.extensions).map(Selected::client);
        let listing = match selected {
            None => Listing::of(&parts.method, &parts.uri, &parts.headers),
            Some(_) => None,
        };
        let concern = table.concerns(&parts.method, &parts.uri);
        let format = selected
            .or(listing.as_ref().map(|listing| listing.format))
            .or(concern.as_ref().map(|concern| concern.format));
        // After the table: who is decided by a new one is asked for the keys that came with it.
        let keys = &self.layer.keys;
        let admitted = match format.map(|format| keys.admit(format, &parts)) {
            Some(Err(refused)) => return ResponseFuture::answered(refused),
            Some(Ok(admitted)) => admitted,
            None => Admitted::default(),
        };
        if let Some(listing) = listing {
            return ResponseFuture::answered(listing.answer(&table, &parts.headers));
        }
        let canonical = concern.and_then(|concern| path::replaced(&parts.uri, &concern.path));
        admitted.remove_from(&mut parts);
        if let Some(error) = self.failed.0.take() {
            return ResponseFuture::failed(format, &error);
        }
        if let (None, Some(format)) = (selected, format) {
            parts.uri = canonical.unwrap_or(parts.uri);
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
