//! How much a large request takes, and what JSON that only looks like a request comes to.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    config::Config,
    downstream::DownstreamService,
    failover::FailoverLayer,
    plugin::{PipelineLayer, Registry},
    router::RuleRouterLayer,
    translate::TranslateLayer,
};

use crate::{
    bodies::{self, Ask},
    caller::{CHAT, Caller, Reply, post},
};

const MEBIBYTE: u64 = 1 << 20;

/// The whole stack over a provider that reads what it is sent, and keeps nothing of it.
async fn ask(provider: &str, body: Body) -> Reply {
    let config = format!(
        "downstreams: [{{id: a, base_url: 'https://a', api_formats: [{provider}], output_model_ids: [m]}}]"
    );
    let table = Config::from_yaml(&config).unwrap();
    let table = table.build(&Registry::default()).unwrap();
    let format = provider.parse().unwrap();
    let reads = service_fn(move |request: Request<Body>| async move {
        let mut body = request.into_body();
        while let Some(frame) = body.frame().await {
            frame?;
        }
        let answer = Body::from(bodies::answer(format, Ask::Plain).0);
        let response = Response::builder().header("content-type", "application/json");
        Ok::<_, BoxError>(response.body(answer).unwrap())
    });
    let stack = ServiceBuilder::new()
        .layer(RuleRouterLayer::new(table))
        .layer(FailoverLayer::new())
        .layer(PipelineLayer::caller_side())
        .layer(TranslateLayer::selected())
        .layer(PipelineLayer::new())
        .service(DownstreamService::with_client(reads));
    let response = stack.oneshot(post(CHAT, body)).await;
    Reply::of(response.unwrap_or_else(|never: Infallible| match never {})).await
}

/// A question of so many bytes, which comes in pieces as from a socket.
fn question(bytes: usize) -> Body {
    const PIECE: usize = 64 << 10;
    let begin = r#"{"model":"m","messages":[{"role":"user","content":""#;
    let text = bytes - begin.len() - r#""}]}"#.len();
    let pieces = (0..text / PIECE).map(|_| PIECE).chain([text % PIECE]);
    let texts = pieces.map(|length| Bytes::from(vec![b'x'; length]));
    let begin = [Bytes::from_static(begin.as_bytes())].into_iter();
    let whole = begin.chain(texts).chain([Bytes::from_static(br#""}]}"#)]);
    let frames = whole.map(|piece| Ok::<_, BoxError>(Frame::data(piece)));
    Body::new(StreamBody::new(stream::iter(frames)))
}

/// Most bytes that were held at once.
fn peak(provider: &'static str, body: Body) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_time().build().unwrap();
    let info = allocation_counter::measure(|| {
        let reply = runtime.block_on(ask(provider, body));
        assert_eq!(reply.status, 200, "{}", reply.text());
    });
    info.bytes_max
}

#[test]
fn situation_16_a_large_request_that_passes_is_held_no_more_than_twice() {
    let bytes = 31 << 20;
    let peak = peak("openai", question(bytes));
    assert!(peak <= 2 * bytes as u64 + MEBIBYTE, "{peak}");
}

#[test]
fn situation_16_a_large_request_that_is_translated_is_held_no_more_than_four_times() {
    let bytes = 31 << 20;
    let peak = peak("anthropic", question(bytes));
    assert!(peak <= 4 * bytes as u64, "{peak}");
}

async fn status(provider: &str, body: impl Into<Bytes>) -> u16 {
    let reply = ask(provider, Body::full(body)).await;
    if reply.status != 200 {
        reply.error(Caller::OpenAi);
    }
    reply.status.as_u16()
}

#[tokio::test]
async fn situation_17_what_parsers_would_read_differently_is_refused() {
    let rest = r#""messages":[{"role":"user","content":"Hi"}]"#;
    let utf_16: Vec<u8> = format!(r#"{{"model":"m",{rest}}}"#)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for provider in ["openai", "anthropic"] {
        for body in [
            format!(r#"{{"model":"m","model":"other",{rest}}}"#),
            format!(r#"{{"model":"m","mod\u0065l":"other",{rest}}}"#),
            format!("\u{feff}{{\"model\":\"m\",{rest}}}"),
            format!(r#"{{"model":"m","temperature":NaN,{rest}}}"#),
            format!(r#"{{"model":"m","temperature":Infinity,{rest}}}"#),
            format!(r#"{{"model":"m",{rest}}} {{"model":"other"}}"#),
            format!(r#"{{"model":["m"],{rest}}}"#),
        ] {
            assert_eq!(
                status(provider, body.clone()).await,
                400,
                "{provider}: {body}"
            );
        }
        assert_eq!(status(provider, utf_16.clone()).await, 400, "{provider}");
    }
}

#[tokio::test]
async fn situation_17_depth_is_no_danger() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let body = format!(
        r#"{{"model":"m","metadata":{deep},"messages":[{{"role":"user","content":"Hi"}}]}}"#
    );
    // Nobody has to look into it: one provider gets it as it came, the other not at all.
    for provider in ["openai", "anthropic"] {
        assert_eq!(status(provider, body.clone()).await, 200, "{provider}");
    }
}

#[tokio::test]
async fn situation_17_what_all_parsers_read_alike_is_let_through() {
    let rest = r#""messages":[{"role":"user","content":"Hi"}]"#;
    for provider in ["openai", "anthropic"] {
        for body in [
            // Of another object.
            format!(r#"{{"metadata":{{"model":"other"}},"model":"m",{rest}}}"#),
            format!(r#"{{"metadata":"\"model\":\"other\"","model":"m",{rest}}}"#),
            format!(r#"{{"model":"m","seed":1{},{rest}}}"#, "0".repeat(30)),
            r#"{"model":"m","messages":[{"role":"user","content":"\ud83d\ude00 \ud800"}]}"#
                .to_owned(),
        ] {
            assert_eq!(
                status(provider, body.clone()).await,
                200,
                "{provider}: {body}"
            );
        }
    }
}
