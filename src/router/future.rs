use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header, request::Parts};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{Body, BoxError, body::ToBytes, format::ApiFormat, ir};

use super::{Decision, Facts, Served, Table, failure};

pin_project! {
    /// Response future of [`RuleRouter`](super::RuleRouter).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the inner service's future.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S: Service<Request<Body>>> {
        format: Option<ApiFormat>,
        #[pin]
        state: State<S, S::Future>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F> {
        // The body comes in.
        Collect { collect: ToBytes<Body>, job: Option<Job<S>> },
        // The inner service works.
        Call { #[pin] future: F, served: Option<Served> },
        Ready { response: Option<Response<Body>> },
    }
}

/// What is routed once its body is there.
struct Job<S> {
    table: Table,
    format: ApiFormat,
    ready: S,
    parts: Parts,
}

impl<S: Service<Request<Body>>> ResponseFuture<S> {
    pub(super) fn pass(format: Option<ApiFormat>, future: S::Future) -> Self {
        Self {
            format,
            state: State::Call {
                future,
                served: None,
            },
        }
    }

    pub(super) fn answered(response: Response<Body>) -> Self {
        Self::ready(None, response)
    }

    pub(super) fn failed(format: Option<ApiFormat>, error: &BoxError) -> Self {
        Self::ready(format, failure::answer(format, None, error))
    }

    pub(super) fn route(
        table: Table,
        body_limit: usize,
        (ready, parts): (S, Parts),
        format: ApiFormat,
        body: Body,
    ) -> Self {
        if let Some(error) = ir::Error::of_encoding(&parts.headers) {
            return Self::ready(Some(format), format.error_response(&error));
        }
        let collect = ToBytes::new(body, body_limit);
        let job = Job {
            table,
            format,
            ready,
            parts,
        };
        Self {
            format: Some(format),
            state: State::Collect {
                collect,
                job: Some(job),
            },
        }
    }

    fn ready(format: Option<ApiFormat>, response: Response<Body>) -> Self {
        Self {
            format,
            state: State::Ready {
                response: Some(response),
            },
        }
    }
}

impl<S: Service<Request<Body>>> fmt::Debug for ResponseFuture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<S, ResBody> Future for ResponseFuture<S>
where
    S: Service<Request<Body>, Response = Response<ResBody>>,
    S::Error: Into<BoxError>,
    ResBody: HttpBody<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        const ONCE: &str = "taken once, then the state changes";
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Collect { collect, job } => {
                    let body = ready!(Pin::new(collect).poll(cx));
                    job.take().expect(ONCE).run(body)
                }
                StateProj::Call { future, served } => {
                    let mut response = match ready!(future.poll(cx)) {
                        Ok(response) => response.map(Body::new),
                        Err(error) => failure::answer(*this.format, served.as_ref(), &error.into()),
                    };
                    if let Some(served) = served.take() {
                        response.extensions_mut().insert(served);
                    }
                    return Poll::Ready(Ok(response));
                }
                StateProj::Ready { response } => {
                    return Poll::Ready(Ok(response.take().expect(ONCE)));
                }
            };
            this.state.set(next);
        }
    }
}

impl<S: Service<Request<Body>>> Job<S> {
    fn run(mut self, body: Result<Bytes, BoxError>) -> State<S, S::Future> {
        let routed = body
            .map_err(|error| ir::Error::unreadable_request(&error))
            .and_then(|body| {
                let Parts { uri, headers, .. } = &self.parts;
                let facts = Facts::read(self.format, uri.path(), headers, &body)?;
                let decision = self.table.decide(&facts)?;
                Ok((body, decision))
            });
        match routed {
            Ok((body, decision)) => {
                write_down(&decision, &mut self.parts);
                let request = Request::from_parts(self.parts, Body::full(body));
                let served = Some(Served::new(decision));
                State::Call {
                    future: self.ready.call(request),
                    served,
                }
            }
            Err(error) => State::Ready {
                response: Some(self.format.error_response(&error)),
            },
        }
    }
}

/// Tells the layers below.
fn write_down(decision: &Decision, parts: &mut Parts) {
    parts.extensions.insert(decision.selected().clone());
    if let Some(plugins) = decision.plugins() {
        parts.extensions.insert(plugins.clone());
    }
    // What `curl -d` says of all it sends, and providers go by it.
    let form = |content_type| content_type == "application/x-www-form-urlencoded";
    if parts.headers.get(header::CONTENT_TYPE).is_none_or(form) {
        let json = HeaderValue::from_static("application/json");
        parts.headers.insert(header::CONTENT_TYPE, json);
    }
}
