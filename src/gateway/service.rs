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
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    Body, BoxError,
    context::Selected,
    downstream::DownstreamService,
    plugin::{Pipeline, PipelineLayer},
    router::{self, RuleRouter, RuleRouterLayer, SharedTable, listing::Listing},
    translate::{Translate, TranslateLayer},
};

type Stack = RuleRouter<Translate<Pipeline<DownstreamService>>>;

/// The whole stack as one service. Made by [`Gateway::service`](super::Gateway::service).
///
/// Always ready, never fails: every error is a response in the caller's format, and what is not for a model is a 404.
#[derive(Debug, Clone)]
pub struct GatewayService {
    table: SharedTable,
    stack: Stack,
}

/// The layers' settings.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) router: RuleRouterLayer,
    pub(super) translate: TranslateLayer,
    pub(super) downstream: DownstreamService,
}

impl GatewayService {
    pub(super) fn new(table: SharedTable, settings: Settings) -> Self {
        let leaf = PipelineLayer::new().layer(settings.downstream);
        let stack = settings.router.layer(settings.translate.layer(leaf));
        Self { table, stack }
    }

    pub(super) const fn table(&self) -> &SharedTable {
        &self.table
    }

    /// Whether a request is for a model or about models: by its method and path, or because somebody has routed it already.
    pub(super) fn concerns<B>(&self, request: &Request<B>) -> bool {
        Selected::of(request.extensions()).is_some()
            || Listing::of(request.method(), request.uri(), request.headers()).is_some()
            || self
                .table
                .load()
                .concerns(request.method(), request.uri().path())
                .is_some()
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
            future: self.stack.call(request),
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
        future: router::ResponseFuture<Translate<Pipeline<DownstreamService>>>,
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().future.poll(cx)
    }
}
