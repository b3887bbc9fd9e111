use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{Body, BoxError};

use super::{ClientKeys, refusal::format_of};

/// Middleware that answers 401, in the caller's format, to every request without a key that is known.
///
/// It guards all that passes through it, whatever the path or method. `OPTIONS` is no exception: preflights carry no
/// keys, so tower-http's `CorsLayer` belongs outside. Bodies are not read.
#[derive(Debug, Clone)]
pub struct RequireKey<S> {
    inner: S,
    keys: ClientKeys,
}

impl<S> RequireKey<S> {
    pub(super) const fn new(inner: S, keys: ClientKeys) -> Self {
        Self { inner, keys }
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

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for RequireKey<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: HttpBody<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let format = format_of(&parts.headers, &parts.uri);
        let state = match self.keys.admit(format, &parts) {
            Ok(admitted) => {
                admitted.remove_from(&mut parts);
                State::Admitted {
                    future: self.inner.call(Request::from_parts(parts, body)),
                }
            }
            Err(response) => State::Refused {
                response: Some(response),
            },
        };
        ResponseFuture { state }
    }
}

pin_project! {
    /// Response future of [`RequireKey`].
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
        Admitted { #[pin] future: F },
        Refused { response: Option<Response<Body>> },
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
            StateProj::Admitted { future } => {
                let polled = future.poll(cx);
                polled.map_ok(|response| response.map(Body::new))
            }
            StateProj::Refused { response } => {
                let response = response.take().expect("it is polled until it is ready");
                Poll::Ready(Ok(response))
            }
        }
    }
}
