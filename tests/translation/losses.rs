//! How it is told what a translation could not carry over.

use std::{
    io,
    sync::{Arc, Mutex},
};

use http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    context::Selected,
    ir::{Action, LossPolicy},
    target::Target,
    translate::TranslateLayer,
};
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    attempt::{Attempt, request, response, seen},
    bodies::{Ask, answer, question},
    layer::{Seen, exchange, reply},
    support::{ANTHROPIC, NEW, OPENAI},
};

/// A request of which two fields are lost; the values must not be told.
fn lossy(stream: bool) -> Value {
    let mut body = question(OPENAI, NEW, "Hi", Ask::Plain, stream);
    body["seed"] = json!(4_711);
    body["logit_bias"] = json!({"4711": 1});
    body
}

const LOST: [&str; 2] = ["logit_bias", "seed"];

fn good(stream: bool) -> http::Response<Body> {
    let (whole, events) = answer(ANTHROPIC, Ask::Plain);
    if stream {
        reply(200, "text/event-stream", events)
    } else {
        reply(200, "application/json", whole)
    }
}

async fn ask(layer: TranslateLayer, stream: bool) -> (Option<Seen>, Seen) {
    exchange(layer, OPENAI, &lossy(stream).to_string(), good(stream)).await
}

fn layer() -> TranslateLayer {
    TranslateLayer::new(OPENAI, ANTHROPIC)
}

fn paths(back: &Seen) -> Vec<String> {
    let mut paths: Vec<String> = back
        .losses
        .iter()
        .map(|loss| loss.path.to_string())
        .collect();
    paths.sort();
    paths
}

#[tokio::test]
async fn losses_are_in_the_extensions_of_any_answer() {
    for stream in [false, true] {
        let (_, back) = ask(layer(), stream).await;
        assert_eq!(
            (back.status, paths(&back)),
            (200, LOST.map(String::from).to_vec())
        );
        assert!(
            back.losses
                .iter()
                .all(|loss| loss.action == Action::Dropped && !loss.reason.is_empty())
        );
    }
    for failure in [
        reply(
            429,
            "application/json",
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"m"}}"#,
        ),
        reply(200, "text/event-stream", ""),
        reply(200, "text/html", "<html>"),
    ] {
        let (_, back) = exchange(layer(), OPENAI, &lossy(true).to_string(), failure).await;
        assert!(back.status >= 400);
        assert_eq!(paths(&back), LOST);
    }
}

#[tokio::test]
async fn where_nothing_is_lost_nothing_is_told() {
    let body = question(OPENAI, NEW, "Hi", Ask::Plain, false).to_string();
    let log = Log::default();
    let _guard = log.listen();
    let (_, back) = exchange(layer().warnings_header(true), OPENAI, &body, good(false)).await;
    assert!(back.losses.is_empty());
    assert!(!back.headers.contains_key("x-translation-warnings"));
    let same = TranslateLayer::new(OPENAI, OPENAI).warnings_header(true);
    let (_, back) = exchange(same, OPENAI, &lossy(false).to_string(), good(false)).await;
    assert!(back.losses.is_empty());
    assert!(!back.headers.contains_key("x-translation-warnings"));
    assert_eq!(log.lines(), [""; 0]);
}

#[tokio::test]
async fn one_event_tells_all_losses_of_an_exchange_and_no_content() {
    for stream in [false, true] {
        let log = Log::default();
        let guard = log.listen();
        ask(layer(), stream).await;
        drop(guard);
        let lines = log.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        for said in [
            "tower_llm_gateway::translate",
            "openai",
            "anthropic",
            "seed dropped: ",
            "logit_bias dropped: ",
        ] {
            assert!(lines[0].contains(said), "{said}: {lines:?}");
        }
        assert!(!lines[0].contains("4711"), "{lines:?}");
    }
}

#[tokio::test]
async fn one_event_tells_what_a_stream_lost_when_it_ends() {
    let start = json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
        "model": "m", "content": [], "stop_reason": null, "usage": {"input_tokens": 1, "output_tokens": 1}}});
    let block = |index: u64, block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
    let stop = |index: u64| json!({"type": "content_block_stop", "index": index});
    let stream: String = [
        start,
        block(0, json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}})),
        stop(0),
        block(1, json!({"type": "text", "text": "Hi"})),
        stop(1),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}}),
        json!({"type": "message_stop"}),
    ]
    .iter()
    .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
    .collect();
    let body =
        json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": "Hi"}]});
    let log = Log::default();
    let guard = log.listen();
    let layer = TranslateLayer::new(OPENAI, ANTHROPIC);
    let response = reply(200, "text/event-stream", stream);
    exchange(layer, OPENAI, &body.to_string(), response).await;
    drop(guard);
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("blocks[0] dropped: "), "{lines:?}");
}

