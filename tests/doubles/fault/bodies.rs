//! The ready-made scripts.

use std::io::Read as _;

use serde_json::Value;
use tokio::io::AsyncReadExt as _;

use super::{Raw, said};
use crate::support::fault::{Fault, Format, Script};

#[tokio::test]
async fn whole_answers_are_json_and_greet() {
    for format in Format::ALL {
        let (text, _) = said(Script::answer(format).close()).await;
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("200 OK") && head.contains("application/json"));
        serde_json::from_str::<Value>(body).unwrap();
        assert!(body.contains("Hello"), "{body}");
    }
}

#[test]
fn open_streams_have_content_and_no_end() {
    for format in Format::ALL {
        let (all, open) = (format.events(), format.open_events());
        assert!(all.starts_with(&open) && all.len() > open.len() && open.len() > 3);
        let text = String::from_utf8(open.concat()).unwrap();
        assert!(text.contains("Hello"), "{text}");
        for end in ["[DONE]", "STOP", "\"stop\"", "_stop", ".done", ".completed"] {
            assert!(!text.contains(end), "{format:?} {end}");
        }
    }
}

#[test]
fn errors_are_in_the_format_and_name_the_status() {
    let kinds = [
        (
            Format::OpenAi,
            "/error/type",
            ["invalid_request_error", "service_unavailable_error"],
        ),
        (
            Format::Responses,
            "/error/type",
            ["invalid_request_error", "service_unavailable_error"],
        ),
        (
            Format::Anthropic,
            "/error/type",
            ["invalid_request_error", "overloaded_error"],
        ),
        (
            Format::Gemini,
            "/error/status",
            ["INVALID_ARGUMENT", "UNAVAILABLE"],
        ),
    ];
    for (format, pointer, expected) in kinds {
        for (status, expected) in [400, 529].into_iter().zip(expected) {
            let body: Value = serde_json::from_slice(&format.error(status)).unwrap();
            let kind = body.pointer(pointer).and_then(Value::as_str).unwrap();
            assert!(kind.contains(expected), "{status} {body}");
        }
    }
    let gemini: Value = serde_json::from_slice(&Format::Gemini.error(504)).unwrap();
    assert_eq!(gemini["error"]["code"], 504);
}

#[tokio::test]
async fn gzip_is_declared_and_real() {
    let events = Format::Anthropic.events().concat();
    let upstream = Fault::h1().script(Script::stream().gzip(&events).close());
    let upstream = upstream.start().await;
    let mut raw = Raw::ask(&upstream).await;
    let head = raw.hear("\r\n\r\n").await;
    assert!(head.contains("content-encoding: gzip\r\n"), "{head}");
    let mut body = Vec::new();
    raw.0.read_to_end(&mut body).await.unwrap();
    assert!(body.len() < events.len());
    let mut plain = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(body.as_slice());
    decoder.read_to_end(&mut plain).unwrap();
    assert_eq!(plain, events);
}

#[tokio::test]
async fn a_reply_is_a_stream_to_who_asks_for_one() {
    let upstream = Fault::h1().each(|_, seen| Script::reply(Format::OpenAi, seen).close());
    let upstream = upstream.start().await;
    for (body, kind) in [
        ("{\"stream\":true}", "text/event-stream"),
        ("{}", "application/json"),
    ] {
        let mut raw = Raw::connect(&upstream).await;
        raw.say(&format!(
            "POST / HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await;
        assert!(raw.hear("\r\n\r\n").await.contains(kind));
    }
}
