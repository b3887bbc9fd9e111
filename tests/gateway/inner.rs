//! A provider in the test's own hands, under the translation alone.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
};

use http::{Request, Response};
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body,
    context::Selected,
    format::ApiFormat,
    target::Target,
    translate::{Translate, TranslateLayer},
};

use crate::caller::{Caller, TRANSLATED};
pub(crate) use crate::gate::{Gate, next};

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
