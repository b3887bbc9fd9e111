use std::{
    convert::Infallible,
    mem,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body::Body as HttpBody;
use tower_service::Service;

use crate::{
    Body, BoxError,
    admission::Admitted,
    context::Selected,
    format::{ApiFormat, Operation},
};

use super::{
    ResponseFuture, RuleRouterLayer, Table, Trail,
    future::Job,
    matter::{self, Matter, Nobody},
    path,
};

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

impl<S> RuleRouter<S> {
    /// Handles a request by this table, for who has asked it already whether the request is its own.
    pub(crate) fn call_by<ReqBody, ResBody>(
        &mut self,
        table: Table,
        request: Request<ReqBody>,
    ) -> ResponseFuture<S>
    where
        S: Service<Request<Body>, Response = Response<ResBody>> + Clone,
        ReqBody: HttpBody<Data = Bytes> + Send + 'static,
        ReqBody::Error: Into<BoxError>,
    {
        let (mut parts, body) = request.into_parts();
        let body = Body::new(body);
        if let Some(client) = Selected::of(&parts.extensions).map(Selected::client) {
            note(&parts, Some(client));
            return self.routed(client, parts, body);
        }
        let matter = Matter::of(&table, &parts.method, &parts.uri, &parts.headers);
        let format = matter.as_ref().map(Matter::format);
        note(&parts, format);
        // After the table: who is decided by a new one is asked for the keys that came with it.
        let admitted = match self.admit(format, &parts) {
            Ok(admitted) => admitted,
            Err(refused) => return ResponseFuture::answered(refused),
        };
        let concern = match matter {
            Some(Matter::List(listing)) => {
                return ResponseFuture::answered(listing.answer(&table, &parts.headers));
            }
            Some(Matter::Upgrade(format)) => {
                return ResponseFuture::answered(matter::refuse_upgrade(format, parts.version));
            }
            Some(Matter::Malformed(format)) => {
                return ResponseFuture::answered(format.error_response(&matter::malformed()));
            }
            Some(Matter::Route(concern)) => Some(concern),
            None => None,
        };
        if let Some(error) = self.failed.0.take() {
            return ResponseFuture::failed(format, &error);
        }
        let Some(concern) = concern else {
            let nobody = Nobody::of(&parts.uri, &parts.headers);
            let request = Request::from_parts(parts, body);
            return ResponseFuture::host(nobody, self.inner.call(request));
        };
        let asked = (concern.format, concern.call.operation);
        let canonical = path::replaced(&parts.uri, &concern.path);
        if let Some(canonical) = canonical {
            parts.uri = canonical;
        }
        admitted.remove_from(&mut parts);
        let job = self.job(table, asked, parts);
        ResponseFuture::route(job, self.layer.body_limit, body)
    }

    /// Takes the service that is ready for this request, of that format and operation.
    fn job(
        &mut self,
        table: Table,
        (format, operation): (ApiFormat, Operation),
        parts: Parts,
    ) -> Box<Job<S>>
    where
        S: Clone,
    {
        let clone = self.inner.clone();
        // It is large, and whoever has it is moved.
        Box::new(Job {
            table,
            loops: self.layer.table.loops().clone(),
            format,
            operation,
            ready: mem::replace(&mut self.inner, clone),
            parts,
        })
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
        let table = self.layer.table.load();
        self.call_by(table, request)
    }
}

/// Tells who waits in front which format the caller speaks.
fn note(parts: &Parts, format: Option<ApiFormat>) {
    if let (Some(trail), Some(format)) = (Trail::of(&parts.extensions), format) {
        trail.speaks(format);
    }
}

impl<S> RuleRouter<S> {
    #[allow(clippy::result_large_err, reason = "it is the response")]
    fn admit(&self, format: Option<ApiFormat>, parts: &Parts) -> Result<Admitted, Response<Body>> {
        match format {
            Some(format) => self.layer.keys.admit(format, parts),
            None => Ok(Admitted::default()),
        }
    }

    /// For a request that somebody has routed already.
    fn routed(&mut self, client: ApiFormat, mut parts: Parts, body: Body) -> ResponseFuture<S>
    where
        S: Service<Request<Body>>,
    {
        match self.admit(Some(client), &parts) {
            Ok(admitted) => admitted.remove_from(&mut parts),
            Err(refused) => return ResponseFuture::answered(refused),
        }
        if let Some(error) = self.failed.0.take() {
            return ResponseFuture::failed(Some(client), &error);
        }
        let request = Request::from_parts(parts, body);
        ResponseFuture::pass(Some(client), self.inner.call(request))
    }
}