#[tokio::test]
async fn a_header_names_what_was_lost_if_the_host_says_so() {
    for stream in [false, true] {
        let (_, back) = ask(layer(), stream).await;
        assert!(!back.headers.contains_key("x-translation-warnings"));
        let (_, back) = ask(layer().warnings_header(true), stream).await;
        let header = back.headers["x-translation-warnings"].to_str().unwrap();
        let mut named: Vec<&str> = header.split(", ").collect();
        named.sort_unstable();
        assert_eq!(named, LOST);
    }
}

#[tokio::test]
async fn a_header_of_many_losses_is_short() {
    let mut body = lossy(false);
    for number in 0..5_000 {
        body[format!("x_{number}_\u{e9}\n")] = json!(1);
    }
    let (_, back) = exchange(
        layer().warnings_header(true),
        OPENAI,
        &body.to_string(),
        good(false),
    )
    .await;
    assert!(back.losses.iter().len() > 5_000);
    let header = back.headers["x-translation-warnings"].to_str().unwrap();
    assert!(
        header.len() < 1_100 && header.ends_with(" more"),
        "{header}"
    );
}

#[tokio::test]
async fn a_strict_layer_refuses_and_names_the_field() {
    let log = Log::default();
    let _guard = log.listen();
    let (seen, back) = ask(layer().strict(true), false).await;
    assert!(seen.is_none());
    let error = &back.json()["error"];
    assert_eq!(back.status, 400);
    assert!(LOST.contains(&error["param"].as_str().unwrap()), "{error}");
    assert_eq!(log.lines(), [""; 0]);
}

/// What a layer answers for a request that somebody has routed.
async fn selected(layer: TranslateLayer, target: LossPolicy, rule: LossPolicy) -> Seen {
    let target = Target::new("t", "https://example.com".parse().unwrap()).with_losses(target);
    let selected = Selected::new(Arc::new(target), OPENAI)
        .with_provider(ANTHROPIC)
        .with_losses(rule);
    let mut request = Request::post("/v1/chat/completions")
        .body(Body::from(lossy(false).to_string()))
        .unwrap();
    request.extensions_mut().insert(selected);
    let provider = service_fn(|_: Request<Body>| async { Ok::<_, BoxError>(good(false)) });
    let answered = layer.layer(provider).oneshot(request).await.unwrap();
    let (parts, body) = answered.into_parts();
    let text = body.collect().await.unwrap().to_bytes();
    Seen {
        status: parts.status.as_u16(),
        headers: parts.headers,
        text: String::from_utf8(text.to_vec()).unwrap(),
        ..Seen::default()
    }
}

fn strict(strict: bool) -> LossPolicy {
    let mut policy = LossPolicy::new();
    policy.strict = Some(strict);
    policy
}

#[tokio::test]
async fn the_rule_says_it_before_the_downstream_and_that_before_the_layer() {
    let unsaid = LossPolicy::new();
    let layer = TranslateLayer::selected();
    for (layer, target, rule, status) in [
        (layer, unsaid, unsaid, 200),
        (layer.strict(true), unsaid, unsaid, 400),
        (layer, strict(true), unsaid, 400),
        (layer.strict(true), strict(false), unsaid, 200),
        (layer, strict(true), strict(false), 200),
        (layer, strict(false), strict(true), 400),
    ] {
        let back = selected(layer, target, rule).await;
        assert_eq!(back.status, status, "{layer:?} {target:?} {rule:?}");
    }
}

#[tokio::test]
async fn strictness_is_about_requests_and_not_about_answers() {
    // Two answers can't be one message; what was paid for is given as far as it goes.
    let body = question(ANTHROPIC, "m", "Hi", Ask::Plain, false).to_string();
    let whole = json!({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"},
        {"index": 1, "message": {"role": "assistant", "content": "Ho"}, "finish_reason": "stop"}]});
    let layer = TranslateLayer::new(ANTHROPIC, OPENAI).strict(true);
    let response = reply(200, "application/json", whole.to_string());
    let (_, back) = exchange(layer, ANTHROPIC, &body, response).await;
    assert_eq!(back.status, 200, "{}", back.text);
    assert!(!back.losses.is_empty());
}

#[test]
fn what_only_one_format_has_is_not_lost_where_both_speak_it() {
    let whole = json!({"id": "1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "content": [{"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}]});
    let log = Log::default();
    let _guard = log.listen();
    let answer = response("application/json", whole.to_string());
    let mut attempt = Attempt::with(request((ANTHROPIC, ANTHROPIC), true), answer);
    let text = seen(attempt.answers()).text;
    assert!(text.contains("srvtoolu_1"), "{text}");
    assert_eq!(log.lines(), [""; 0]);
}

/// What is traced on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(self.clone());
        tracing::subscriber::set_default(subscriber.finish())
    }

    fn lines(&self) -> Vec<String> {
        let written = self.0.lock().unwrap().clone();
        let text = String::from_utf8(written).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
