//! Answers that say nothing: whoever makes attempts may ask again, if it wants to.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use std::sync::Arc;
use tokio_test::{assert_ready, task};
use tower_llm_gateway::{
    Body, BoxError,
    context::{End, Progress, Selected},
    format::{ApiFormat, Operation},
    ir::{self, Arguments, Choice, Event, Part, Reasoning, Stop, StopReason, ToolCall},
    translate::TranslateLayer,
};

use crate::{
    attempt::{Attempt, pairs, request, request_at, response, seen},
    bodies::{Ask, answer, error_body, error_message},
    gate::Gate,
    laws::answered,
    support::{ALL, ANTHROPIC, GEMINI, OPENAI, RESPONSES, codec, plain_exchange},
};

/// An attempt of somebody who wants to know of empty answers.
fn seeking(pair: (ApiFormat, ApiFormat), stream: bool, answer: Response<Body>) -> Attempt {
    let progress = Progress::new();
    progress.seek_empty();
    Attempt::watched_by(progress, request(pair, stream), answer)
}

/// The same answer in one piece and as a stream, in the words of a provider.
fn both(provider: ApiFormat, answer: &ir::Response<'_>) -> [(&'static str, String); 2] {
    let mut exchange = plain_exchange(provider);
    exchange.stream = true;
    let mut encoder = codec(provider).stream_encoder(Arc::new(exchange));
    let mut out = BytesMut::new();
    answer.replay(&mut |event: Event<'_>| encoder.event(&event, &mut out));
    let stream = String::from_utf8(out.to_vec()).unwrap();
    let whole = answered(provider, answer);
    [("application/json", whole), ("text/event-stream", stream)]
}

fn thought() -> Part<'static> {
    let mut thought = Reasoning::default();
    thought.text = "Hm.".into();
    Part::Reasoning(thought)
}

fn call() -> Part<'static> {
    let mut call = ToolCall::default();
    call.id = "call_1".into();
    call.name = "f".into();
    call.arguments = Arguments::Text("{}".into());
    Part::ToolCall(call)
}

fn saying(parts: Vec<Part<'static>>, reason: StopReason) -> ir::Response<'static> {
    let mut choice = Choice::default();
    choice.parts = parts;
    choice.stop = Some(Stop::new(reason));
    let mut response = ir::Response::default();
    response.id = "1".into();
    response.model = "m".into();
    response.choices = vec![choice];
    response
}

/// What there is to be said of answers, and whether a caller has nothing of it.
fn policy() -> Vec<(ir::Response<'static>, bool)> {
    use StopReason::{End, MaxTokens, Refusal, ToolUse};
    vec![
        (saying(vec![], End), true),
        (saying(vec![Part::text("")], End), true),
        (saying(vec![Part::text(" \n\t\u{a0}")], End), true),
        (saying(vec![thought()], End), true),
        (saying(vec![thought(), Part::text("\n\n")], End), true),
        (saying(vec![Part::text("Hi")], End), false),
        (saying(vec![thought(), Part::text("Hi")], End), false),
        (saying(vec![call()], ToolUse), false),
        (saying(vec![thought(), call()], ToolUse), false),
        (saying(vec![Part::Refusal("No.".into())], Refusal), false),
        (saying(vec![], Refusal), false),
        (saying(vec![thought()], MaxTokens), false),
        (saying(vec![], MaxTokens), false),
    ]
}

#[test]
fn situation_30_what_says_nothing_is_empty_on_every_lane() {
    for pair in pairs() {
        for (answer, is_empty) in policy() {
            for (content_type, body) in both(pair.1, &answer) {
                for stream in [false, true] {
                    // What was not asked for passes as it is.
                    let is_stream = content_type == "text/event-stream";
                    if pair.0 == pair.1 && stream != is_stream {
                        continue;
                    }
                    let mut attempt = seeking(pair, stream, response(content_type, body.clone()));
                    let seen = seen(attempt.answers());
                    assert_eq!(seen.status, 200);
                    let expected = if is_empty { End::Empty } else { End::Complete };
                    assert_eq!(attempt.progress.end(), expected, "{pair:?} {stream} {body}");
                    if pair.0 == pair.1 {
                        assert_eq!(seen.text, body);
                    }
                }
            }
        }
    }
}

#[test]
fn situation_30_nothing_is_empty_unless_somebody_wants_to_know() {
    for pair in pairs() {
        let nothing = saying(vec![], StopReason::End);
        for (content_type, body) in both(pair.1, &nothing) {
            let stream = content_type == "text/event-stream";
            let mut attempt = Attempt::with(request(pair, stream), response(content_type, body));
            let seen = seen(attempt.answers());
            assert_eq!(seen.status, 200);
            assert_ne!(attempt.progress.end(), End::Empty, "{pair:?}");
        }
    }
}

/// Streams of which only the end tells that a caller has nothing of them, event by event.
const NOTHING: [(ApiFormat, &[&str]); 6] = [
    (
        OPENAI,
        &[
            r#"{"id":"1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"\n"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            "[DONE]",
        ],
    ),
    (
        RESPONSES,
        &[
            r#"{"type":"response.created","response":{"id":"1","model":"m"}}"#,
            r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"a","type":"message","role":"assistant","content":[]}}"#,
            r#"{"type":"response.content_part.added","item_id":"a","output_index":0,"content_index":0,"part":{"type":"output_text","text":""}}"#,
            r#"{"type":"response.completed","response":{"id":"1","model":"m","status":"completed","output":[]}}"#,
        ],
    ),
    (
        ANTHROPIC,
        &[
            r#"{"type":"message_start","message":{"id":"1","model":"m","content":[]}}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\n\n"}}"#,
            r#"{"type":"content_block_stop","index":0}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"#,
            r#"{"type":"message_stop"}"#,
        ],
    ),
    (
        ANTHROPIC,
        &[
            r#"{"type":"message_start","message":{"id":"1","model":"m","content":[]}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#,
            r#"{"type":"message_stop"}"#,
        ],
    ),
    (
        GEMINI,
        &[
            r#"{"responseId":"1","candidates":[{"index":0,"content":{"role":"model"}}]}"#,
            r#"{"candidates":[{"index":0,"content":{"parts":[{"text":""}]},"finishReason":"STOP"}]}"#,
        ],
    ),
    (
        GEMINI,
        &[
            r#"{"responseId":"1","candidates":[{"index":0,"finishReason":"MALFORMED_FUNCTION_CALL"}]}"#,
        ],
    ),
];

