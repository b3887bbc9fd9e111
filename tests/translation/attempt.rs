//! One attempt at a provider, as whoever makes attempts sees it.

use std::{
    convert::Infallible,
    future::{Future, ready},
    pin::Pin,
    sync::{Arc, Mutex},
};

use futures_util::FutureExt as _;
use http::{Request, Response};
use tokio_test::{assert_pending, assert_ready, task};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_llm_gateway::{
    Body,
    context::{End, Progress, Selected},
    format::ApiFormat,
    target::Target,
    translate::TranslateLayer,
};

use crate::{
    bodies::{self, Ask, path, question},
    gate::{Gate, next},
    layer::Seen,
};

type Answering = Pin<Box<dyn Future<Output = Response<Body>>>>;

/// A request on its way, and what its attempt has shown.
pub struct Attempt {
    pub progress: Progress,
    answering: task::Spawn<Answering>,
}

/// All pairs of a caller and a provider, those that speak the same format among them.
pub fn pairs() -> impl Iterator<Item = (ApiFormat, ApiFormat)> {
    let all = ApiFormat::BUILT_IN.iter().copied();
    let same = all.map(|format| (format, format));
    same.chain(bodies::directions())
}

/// A request that the router has sent on its way.
pub fn request((client, provider): (ApiFormat, ApiFormat), stream: bool) -> Request<Body> {
    request_at((client, provider), &path(client, "m", stream), stream)
}

/// As [`request`], at a path.
pub fn request_at(
    (client, provider): (ApiFormat, ApiFormat),
    path: &str,
    stream: bool,
) -> Request<Body> {
    let body = question(client, "m", "Hi", Ask::Plain, stream).to_string();
    let mut request = Request::post(path).body(Body::full(body)).unwrap();
    let target = Target::new("t", "https://example.com".parse().unwrap());
    let selected = Selected::new(Arc::new(target), client)
        .with_provider(provider)
        .with_stream(stream);
    request.extensions_mut().insert(selected);
    request
}

pub fn response(content_type: &str, body: impl Into<Body>) -> Response<Body> {
    let response = Response::builder().header("content-type", content_type);
    response.body(body.into()).unwrap()
}

/// What comes of a request when the provider answers so.
pub fn exchange(request: Request<Body>, response: Response<Body>) -> Answering {
    exchange_by(TranslateLayer::selected(), request, response)
}

fn exchange_by(
    layer: TranslateLayer,
    request: Request<Body>,
    response: Response<Body>,
) -> Answering {
    let response = Arc::new(Mutex::new(Some(response)));
    let provider = service_fn(move |_: Request<Body>| {
        let response = response.lock().unwrap().take().expect("asked once");
        ready(Ok::<_, Infallible>(response))
    });
    let answering = layer.layer(provider).oneshot(request);
    Box::pin(answering.map(|answer| answer.unwrap_or_else(|never| match never {})))
}

impl Attempt {
    /// For a stream that comes through the gate.
    pub fn stream(pair: (ApiFormat, ApiFormat)) -> (Self, Gate) {
        Self::of(request(pair, true), "text/event-stream")
    }

    /// For any request and a body that calls itself so.
    pub fn of(request: Request<Body>, content_type: &str) -> (Self, Gate) {
        let (gate, body) = Gate::new();
        (Self::with(request, response(content_type, body)), gate)
    }

    pub fn with(request: Request<Body>, response: Response<Body>) -> Self {
        Self::watched_by(Progress::new(), request, response)
    }

    pub fn watched_by(
        progress: Progress,
        request: Request<Body>,
        response: Response<Body>,
    ) -> Self {
        Self::by(TranslateLayer::selected(), progress, request, response)
    }

    pub fn by(
        layer: TranslateLayer,
        progress: Progress,
        mut request: Request<Body>,
        response: Response<Body>,
    ) -> Self {
        request.extensions_mut().insert(progress.clone());
        let answering = task::spawn(exchange_by(layer, request, response));
        Self {
            progress,
            answering,
        }
    }

    #[track_caller]
    pub fn is_waiting(&mut self) {
        assert_pending!(self.answering.poll());
    }

    #[track_caller]
    pub fn answers(&mut self) -> Response<Body> {
        assert_ready!(self.answering.poll())
    }

    /// The answer, which is an error.
    #[track_caller]
    pub fn fails(&mut self) -> Seen {
        let response = self.answers();
        assert_eq!(self.progress.end(), End::Failed);
        assert!(!self.progress.has_content());
        let seen = seen(response);
        assert_eq!(seen.headers["content-type"], "application/json");
        assert!(!seen.headers.contains_key("content-length"));
        seen
    }
}

/// An answer whose body is there.
#[track_caller]
pub fn seen(response: Response<Body>) -> Seen {
    let (head, mut body) = response.into_parts();
    let mut text = String::new();
    while let Some(more) = next(&mut body) {
        text += &more;
    }
    Seen {
        status: head.status.as_u16(),
        error: head.extensions.get().cloned(),
        headers: head.headers,
        text,
        ..Seen::default()
    }
}
