//! How much a large request takes, and what JSON that only looks like a request comes to.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use allocation_counter::AllocationInfo;
use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
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
    ask_under(provider, "m", body).await
}

/// The same, which is asked for `m` and asks the provider for `name`.
async fn ask_under(provider: &str, name: &str, body: Body) -> Reply {
    let config = format!(
        "downstreams: [{{id: a, base_url: 'https://a', api_formats: [{provider}], output_model_ids: [{name}]}}]\n\
         rules: [{{id: r, pattern_model: m, match_downstreams: [a], output_model: {name}}}]"
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

/// A body that says how long it is, as most do.
struct OfLength {
    body: Body,
    left: u64,
}

impl HttpBody for OfLength {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(Some(data))) = frame
            .as_ref()
            .map(|frame| frame.as_ref().map(Frame::data_ref))
        {
            self.left -= data.len() as u64;
        }
        Poll::Ready(frame)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A question with an image of so many bytes in all.
fn image(bytes: usize) -> Body {
    let begin = r#"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,"#;
    let end = r#""}}]}]}"#;
    let data = "A".repeat((bytes - begin.len() - end.len()) / 4 * 4);
    let question = Bytes::from(format!("{begin}{data}{end}"));
    let left = question.len() as u64;
    let pieces = (0..question.len()).step_by(64 << 10).map(move |start| {
        let end = question.len().min(start + (64 << 10));
        Ok::<_, BoxError>(Frame::data(question.slice(start..end)))
    });
    let body = Body::new(StreamBody::new(stream::iter(pieces)));
    Body::new(OfLength { body, left })
}

fn measured<F: Future<Output = Reply>>(asked: F) -> AllocationInfo {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_time().build().unwrap();
    allocation_counter::measure(|| {
        let reply = runtime.block_on(asked);
        assert_eq!(reply.status, 200, "{}", reply.text());
    })
}

/// Most bytes that were held at once.
fn peak(provider: &'static str, body: Body) -> u64 {
    measured(ask(provider, body)).bytes_max
}

/// How many bytes were taken in all for a question with an image, in hundredths of its own.
fn taken_for_image(provider: &'static str, name: &'static str) -> u64 {
    let bytes = 8 << 20;
    measured(ask_under(provider, name, image(bytes))).bytes_total * 100 / bytes as u64
}

#[test]
fn an_image_that_passes_is_copied_once() {
    let taken = taken_for_image("openai", "m");
    assert!(taken <= 105, "{taken}");
}

#[test]
fn an_image_for_a_model_of_another_name_is_copied_once() {
    let taken = taken_for_image("openai", "other");
    assert!(taken <= 105, "{taken}");
}

#[test]
fn an_image_that_is_translated_is_copied_once_more() {
    for provider in ["anthropic", "gemini", "openai_responses"] {
        let taken = taken_for_image(provider, "m");
        assert!(taken <= 220, "{provider}: {taken}");
    }
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
