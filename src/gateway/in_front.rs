use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    Body, BoxError,
    context::Selected,
    downstream::WithHandler,
    router::{SharedTable, Table, matter::Matter},
};

use super::{
    incoming::Incoming,
    stack::{Answering, Settings, Stack},
};

/// The gateway in front of another service: it answers what is for a model; the rest passes untouched, bodies unread
/// and trailers kept.
///
/// What is routed to [the host's own handler](crate::target::Target::handler) goes to the same service, as it would go
/// to a provider: translated if the caller speaks another format, at the path of the format that the handler declares,
/// without the caller's credentials; all of the request's extensions are there, and a
/// [`Selected`](crate::context::Selected). What it answers, errors included, is translated back.
///
/// # Readiness
///
/// Ready when the other service is; the gateway always is. The very instance that was asked gets the request.
///
/// # Errors
///
/// Those of the other service, for what is not the gateway's. Where it fails as a handler, the answer is a 502 in the
/// caller's format.
///
/// # Cancel safety
///
/// Dropping the future, or the response's body, drops the other service's, or the request to the provider.
#[derive(Debug, Clone)]
pub struct InFront<S> {
    table: SharedTable,
    /// It holds the one instance of the other service, so that no more than one is reserved.
    stack: Stack<WithHandler<S>>,
    incoming: Incoming,
}

impl<S> InFront<S> {
    pub(super) fn new(inner: S, settings: &Settings) -> Self {
        Self {
            table: settings.table.clone(),
            stack: settings.stack(settings.downstream.clone().with_handler(inner)),
            incoming: settings.incoming.clone(),
        }
    }

    /// The service behind the gateway.
    pub fn get_ref(&self) -> &S {
        let failover = self.stack.get_ref().get_ref().get_ref().get_ref();
        let translate = failover.get_ref().get_ref();
        translate.get_ref().get_ref().get_ref().get_ref()
    }

    /// The service behind the gateway.
    pub fn get_mut(&mut self) -> &mut S {
        let failover = self.stack.get_mut().get_mut().get_mut().get_mut();
        let translate = failover.get_mut().get_mut();
        translate.get_mut().get_mut().get_mut().get_mut()
    }

    /// The service behind the gateway.
    pub fn into_inner(self) -> S {
        let shadow = self.stack.into_inner().into_inner().into_inner();
        let failover = shadow.into_inner();
        let translate = failover.into_inner().into_inner();
        translate
            .into_inner()
            .into_inner()
            .into_inner()
            .into_inner()
    }
}

/// Whether a request is for a model or about models: by its method and path, or because somebody has routed it already.
fn is_ours<B>(table: &Table, request: &Request<B>) -> bool {
    let (method, uri) = (request.method(), request.uri());
    Selected::of(request.extensions()).is_some()
        || Matter::of(table, method, uri, request.headers()).is_some()
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for InFront<S>
where
    S: Service<Request<Body>, Response = Response<ResBody>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    ReqBody: HttpBody<Data = Bytes> + Send + 'static,
    ReqBody::Error: Into<BoxError>,
    ResBody: HttpBody<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<Answering<WithHandler<S>>, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let gateway = Service::<Request<ReqBody>>::poll_ready(&mut self.stack, cx);
        ready!(gateway).unwrap_or_else(|never| match never {});
        self.get_mut().poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // One table for both questions, or a request could be ours by one and nobody's by the next.
        let table = self.table.load();
        let state = if is_ours(&table, &request) {
            let request = self.incoming.timed(request);
            let future = self.stack.call_by(request, |drainable, request| {
                drainable.call_by(request, |router, request| router.call_by(table, request))
            });
            State::Gateway { future }
        } else {
            State::Inner {
                future: self.get_mut().call(request.map(Body::new)),
            }
        };
        ResponseFuture { state }
    }
}

pin_project! {
    /// Response future of [`InFront`]: the gateway's `G`, or the other service's `F`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<G, F> {
        #[pin]
        state: State<G, F>,
    }
}

pin_project! {
    #[project = StateProj]
    #[derive(Debug)]
    enum State<G, F> {
        Gateway { #[pin] future: G },
        Inner { #[pin] future: F },
    }
}

impl<G, F, Ours, Theirs, E> Future for ResponseFuture<G, F>
where
    G: Future<Output = Result<Response<Ours>, Infallible>>,
    Ours: HttpBody<Data = Bytes> + Send + 'static,
    Ours::Error: Into<BoxError>,
    F: Future<Output = Result<Response<Theirs>, E>>,
    Theirs: HttpBody<Data = Bytes> + Send + 'static,
    Theirs::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Gateway { future } => future
                .poll(cx)
                .map_ok(|response| response.map(Body::new))
                .map_err(|never| match never {}),
            StateProj::Inner { future } => {
                future.poll(cx).map_ok(|response| response.map(Body::new))
            }
        }
    }
}
