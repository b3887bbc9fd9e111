//! A provider in the test's own hands, under the translation alone.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{Arc, Weak},
};

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_test::{assert_ready, task};
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    context::Selected,
    format::ApiFormat,
    target::Target,
    translate::{Translate, TranslateLayer},
};

use crate::caller::{Caller, TRANSLATED};

pub(crate) const OPENAI: &str = include_str!("../fixtures/openai/text.json");
pub(crate) const OPENAI_STREAM: &str = include_str!("../fixtures/openai/text.sse");
pub(crate) const ANTHROPIC: &str = include_str!("../fixtures/anthropic/text.json");
pub(crate) const ANTHROPIC_STREAM: &str = include_str!("../fixtures/anthropic/text.sse");

impl Caller {
    pub(crate) fn format(self) -> ApiFormat {
        match self {
            Self::OpenAi => ApiFormat::OPENAI,
            Self::Anthropic => ApiFormat::ANTHROPIC,
        }
    }

    /// Who speaks the other format.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::OpenAi => Self::Anthropic,
            Self::Anthropic => Self::OpenAi,
        }
    }

    /// What a provider of this format streams.
    pub(crate) fn stream(self) -> &'static str {
        match self {
            Self::OpenAi => OPENAI_STREAM,
            Self::Anthropic => ANTHROPIC_STREAM,
        }
    }

    /// What it answers in one piece.
    pub(crate) fn whole(self) -> &'static str {
        match self {
            Self::OpenAi => OPENAI,
            Self::Anthropic => ANTHROPIC,
        }
    }
}

/// A request of `caller` for a provider of `provider`, as the router hands it on.
pub(crate) fn selected(caller: Caller, provider: Caller, stream: bool) -> Request<Body> {
    let (_, model) = TRANSLATED[usize::from(caller == Caller::Anthropic)];
    let mut request = caller.asks(model, "Hi", stream);
    let target = Target::new("t", "https://example.com".parse().unwrap());
    let selected = Selected::new(Arc::new(target), caller.format())
        .with_provider(provider.format())
        .with_stream(stream);
    request.extensions_mut().insert(selected);
    request
}

/// All four pairs of a caller and a provider.
pub(crate) fn pairs() -> impl Iterator<Item = (Caller, Caller)> {
    let callers = [Caller::OpenAi, Caller::Anthropic];
    callers
        .into_iter()
        .flat_map(|caller| [(caller, caller.other()), (caller, caller)])
}

pub(crate) fn response(content_type: &str, body: impl Into<Body>) -> Response<Body> {
    let response = Response::builder().header("content-type", content_type);
    response.body(body.into()).unwrap()
}

/// A service under the translation that gives this answer.
pub(crate) async fn translated(request: Request<Body>, answer: Response<Body>) -> Response<Body> {
    translated_by(TranslateLayer::selected(), request, answer).await
}

pub(crate) async fn translated_by(
    layer: TranslateLayer,
    request: Request<Body>,
    answer: Response<Body>,
) -> Response<Body> {
    let answer = Arc::new(std::sync::Mutex::new(Some(answer)));
    let inner = service_fn(move |_: Request<Body>| -> Ready<Result<_, Infallible>> {
        ready(Ok(answer.lock().unwrap().take().expect("asked once")))
    });
    let service: Translate<_> = layer.layer(inner);
    let response = service.oneshot(request).await;
    response.unwrap_or_else(|never| match never {})
}

/// The end of a body that the test holds: what is sent here comes out there.
pub(crate) struct Gate {
    frames: UnboundedSender<Result<Frame<Bytes>, BoxError>>,
    alive: Weak<()>,
}

impl Gate {
    pub(crate) fn new() -> (Self, Body) {
        let (frames, received) = unbounded_channel();
        let held = Arc::new(());
        let alive = Arc::downgrade(&held);
        let frames_of = stream::unfold((received, held), |(mut received, held)| async move {
            let frame = received.recv().await?;
            Some((frame, (received, held)))
        });
        (
            Self { frames, alive },
            Body::new(StreamBody::new(frames_of)),
        )
    }

    pub(crate) fn send(&self, data: &'static str) {
        let frame = Frame::data(Bytes::from_static(data.as_bytes()));
        assert!(self.frames.send(Ok(frame)).is_ok(), "the body is gone");
    }

    pub(crate) fn breaks(&self) {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert!(
            self.frames.send(Err(reset.into())).is_ok(),
            "the body is gone"
        );
    }

    /// Whether somebody still holds the body.
    pub(crate) fn is_held(&self) -> bool {
        self.alive.strong_count() > 0
    }
}

/// The next piece of a body, as text. It is there already, or never comes.
#[track_caller]
pub(crate) fn next(body: &mut Body) -> Option<String> {
    let mut frame = task::spawn(body.frame());
    let data = assert_ready!(frame.poll())?.unwrap().into_data().ok()?;
    Some(String::from_utf8(data.to_vec()).unwrap())
}