#[test]
fn situation_30_the_head_of_a_stream_that_says_nothing_waits_for_its_end() {
    for client in ALL {
        for (provider, events) in NOTHING {
            let progress = Progress::new();
            progress.seek_empty();
            let (gate, body) = Gate::new();
            let response = response("text/event-stream", body);
            let request = request((client, provider), true);
            let mut attempt = Attempt::watched_by(progress, request, response);
            let mut said = String::new();
            for event in events {
                attempt.is_waiting();
                said += &format!("data: {event}\n\n");
                gate.send(format!("data: {event}\n\n"));
            }
            drop(gate);
            let head = attempt.answers();
            // Whoever asks again has sent nothing of it.
            assert_eq!(attempt.progress.end(), End::Empty, "{client} {provider}");
            let text = seen(head).text;
            if client == provider {
                assert_eq!(text, said);
            }
        }
    }
}

#[test]
fn thoughts_are_not_held_back() {
    for client in ALL {
        let (gate, body) = Gate::new();
        let mut attempt = seeking(
            (client, ANTHROPIC),
            true,
            response("text/event-stream", body),
        );
        gate.send("data: {\"type\":\"message_start\",\"message\":{\"id\":\"1\",\"model\":\"m\",\"content\":[]}}\n\n");
        attempt.is_waiting();
        gate.send("data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n");
        let _head = attempt.answers();
        assert!(attempt.progress.has_content(), "{client}");
    }
}

