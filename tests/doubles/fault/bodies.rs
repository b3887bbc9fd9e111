//! The ready-made scripts.

use serde_json::Value;

use super::said;
use crate::support::fault::{Format, Script};

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
