use std::{
    mem,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, request};
use http_body::Body as HttpBody;
use tower_service::Service;

use crate::{Body, BoxError};

use super::{ResponseFuture, TranslateLayer, future::Task, plan::Lane};

/// Middleware that translates between the caller's format and the inner service's.
///
/// What is the caller's fault, or the provider's, becomes a response in the caller's format; errors of the inner
/// service go up as they are.
#[derive(Debug, Clone, Copy)]
pub struct Translate<S> {
    inner: S,
    layer: TranslateLayer,
}

impl<S> Translate<S> {
    pub(super) fn new(inner: S, layer: TranslateLayer) -> Self {
        Self { inner, layer }
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

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Translate<S>
where
    S: Service<Request<Body>, Response = Response<ResBody>> + Clone,
    ReqBody: HttpBody<Data = Bytes> + Send + 'static,
    ReqBody::Error: Into<BoxError>,
    ResBody: HttpBody<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let body = Body::new(body);
        let lane = Lane::of(&self.layer, &parts);
        match lane.unless_encoded(&parts.headers) {
            Lane::Pass => ResponseFuture::pass(self.inner.call(Request::from_parts(parts, body))),
            Lane::Refuse(client, error) => ResponseFuture::ready(client.error_response(&error)),
            Lane::Same(same) => self.begin(Task::Same(same), parts, body),
            Lane::Estimate(estimate) => self.begin(Task::Estimate(estimate), parts, body),
            Lane::Translate(plan) => self.begin(Task::Translate(plan), parts, body),
        }
    }
}

impl<S: Service<Request<Body>> + Clone> Translate<S> {
    /// At once if the body is here.
    fn begin(&mut self, task: Task, parts: request::Parts, body: Body) -> ResponseFuture<S> {
        match body.collected(task.body_limit()) {
            Ok(body) => ResponseFuture::begun(task, &mut self.inner, parts, body),
            Err(collect) => {
                // The ready service goes into the future; a clone, not yet ready, stays here.
                let clone = self.inner.clone();
                let ready = mem::replace(&mut self.inner, clone);
                ResponseFuture::collect(task, ready, parts, collect)
            }
        }
    }
}
