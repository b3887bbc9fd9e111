//! Streams on their way through the translation alone.

use tower::ServiceBuilder;
use tower_llm_gateway::translate::TranslateLayer;

use super::{
    Case, Run,
    answers::{anthropic_stream, openai_stream},
    exchange::{EVENTS, exchange, provider},
    frames::Frames,
    functions::{ANTHROPIC, OPENAI},
    requests,
    text::deltas,
};

pub(super) const CASES: &[Case] = &[
    Case::new("delta, anthropic to openai", 2, || {
        to_openai(Frames::here(&anthropic_stream(&deltas(1_000))))
    })
    .per(1_000),
    Case::new("delta, openai to anthropic", 2, || {
        to_anthropic(Frames::here(&openai_stream(&deltas(1_000))))
    })
    .per(1_000),
];

pub(super) fn to_openai(stream: Frames) -> Run {
    let request = requests::openai("gpt-4o", 1_000, true);
    let service = ServiceBuilder::new()
        .layer(TranslateLayer::new(OPENAI, ANTHROPIC))
        .service(provider(EVENTS, stream));
    exchange(service, "/v1/chat/completions", Frames::read(&request))
}

fn to_anthropic(stream: Frames) -> Run {
    let request = requests::anthropic("claude", 1_000, true);
    let service = ServiceBuilder::new()
        .layer(TranslateLayer::new(ANTHROPIC, OPENAI))
        .service(provider(EVENTS, stream));
    exchange(service, "/v1/messages", Frames::read(&request))
}
