use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Extensions, Request, Response};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tower::util::Oneshot;
use tower_layer::Layer;
use tower_service::Service;

use crate::{Body, BoxError, guard::Beyond, translate::Watch};

use super::{CallerPlugins, PluginLayer, Plugins, Stack, layer::bottom};

/// Applies [`Pipeline`].
#[derive(Debug, Clone, Copy, Default)]
pub struct PipelineLayer {
    side: Side,
}

/// The side of a translation on which plugins run.
#[derive(Debug, Clone, Copy, Default)]
enum Side {
    #[default]
    Provider,
    Caller,
}

impl PipelineLayer {
    /// Runs the plugins that [`Plugins`] names. Belongs below a `TranslateLayer`.
    pub const fn new() -> Self {
        let side = Side::Provider;
        Self { side }
    }

    /// Runs the plugins that [`CallerPlugins`] names. Belongs above a `TranslateLayer`; without this layer they don't
    /// run. A stream that they fail in, or cut short, gets an error behind it, as one that `TranslateLayer` passes.
    pub const fn caller_side() -> Self {
        let side = Side::Caller;
        Self { side }
    }
}

impl Side {
    /// The plugins of a request that run here.
    fn plugins(self, extensions: &Extensions) -> Option<Arc<[PluginLayer]>> {
        let plugins = match self {
            Self::Provider => extensions.get().map(|Plugins(plugins)| plugins),
            Self::Caller => extensions.get().map(|CallerPlugins(plugins)| plugins),
        };
        plugins.filter(|plugins| !plugins.is_empty()).cloned()
    }

    /// How to watch the answer's stream. On the provider's side whoever translates watches it.
    fn watch(self, request: &Request<Body>) -> Option<Watch> {
        match self {
            Self::Provider => None,
            Self::Caller => Watch::of_request(request),
        }
    }
}

impl<S> Layer<S> for PipelineLayer {
    type Service = Pipeline<S>;

    fn layer(&self, inner: S) -> Pipeline<S> {
        let side = self.side;
        Pipeline { inner, side }
    }
}

/// Runs a request's [`Plugins`], or its [`CallerPlugins`], around the inner service. Made by [`PipelineLayer`].
///
/// # When
///
/// The first plugin sees the request first and the response last. A request without plugins goes straight to the
/// inner service, and nothing is boxed for it but what its body already was.
///
/// # Alone
///
/// Whoever inserts [`Plugins`] or [`CallerPlugins`] into a request's extensions decides what runs; no router is needed.
///
/// # Errors
///
/// What the inner service fails with, and [`Error`](crate::Error) if a plugin fails or panics.
///
/// # Cancel safety
///
/// Dropping the future drops the plugins' futures and the inner one.
#[derive(Debug, Clone, Copy)]
pub struct Pipeline<S> {
    inner: S,
    side: Side,
}

impl<S> Pipeline<S> {
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

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Pipeline<S>
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
    type Error = BoxError;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let request = request.map(Body::new);
        let Some(plugins) = self.side.plugins(request.extensions()) else {
            return ResponseFuture::plain(self.inner.call(request));
        };
        let watch = self.side.watch(&request);
        // The ready service goes into the stack; a clone, not yet ready, stays here.
        let clone = self.inner.clone();
        let ready = mem::replace(&mut self.inner, clone);
        let (above, below) = (Beyond::default(), Beyond::default());
        let request = request.map(|body| above.watch(body));
        let around = |inner, plugin: &PluginLayer| plugin.around(inner, &below);
        let bottom = bottom(ready, above, &below);
        let stack = plugins.iter().rev().fold(bottom, around);
        ResponseFuture::plugins(Oneshot::new(stack, request), watch)
    }
}

pin_project! {
    /// Response future of [`Pipeline`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Plain {
            #[pin]
            future: F,
        },
        Plugins {
            #[pin]
            future: Oneshot<Stack, Request<Body>>,
            watch: Option<Watch>,
        },
    }
}

impl<F> ResponseFuture<F> {
    fn plain(future: F) -> Self {
        Self {
            state: State::Plain { future },
        }
    }

    fn plugins(future: Oneshot<Stack, Request<Body>>, watch: Option<Watch>) -> Self {
        Self {
            state: State::Plugins { future, watch },
        }
    }
}

impl<F, ResBody, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
    E: Into<BoxError>,
    ResBody: HttpBody<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Plain { future } => {
                let response = ready!(future.poll(cx)).map_err(Into::into)?;
                Poll::Ready(Ok(response.map(Body::new)))
            }
            StateProj::Plugins { future, watch } => {
                let response = ready!(future.poll(cx))?;
                Poll::Ready(Ok(match watch.take() {
                    Some(watch) => watch.over(response),
                    None => response,
                }))
            }
        }
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
