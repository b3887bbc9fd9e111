//! Between two who speak the same format: answers of another kind than was asked for.

use std::sync::Arc;

use http::{Request, Response};
use serde_json::{Value, json};
use tower_llm_gateway::{
    Body,
    context::{End, Progress, Selected},
    format::ApiFormat,
    target::Target,
    translate::TranslateLayer,
};

use crate::{
    attempt::{Attempt, request, response, seen},
    bodies::{Ask, answer, path},
    layer::{Seen, exchange_request, reply},
    support::{ALL, OPENAI, RESPONSES, events},
};

/// What comes back of a request for a stream when the provider answers so.
async fn ask(format: ApiFormat, body: &Value, response: Response<Body>) -> (Option<Seen>, Seen) {
    let path = path(format, "m", true);
    let mut request = Request::post(path).body(Body::full(body.to_string()));
    // Its API takes no thoughts.
    let address = "https://api.openai.com/v1".parse().unwrap();
    let selected = Selected::new(Arc::new(Target::new("t", address)), format).with_stream(true);
    let request = request.as_mut().unwrap();
    request.extensions_mut().insert(selected.with_asked("m"));
    let layer = TranslateLayer::selected().warnings_header(true);
    exchange_request(layer, std::mem::take(request), response).await
}

fn question(members: &Value) -> Value {
    let mut body =
        json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": "Hi"}]});
    let members = members.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(members);
    body
}

#[tokio::test]
async fn tokens_are_told_at_the_end_to_who_asked_for_them() {
    for (options, told) in [
        (json!({}), 0),
        (json!({"stream_options": {"include_usage": false}}), 0),
        (json!({"stream_options": {"include_usage": true}}), 1),
    ] {
        let (whole, _) = answer(OPENAI, Ask::Plain);
        let answer = reply(200, "application/json", whole);
        let (_, back) = ask(OPENAI, &question(&options), answer).await;
        assert_eq!(back.headers["content-type"], "text/event-stream");
        let events = events(&back.text);
        let counts = events.iter().filter(|event| event["choices"] == json!([]));
        assert_eq!(counts.count(), told, "{options}: {}", back.text);
    }
}

#[tokio::test]
async fn a_request_that_repeats_in_its_answer_is_repeated() {
    let body = json!({"model": "m", "stream": true, "input": "Hi", "instructions": "Be kind."});
    let whole = r#"{"id":"1","object":"response","status":"completed","model":"m","output":[]}"#;
    let (_, back) = ask(RESPONSES, &body, reply(200, "application/json", whole)).await;
    let last = events(&back.text).pop().unwrap();
    assert_eq!(
        last["response"]["instructions"], "Be kind.",
        "{}",
        back.text
    );
}

#[tokio::test]
async fn what_no_stream_can_tell_stays_as_it_came() {
    for member in ["images", "audio"] {
        let whole = json!({"id": "1", "choices": [{"index": 0, "finish_reason": "stop", "message":
            {"role": "assistant", "content": "Look", member: [{"image_url": {"url": "data:,"}}]}}]});
        let answer = reply(200, "application/json; charset=utf-8", whole.to_string());
        let (_, back) = ask(OPENAI, &question(&json!({})), answer).await;
        assert_eq!(back.text, whole.to_string());
        let content_type = &back.headers["content-type"];
        assert_eq!(content_type, "application/json; charset=utf-8");
    }
}

#[test]
fn json_that_is_no_answer_stays_as_it_came() {
    let queued = r#"{"id":"1","object":"response","status":"queued","output":[]}"#;
    let running = r#"{"id":"1","object":"response","status":"in_progress","output":[]}"#;
    let both = [(RESPONSES, queued), (RESPONSES, running)];
    let others = ALL.into_iter().flat_map(|format| {
        let texts = ["", "{", "7", r#"{"job":"1"}"#, "<html>"];
        texts.map(|text| (format, text))
    });
    for (format, text) in both.into_iter().chain(others) {
        let answer = response("application/json", text);
        let mut attempt = Attempt::with(request((format, format), true), answer);
        let back = seen(attempt.answers());
        assert_eq!((back.status, &*back.text), (200, text), "{format}");
        assert_eq!(back.headers["content-type"], "application/json");
        assert_eq!(attempt.progress.end(), End::Open);
    }
}

#[test]
fn an_answer_without_choices_is_told_as_empty_to_who_wants_to_know() {
    for (seeks, end) in [(false, End::Open), (true, End::Empty)] {
        let progress = Progress::new();
        if seeks {
            progress.seek_empty();
        }
        let text = "{\"choices\":[]}";
        let answer = response("application/json", text);
        let mut attempt = Attempt::watched_by(progress, request((OPENAI, OPENAI), true), answer);
        assert_eq!(seen(attempt.answers()).text, text);
        assert_eq!(attempt.progress.end(), end);
    }
}

#[tokio::test]
async fn heads_stay_and_tell_what_the_request_lost() {
    let body = question(&json!({"messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello", "reasoning_content": "Hm", "thinking_blocks":
            [{"type": "thinking", "thinking": "Hm", "signature": "c2lnbmF0dXJl"}]},
        {"role": "user", "content": "Again"},
    ]}));
    let (whole, _) = answer(OPENAI, Ask::Plain);
    let mut answer = reply(200, "application/json", whole);
    let headers = answer.headers_mut();
    headers.insert("openai-processing-ms", 7.into());
    headers.insert("content-length", whole.len().into());
    let (seen, back) = ask(OPENAI, &body, answer).await;
    assert_eq!(back.headers["content-type"], "text/event-stream");
    assert_eq!(back.headers["openai-processing-ms"], "7");
    assert!(!back.headers.contains_key("content-length"));
    let lost = back
        .losses
        .iter()
        .map(|loss| &*loss.path)
        .collect::<Vec<_>>();
    assert_eq!(back.headers["x-translation-warnings"], lost.join(", "));
    // Nothing but the thoughts has changed.
    let mut expected = body.clone();
    expected["messages"][1] = json!({"role": "assistant", "content": "Hello"});
    assert_eq!(seen.unwrap().json(), expected);
}
