//! Heads that wait: whoever makes an attempt gets the head of a stream with its first content, or an error in its
//! place, and can try again.

mod content;
mod forms;

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use tokio_test::{assert_ready, task};
use tower_llm_gateway::{
    Body,
    context::{End, Progress},
    format::ApiFormat,
    ir::{Error, ErrorKind},
};

use crate::{
    attempt::{Attempt, exchange, pairs, request, request_at, response, seen},
    bodies::{Ask, answer, array, error_body, error_message, path, said, streamed},
    gate::{Gate, next},
    support::{ALL, ANTHROPIC, GEMINI, OPENAI, RESPONSES},
};

/// What comes of an answer before its content, event by event.
fn prelude(provider: ApiFormat) -> Vec<String> {
    if provider == GEMINI {
        let chunk =
            r#"{"usageMetadata":{"promptTokenCount":5},"modelVersion":"m","responseId":"1"}"#;
        return vec![format!("data: {chunk}\n\n")];
    }
    let (events, _) = divided(provider);
    events
}

/// What only the first event with content has.
fn first_content(provider: ApiFormat) -> &'static str {
    match provider.id() {
        "openai" | "gemini" => "Hello",
        "anthropic" => "content_block_start",
        _ => "response.content_part.added",
    }
}

/// A stream, divided before its first content.
fn divided(provider: ApiFormat) -> (Vec<String>, String) {
    let (_, stream) = answer(provider, Ask::Plain);
    let first = first_content(provider);
    let mut events: Vec<String> = stream.split_inclusive("\n\n").map(str::to_owned).collect();
    let begins = events.iter().position(|event| event.contains(first));
    let rest = events.split_off(begins.expect("it says something"));
    (events, rest.concat())
}

/// An error in the midst of a stream, as this provider says it.
fn error_event(provider: ApiFormat, error: &Error) -> String {
    format!("event: error\ndata: {}\n\n", error_body(provider, error).1)
}

fn overloaded() -> Error {
    Error::new(ErrorKind::Overloaded, "Busy")
}

const KEEP_ALIVE: &str = ": keep-alive\n\n";

#[test]
fn situation_27_the_head_of_a_stream_comes_with_its_first_content() {
    for pair in pairs() {
        let (mut attempt, gate) = Attempt::stream(pair);
        attempt.is_waiting();
        assert!(attempt.progress.awaits_content());
        for event in prelude(pair.1) {
            gate.send(KEEP_ALIVE);
            gate.send(event);
            attempt.is_waiting();
        }
        let (_, rest) = divided(pair.1);
        for event in rest.split_inclusive("\n\n").take(1) {
            gate.send(event.to_owned());
        }
        let head = attempt.answers();
        assert_eq!(head.status(), 200, "{pair:?}");
        assert_eq!(head.headers()["content-type"], "text/event-stream");
        assert!(attempt.progress.has_content() && !attempt.progress.awaits_content());
        assert_eq!(attempt.progress.end(), End::Open);
    }
}

#[test]
fn a_stream_whose_head_has_waited_is_whole() {
    for pair in pairs() {
        let (mut attempt, gate) = Attempt::stream(pair);
        for event in prelude(pair.1) {
            gate.send(event);
        }
        attempt.is_waiting();
        gate.send(divided(pair.1).1);
        drop(gate);
        let said = streamed(pair.0, &seen(attempt.answers()).text).unwrap();
        let (_, stream) = answer(pair.1, Ask::Plain);
        assert_eq!(said.first(), streamed(pair.1, stream).unwrap().first());
        assert_eq!(attempt.progress.end(), End::Complete);
    }
}

#[test]
fn situation_27_a_stream_that_dies_before_its_content_is_an_error_response() {
    let timeout =
        || Error::new(ErrorKind::GatewayTimeout, "Too late.").with_code("first_event_timeout");
    for pair in pairs() {
        for (fails, code, kind) in [
            (None, "upstream_stream_truncated", ErrorKind::BadGateway),
            (
                Some(None),
                "upstream_stream_truncated",
                ErrorKind::BadGateway,
            ),
            (
                Some(Some(timeout())),
                "first_event_timeout",
                ErrorKind::GatewayTimeout,
            ),
        ] {
            let (mut attempt, gate) = Attempt::stream(pair);
            for event in prelude(pair.1) {
                gate.send(event);
            }
            attempt.is_waiting();
            match fails {
                None => {}
                Some(None) => gate.breaks(),
                Some(Some(error)) => gate.fails(error),
            }
            drop(gate);
            let seen = attempt.fails();
            let error = seen.error.as_ref().unwrap();
            assert_eq!((error.code.as_deref(), error.kind), (Some(code), kind));
            assert_eq!(seen.status, pair.0.error_body(error).0, "{pair:?}");
            assert_eq!(error_message(pair.0, &seen.json()), error.message);
        }
    }
}

