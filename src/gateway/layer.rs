use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::{Body, BoxError};

use super::GatewayService;

/// Applies [`InFront`].
#[derive(Debug, Clone)]
pub struct GatewayLayer {
    gateway: GatewayService,
}

impl GatewayLayer {
    pub(super) const fn new(gateway: GatewayService) -> Self {
        Self { gateway }
    }
}

impl<S> Layer<S> for GatewayLayer {
    type Service = InFront<S>;

    fn layer(&self, inner: S) -> InFront<S> {
        InFront {
            gateway: self.gateway.clone(),
            inner,
        }
    }
}

/// The gateway in front of another service: it answers what is for a model; the rest passes untouched, bodies unread
/// and trailers kept.
///
/// Ready when the other service is; the gateway always is.
#[derive(Debug, Clone)]
pub struct InFront<S> {
    gateway: GatewayService,
    inner: S,
}

impl<S> InFront<S> {
    /// The service behind the gateway.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service behind the gateway.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The service behind the gateway.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for InFront<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ReqBody: HttpBody<Data = Bytes> + Send + 'static,
    ReqBody::Error: Into<BoxError>,
    ResBody: HttpBody<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let gateway = Service::<Request<ReqBody>>::poll_ready(&mut self.gateway, cx);
        ready!(gateway).unwrap_or_else(|never| match never {});
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let state = if self.gateway.concerns(&request) {
            State::Gateway {
                future: self.gateway.call(request),
            }
        } else {
            State::Inner {
                future: self.inner.call(request),
            }
        };
        ResponseFuture { state }
    }
}

pin_project! {
    /// Response future of [`InFront`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    #[derive(Debug)]
    enum State<F> {
        Gateway { #[pin] future: super::service::ResponseFuture },
        Inner { #[pin] future: F },
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Gateway { future } => future.poll(cx).map_err(|never| match never {}),
            StateProj::Inner { future } => {
                future.poll(cx).map_ok(|response| response.map(Body::new))
            }
        }
    }
}