/// Whole answers, and how they end.
const WHOLE: [(ApiFormat, &str, End); 18] = [
    (OPENAI, r#"{"id":"1","choices":[]}"#, End::Empty),
    (
        OPENAI,
        r#"{"choices":[{"index":0,"message":{"role":"assistant","content":null},"finish_reason":"stop"}]}"#,
        End::Empty,
    ),
    (
        OPENAI,
        r#"{"choices":[{"index":0,"message":{"content":"","reasoning_content":"Hm","tool_calls":[]},"finish_reason":"stop"}]}"#,
        End::Empty,
    ),
    (
        OPENAI,
        r#"{"choices":[{"index":0,"message":{"content":""},"finish_reason":"content_filter"}]}"#,
        End::Complete,
    ),
    (
        OPENAI,
        r#"{"choices":[{"index":0,"message":{"content":null,"refusal":"No."},"finish_reason":"stop"}]}"#,
        End::Complete,
    ),
    (
        OPENAI,
        r#"{"choices":[{"index":0,"message":{"content":null,"audio":{"id":"a","data":"AA=="}},"finish_reason":"stop"}]}"#,
        End::Complete,
    ),
    (
        OPENAI,
        r#"{"choices":[{"index":0,"message":{"content":null,"audio":null},"finish_reason":"stop"}]}"#,
        End::Empty,
    ),
    (
        OPENAI,
        r#"{"choices":[{"index":0,"message":{"content":""},"finish_reason":"stop"},{"index":1,"message":{"content":"Hi"},"finish_reason":"stop"}]}"#,
        End::Complete,
    ),
    (
        OPENAI,
        r#"{"choices":[{"index":0,"message":{"content":""},"finish_reason":"stop"},{"index":1,"message":{"content":" "},"finish_reason":"stop"}]}"#,
        End::Empty,
    ),
    (
        RESPONSES,
        r#"{"id":"1","status":"completed","output":[]}"#,
        End::Empty,
    ),
    (
        RESPONSES,
        r#"{"id":"1","status":"completed","output":[{"type":"web_search_call","id":"w","status":"completed"}]}"#,
        End::Complete,
    ),
    (
        RESPONSES,
        r#"{"id":"1","status":"queued","background":true,"output":[]}"#,
        End::Open,
    ),
    (
        ANTHROPIC,
        r#"{"id":"1","content":[],"stop_reason":"end_turn"}"#,
        End::Empty,
    ),
    (
        ANTHROPIC,
        r#"{"id":"1","content":[],"stop_reason":"stop_sequence","stop_sequence":"x"}"#,
        End::Complete,
    ),
    (
        ANTHROPIC,
        r#"{"id":"1","content":[{"type":"something_new"}],"stop_reason":"end_turn"}"#,
        End::Complete,
    ),
    (
        ANTHROPIC,
        r#"{"id":"1","content":[],"stop_reason":"pause_turn"}"#,
        End::Complete,
    ),
    (
        GEMINI,
        r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#,
        End::Complete,
    ),
    (
        GEMINI,
        r#"{"candidates":[{"index":0,"finishReason":"STOP"}]}"#,
        End::Empty,
    ),
];

#[test]
fn situation_30_whole_answers_are_judged_by_what_they_say_and_pass_as_they_are() {
    for (format, body, end) in WHOLE {
        let pieces = body.as_bytes().chunks(7).map(Bytes::copy_from_slice);
        let frames: Vec<_> = pieces
            .map(|piece| Ok::<_, BoxError>(Frame::data(piece)))
            .collect();
        let frames = StreamBody::new(futures_util::stream::iter(frames));
        let answer = response("application/json; charset=utf-8", Body::new(frames));
        let mut attempt = seeking((format, format), false, answer);
        let seen = seen(attempt.answers());
        assert_eq!((seen.status, &*seen.text), (200, body));
        assert_eq!(attempt.progress.end(), end, "{format} {body}");
    }
}

#[test]
fn an_answer_that_speaks_is_not_empty() {
    let audio = r#"{"choices":[{"index":0,"delta":{"audio":{"id":"a"}}}]}"#;
    let end = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let stream = format!("data: {audio}\n\ndata: {audio}\n\ndata: {end}\n\ndata: [DONE]\n\n");
    let mut attempt = seeking(
        (OPENAI, OPENAI),
        true,
        response("text/event-stream", stream),
    );
    let _ = seen(attempt.answers());
    assert_eq!(attempt.progress.end(), End::Complete);
}

#[test]
fn an_error_under_a_good_status_gets_its_own_where_answers_are_looked_at() {
    for format in ALL {
        let error = ir::Error::new(ir::ErrorKind::Overloaded, "Busy");
        let (_, body) = error_body(format, &error);
        let mut attempt = seeking((format, format), false, response("application/json", body));
        let seen = attempt.fails();
        assert!(seen.status >= 500, "{format} {}", seen.text);
        assert_eq!(error_message(format, &seen.json()), "Busy");
    }
}

#[test]
fn a_whole_answer_that_breaks_while_it_is_looked_at_is_an_error() {
    for format in ALL {
        let (gate, body) = Gate::new();
        let mut attempt = seeking((format, format), false, response("application/json", body));
        gate.send("{\"id\":");
        attempt.is_waiting();
        gate.breaks();
        let seen = attempt.fails();
        assert_eq!(seen.status, 502);
        assert!(!gate.is_held());
    }
}

#[test]
fn a_head_that_must_go_takes_along_what_was_read_of_a_whole_answer() {
    let (gate, body) = Gate::new();
    let mut attempt = seeking((OPENAI, OPENAI), false, response("application/json", body));
    gate.send("{\"choices\":");
    attempt.is_waiting();
    attempt.progress.commit();
    let head = attempt.answers();
    gate.send("[]}");
    drop(gate);
    assert_eq!(seen(head).text, "{\"choices\":[]}");
    assert_eq!(attempt.progress.end(), End::Open);
}

#[test]
fn a_whole_answer_that_is_longer_than_it_may_be_passes_unread() {
    let (gate, body) = Gate::new();
    let progress = Progress::new();
    progress.seek_empty();
    let layer = TranslateLayer::selected().body_limit(1000);
    let answer = response("application/json", body);
    let request = request((OPENAI, OPENAI), false);
    let mut attempt = Attempt::by(layer, progress, request, answer);
    gate.send("{\"choices\":");
    attempt.is_waiting();
    gate.send(" ".repeat(1000));
    let head = attempt.answers();
    gate.send("[]}");
    drop(gate);
    assert!(seen(head).text.ends_with(" []}"));
    assert_eq!(attempt.progress.end(), End::Open);
}

#[test]
fn trailers_and_what_is_no_json_pass() {
    let name = HeaderName::from_static("x-sum");
    let trailers = HeaderMap::from_iter([(name, HeaderValue::from_static("1"))]);
    let (whole, _) = answer(OPENAI, Ask::Plain);
    let frames = [
        Frame::data(Bytes::from(whole)),
        Frame::trailers(trailers.clone()),
    ];
    let frames = frames.map(Ok::<_, BoxError>);
    let body = Body::new(StreamBody::new(futures_util::stream::iter(frames)));
    let mut attempt = seeking((OPENAI, OPENAI), false, response("application/json", body));
    let body = attempt.answers().into_body();
    let all = assert_ready!(task::spawn(body.collect()).poll()).unwrap();
    assert_eq!(all.trailers(), Some(&trailers));
    for (content_type, body) in [("text/html", "<html>"), ("application/json", "<html>")] {
        let mut attempt = seeking((OPENAI, OPENAI), false, response(content_type, body));
        assert_eq!(seen(attempt.answers()).text, body);
        assert_eq!(attempt.progress.end(), End::Open);
    }
}

#[test]
fn situation_30_a_count_of_tokens_is_never_empty() {
    for operation in [
        Operation::CountTokens,
        Operation::Other("/v1/embeddings"),
        Operation::Unknown,
    ] {
        let mut request = request((ANTHROPIC, ANTHROPIC), false);
        let selected = Selected::of(request.extensions()).unwrap().clone();
        request
            .extensions_mut()
            .insert(selected.with_operation(operation));
        let progress = Progress::new();
        progress.seek_empty();
        let answer = response("application/json", "{\"input_tokens\":0}");
        let mut attempt = Attempt::watched_by(progress, request, answer);
        assert_eq!(seen(attempt.answers()).text, "{\"input_tokens\":0}");
        assert_eq!(attempt.progress.end(), End::Open, "{operation:?}");
    }
}

#[test]
fn situation_30_a_translated_count_of_tokens_is_never_empty() {
    for (client, path, tokens) in [
        (
            ANTHROPIC,
            "/v1/messages/count_tokens",
            "{\"totalTokens\":0}",
        ),
        (
            GEMINI,
            "/v1beta/models/m:countTokens",
            "{\"input_tokens\":0}",
        ),
    ] {
        let provider = if client == GEMINI { ANTHROPIC } else { GEMINI };
        let mut request = request_at((client, provider), path, false);
        let selected = Selected::of(request.extensions()).unwrap().clone();
        let selected = selected.with_operation(Operation::CountTokens);
        request.extensions_mut().insert(selected.with_model("m"));
        let progress = Progress::new();
        progress.seek_empty();
        let answer = response("application/json", tokens);
        let mut attempt = Attempt::watched_by(progress, request, answer);
        assert_eq!(seen(attempt.answers()).status, 200);
        assert_eq!(attempt.progress.end(), End::Open);
    }
}