#[test]
fn situation_44_an_error_behind_keep_alives_has_its_own_status() {
    for pair in pairs() {
        let (mut attempt, gate) = Attempt::stream(pair);
        for second in 0..30 {
            gate.send(KEEP_ALIVE);
            if second % 10 == 0 && pair.1 == ANTHROPIC {
                gate.send("event: ping\ndata: {\"type\":\"ping\"}\n\n");
            }
            attempt.is_waiting();
        }
        assert_eq!(attempt.progress.events(), 0);
        gate.send(error_event(pair.1, &overloaded()));
        let seen = attempt.fails();
        let expected = if pair.0 == ANTHROPIC { 529 } else { 503 };
        assert_eq!(seen.status, expected, "{pair:?} {}", seen.text);
        assert_eq!(error_message(pair.0, &seen.json()), "Busy");
        assert_eq!(seen.error.unwrap().kind, ErrorKind::Overloaded);
    }
}

#[test]
fn situation_44_keep_alives_pass_once_the_head_had_to_go() {
    for pair in pairs() {
        let (mut attempt, gate) = Attempt::stream(pair);
        gate.send(prelude(pair.1).concat());
        gate.send(KEEP_ALIVE);
        attempt.is_waiting();
        attempt.progress.commit();
        let mut body = attempt.answers().into_body();
        let before = drained(&mut body);
        // Of no use behind the head.
        assert!(pair.0 == pair.1 || !before.contains("keep-alive"));
        gate.send(KEEP_ALIVE);
        assert!(!next(&mut body).expect("it passes").is_empty(), "{pair:?}");
        gate.send(error_event(pair.1, &overloaded()));
        drop(gate);
        let after = drained_to_end(&mut body);
        let message = streamed(pair.0, &(before + &after)).unwrap_err();
        assert_eq!(message, "Busy", "{pair:?}");
        assert_eq!(attempt.progress.end(), End::Failed);
    }
}

/// What there is of a body by now.
fn drained(body: &mut Body) -> String {
    let mut text = String::new();
    while let std::task::Poll::Ready(Some(frame)) = task::spawn(body.frame()).poll() {
        let data = frame.unwrap().into_data().unwrap();
        text += std::str::from_utf8(&data).unwrap();
    }
    text
}

fn drained_to_end(body: &mut Body) -> String {
    let mut text = String::new();
    while let Some(more) = next(body) {
        text += &more;
    }
    text
}

#[test]
fn a_head_that_must_go_takes_along_what_was_held() {
    for pair in pairs() {
        let (mut attempt, gate) = Attempt::stream(pair);
        let held = prelude(pair.1).concat();
        gate.send(held.clone());
        attempt.is_waiting();
        attempt.progress.commit();
        let reply = attempt.answers();
        assert_eq!(reply.status(), 200);
        assert!(attempt.progress.awaits_content());
        let mut body = reply.into_body();
        let before = drained(&mut body);
        if pair.0 == pair.1 {
            assert_eq!(before, held);
        }
        gate.send(divided(pair.1).1);
        drop(gate);
        let all = before + &drained_to_end(&mut body);
        assert!(streamed(pair.0, &all).is_ok(), "{pair:?} {all}");
        assert!(attempt.progress.has_content());
        assert_eq!(attempt.progress.end(), End::Complete);
    }
}

#[test]
fn a_head_that_was_to_go_before_anything_came_does_not_wait() {
    for pair in pairs() {
        for content_type in ["text/event-stream", "text/plain"] {
            let (mut attempt, _gate) = Attempt::of(request(pair, true), content_type);
            attempt.is_waiting();
            attempt.progress.commit();
            assert_eq!(attempt.answers().status(), 200, "{pair:?}");
        }
    }
}

