use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tower::util::Oneshot;
use tower_service::Service;

use crate::{
    Body, BoxError,
    context::Selected,
    guard::{GuardedFuture, Owner},
};

use super::HyperClient;

/// A client that has the host's own handler beside it: what is for
/// [`Target::handler`](crate::target::Target::handler) goes to the service `H` and stays in the process, all else to
/// the client `C`. Made by [`DownstreamService::with_handler`](super::DownstreamService::with_handler).
///
/// # Readiness
///
/// Always ready: which of the two is meant is known only with the request. That one is driven to readiness in the
/// future.
///
/// # Errors
///
/// [`Error`](crate::Error) if the handler fails or panics, with the handler's own as its source; so does the body of its
/// answer. Else the client's.
///
/// # Cancel safety
///
/// Dropping the future drops the handler's, or the client's.
#[derive(Debug, Clone)]
pub struct WithHandler<H, C = HyperClient> {
    handler: H,
    client: C,
}

impl<H, C> WithHandler<H, C> {
    pub(super) const fn new(handler: H, client: C) -> Self {
        Self { handler, client }
    }

    /// The handler.
    pub const fn get_ref(&self) -> &H {
        &self.handler
    }

    /// The handler, to change it.
    pub const fn get_mut(&mut self) -> &mut H {
        &mut self.handler
    }

    /// Gives the handler back.
    pub fn into_inner(self) -> H {
        self.handler
    }
}

impl<H, C, HandlerBody, ClientBody> Service<Request<Body>> for WithHandler<H, C>
where
    H: Service<Request<Body>, Response = Response<HandlerBody>> + Clone,
    H::Error: Into<BoxError>,
    HandlerBody: HttpBody<Data = Bytes> + Send + 'static,
    HandlerBody::Error: Into<BoxError>,
    C: Service<Request<Body>, Response = Response<ClientBody>> + Clone,
    C::Error: Into<BoxError>,
    ClientBody: HttpBody<Data = Bytes> + Send + 'static,
    ClientBody::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = HandlerFuture<H, C>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let selected = Selected::of(request.extensions());
        let state = if selected.is_some_and(|selected| selected.target().is_handler()) {
            // Somebody further out may have asked this very one whether it is ready.
            let clone = self.handler.clone();
            let handler = mem::replace(&mut self.handler, clone);
            let response = Oneshot::new(handler, request);
            State::Handler {
                response: GuardedFuture::new(Owner::Handler, response),
            }
        } else {
            State::Client {
                response: Oneshot::new(self.client.clone(), request),
            }
        };
        HandlerFuture { state }
    }
}

pin_project! {
    /// Response future of [`WithHandler`].
    #[must_use = "futures do nothing unless polled"]
    pub struct HandlerFuture<H, C>
    where
        H: Service<Request<Body>>,
        C: Service<Request<Body>>,
    {
        #[pin]
        state: State<H, C>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<H, C>
    where
        H: Service<Request<Body>>,
        C: Service<Request<Body>>,
    {
        Handler { #[pin] response: GuardedFuture<Oneshot<H, Request<Body>>> },
        Client { #[pin] response: Oneshot<C, Request<Body>> },
    }
}

impl<H, C, HandlerBody, ClientBody> Future for HandlerFuture<H, C>
where
    H: Service<Request<Body>, Response = Response<HandlerBody>>,
    H::Error: Into<BoxError>,
    HandlerBody: HttpBody<Data = Bytes> + Send + 'static,
    HandlerBody::Error: Into<BoxError>,
    C: Service<Request<Body>, Response = Response<ClientBody>>,
    C::Error: Into<BoxError>,
    ClientBody: HttpBody<Data = Bytes> + Send + 'static,
    ClientBody::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Handler { response } => response.poll(cx),
            StateProj::Client { response } => response
                .poll(cx)
                .map_ok(|response| response.map(Body::new))
                .map_err(Into::into),
        }
    }
}

impl<H, C> fmt::Debug for HandlerFuture<H, C>
where
    H: Service<Request<Body>>,
    C: Service<Request<Body>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerFuture").finish_non_exhaustive()
    }
}
