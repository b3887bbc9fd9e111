use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{Body, BoxError, downstream::HyperClient};

use super::{
    incoming::Incoming,
    stack::{Answering, Settings, Stack},
};

/// The whole stack as one service. Made by [`Gateway::service`](super::Gateway::service).
///
/// Always ready, never fails: every error is a response in the caller's format, and what is not for a model is a 404.
/// It stands alone: what is routed to [the host's own handler](crate::target::Target::handler) is a 502.
#[derive(Debug, Clone)]
pub struct GatewayService {
    stack: Stack<HyperClient>,
    incoming: Incoming,
}

impl GatewayService {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            stack: settings.stack(settings.downstream.clone()),
            incoming: settings.incoming.clone(),
        }
    }
}

impl<B> Service<Request<B>> for GatewayService
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<B>>::poll_ready(&mut self.stack, cx)
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        ResponseFuture {
            future: self.stack.call(self.incoming.timed(request)),
        }
    }
}

pin_project! {
    /// Response future of [`GatewayService`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the request to the provider.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture {
        #[pin]
        future: Answering<HyperClient>,
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answered = self.project().future.poll(cx);
        answered.map_ok(|response| response.map(Body::of))
    }
}