/// An event before all content, with this many bytes that callers hear of.
fn long_prelude(provider: ApiFormat, bytes: usize) -> String {
    let name = "m".repeat(bytes);
    match provider.id() {
        "openai" => format!(
            r#"data: {{"id":"1","model":"{name}","choices":[{{"index":0,"delta":{{"role":"assistant"}}}}]}}"#
        ),
        "openai_responses" => format!(
            r#"data: {{"type":"response.created","response":{{"id":"1","model":"{name}"}}}}"#
        ),
        "anthropic" => format!(
            r#"data: {{"type":"message_start","message":{{"id":"1","model":"{name}","content":[]}}}}"#
        ),
        _ => format!(r#"data: {{"modelVersion":"{name}","responseId":"1"}}"#),
    }
}

#[test]
fn no_more_is_held_than_64_kib() {
    for pair in pairs() {
        // Some callers hear nothing of an answer before it says something.
        if pair.0 != pair.1 && [OPENAI, GEMINI].contains(&pair.0) {
            continue;
        }
        let (mut attempt, gate) = Attempt::stream(pair);
        gate.send(long_prelude(pair.1, 30 << 10) + "\n\n");
        attempt.is_waiting();
        drop(attempt);
        let (mut attempt, gate) = Attempt::stream(pair);
        gate.send(long_prelude(pair.1, 64 << 10) + "\n\n");
        assert_eq!(attempt.answers().status(), 200, "{pair:?}");
        assert!(!attempt.progress.has_content());
        drop(gate);
    }
}

#[test]
fn many_small_pieces_are_not_held_for_ever() {
    let (mut attempt, gate) = Attempt::stream((OPENAI, OPENAI));
    for _ in 0..(64 << 10) / 64 {
        gate.send(":\n");
    }
    assert_eq!(attempt.answers().status(), 200);
}

#[test]
fn what_passes_is_held_as_it_came() {
    for format in ALL {
        let (mut attempt, gate) = Attempt::stream((format, format));
        let (_, stream) = answer(format, Ask::Plain);
        let sent: Vec<Bytes> = stream
            .as_bytes()
            .chunks(11)
            .map(Bytes::copy_from_slice)
            .collect();
        for piece in &sent {
            gate.send(piece.clone());
        }
        drop(gate);
        let mut body = attempt.answers().into_body();
        for piece in &sent {
            let frame = assert_ready!(task::spawn(body.frame()).poll());
            let data = frame.unwrap().unwrap().into_data().unwrap();
            assert_eq!((data.as_ptr(), data.len()), (piece.as_ptr(), piece.len()));
        }
        assert_eq!(next(&mut body), None);
        assert!(http_body::Body::is_end_stream(&body));
    }
}

#[test]
fn wherever_a_stream_is_cut_in_pieces_it_passes_whole() {
    for format in ALL {
        let (_, stream) = answer(format, Ask::Plain);
        let begins = stream.len() - divided(format).1.len();
        // Everywhere up to the first content, and here and there behind it.
        let behind = (begins + 100..stream.len()).step_by(101);
        for at in (0..begins + 100).chain(behind) {
            let (mut attempt, gate) = Attempt::stream((format, format));
            let (before, behind) = stream.as_bytes().split_at(at);
            gate.send(before.to_vec());
            gate.send(behind.to_vec());
            drop(gate);
            let body = attempt.answers().into_body();
            let all = assert_ready!(task::spawn(body.collect()).poll()).unwrap();
            assert!(all.to_bytes() == stream.as_bytes(), "{format} {at}");
        }
    }
}

#[test]
fn what_was_held_goes_with_the_attempt() {
    for pair in pairs() {
        for content_type in ["text/event-stream", "text/plain"] {
            let (mut attempt, gate) = Attempt::of(request(pair, true), content_type);
            gate.send(prelude(pair.1).concat());
            attempt.is_waiting();
            assert!(gate.is_held());
            drop(attempt);
            assert!(!gate.is_held(), "{pair:?}");
        }
    }
}

#[test]
fn an_error_lets_go_of_the_provider() {
    for pair in pairs() {
        let (mut attempt, gate) = Attempt::stream(pair);
        gate.send(error_event(pair.1, &overloaded()));
        let _response = attempt.answers();
        assert!(!gate.is_held(), "{pair:?}");
    }
}

#[test]
fn content_in_front_of_an_error_is_not_taken_back() {
    for pair in pairs() {
        let (mut attempt, gate) = Attempt::stream(pair);
        let content = divided(pair.1).1;
        let first = content.split_inclusive("\n\n").next().unwrap();
        gate.send(prelude(pair.1).concat() + first + &error_event(pair.1, &overloaded()));
        drop(gate);
        let seen = seen(attempt.answers());
        assert_eq!(seen.status, 200);
        assert_eq!(
            streamed(pair.0, &seen.text).unwrap_err(),
            "Busy",
            "{pair:?}"
        );
        assert_eq!(attempt.progress.end(), End::Failed);
        assert!(attempt.progress.has_content());
    }
}

#[test]
fn a_stream_that_nobody_waits_for_passes_at_once() {
    for format in ALL {
        for content_type in ["text/event-stream", "text/plain"] {
            let (_gate, body) = Gate::new();
            let response = response(content_type, body);
            let mut answering = task::spawn(exchange(request((format, format), true), response));
            assert_eq!(assert_ready!(answering.poll()).status(), 200);
        }
    }
}
