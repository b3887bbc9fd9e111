//! Streams of other formats, for callers of this API: what clients of it extend.

use serde_json::json;

use super::{
    stream_out::{arguments, call, close, open, start, stop, text},
    *,
};
use crate::{
    ir::{Citation, Logprobs, Seal, Stop, StopReason},
    json::{Raw, Text},
};

#[test]
fn sealed_thoughts_come_whole_and_numbered() {
    let seal = |block, seal: &'static str| Event::Delta {
        block,
        delta: Delta::Seal(Seal::new("anthropic", seal.into())),
    };
    let mut noted = exchange();
    noted.provider = "other";
    let stream = written(
        &[
            start(),
            open(0, BlockKind::Reasoning),
            text(0, "h\""),
            text(0, "m"),
            seal(0, "sig"),
            close(0),
            open(1, BlockKind::Redacted),
            seal(1, "data"),
            close(1),
            open(2, BlockKind::Reasoning),
            text(2, "open"),
            close(2),
            stop(StopReason::End),
            Event::End,
        ],
        noted,
    );
    assert_eq!(
        deltas(&stream)[1..],
        [
            json!({"reasoning_content": "h\""}),
            json!({"reasoning_content": "m"}),
            json!({"thinking_blocks": [{"index": 0, "type": "thinking", "thinking": "h\"m", "signature": "sig"}]}),
            json!({"thinking_blocks": [{"index": 1, "type": "redacted_thinking", "data": "data"}]}),
            json!({"reasoning_content": "open"}),
            json!({}),
        ]
    );
}

#[test]
fn a_refusal_is_said_with_its_explanation_once() {
    let refused = |explained: bool| {
        let mut stop = Stop::new(StopReason::Refusal);
        stop.explanation = explained.then(|| Text::from("why"));
        Event::Stop { choice: 0, stop }
    };
    let stream = written(&[start(), refused(true), Event::End], exchange());
    assert_eq!(deltas(&stream)[1..], [json!({"refusal": "why"}), json!({})]);
    assert!(stream.contains("\"finish_reason\":\"content_filter\""));
    let stream = written(
        &[
            start(),
            open(0, BlockKind::Refusal),
            text(0, "no"),
            close(0),
            refused(true),
            Event::End,
        ],
        exchange(),
    );
    assert_eq!(deltas(&stream)[1..], [json!({"refusal": "no"}), json!({})]);
}

#[test]
fn trap_064_callers_of_functions_get_one_function_call() {
    let mut noted = exchange();
    noted.legacy_functions = true;
    let stream = written(
        &[
            start(),
            call(0, "f"),
            arguments(0, "{}"),
            close(0),
            call(1, "g"),
            arguments(1, "{}"),
            close(1),
            stop(StopReason::ToolUse),
            Event::End,
        ],
        noted,
    );
    assert_eq!(
        deltas(&stream)[1..],
        [
            json!({"function_call": {"name": "f", "arguments": ""}}),
            json!({"function_call": {"arguments": "{}"}}),
            json!({}),
        ]
    );
    assert!(stream.contains("\"finish_reason\":\"function_call\""));
}

#[test]
fn trap_046_the_input_of_a_custom_tool_is_unwrapped_when_it_is_whole() {
    let mut noted = exchange();
    noted.freeform_tools.insert("patch".to_owned());
    let stream = written(
        &[
            start(),
            call(0, "patch"),
            arguments(0, "{\"inp"),
            arguments(0, "ut\":\"a\\nb\"}"),
            close(0),
            stop(StopReason::ToolUse),
            Event::End,
        ],
        noted,
    );
    assert_eq!(
        deltas(&stream)[1..],
        [
            json!({"tool_calls": [{"index": 0, "id": "c0", "type": "custom", "custom": {"name": "patch", "input": ""}}]}),
            json!({"tool_calls": [{"index": 0, "custom": {"input": "a\nb"}}]}),
            json!({}),
        ]
    );
}

#[test]
fn web_pages_are_cited_when_their_text_is_complete() {
    let cite = |citation| Event::Delta {
        block: 1,
        delta: Delta::Citation(citation),
    };
    let web = Citation {
        url: Some("https://e.com".into()),
        title: Some("t".into()),
        ..Citation::default()
    };
    let stream = written(
        &[
            start(),
            open(0, BlockKind::Text),
            text(0, "né"),
            close(0),
            open(1, BlockKind::Text),
            cite(web),
            cite(Citation::default()),
            text(1, "abc"),
            close(1),
            stop(StopReason::End),
            Event::End,
        ],
        exchange(),
    );
    assert_eq!(
        deltas(&stream)[3],
        json!({"annotations": [{"index": 0, "type": "url_citation",
        "url_citation": {"start_index": 2, "end_index": 5, "title": "t", "url": "https://e.com"}}]})
    );
}

#[test]
fn log_probabilities_stay_on_one_line() {
    let mut own = exchange();
    own.provider = "openai";
    let native = Raw::new("{\"content\": [\n{\"token\": \"a b\"}]}").unwrap();
    let logprobs = Logprobs {
        native: Some(native),
        ..Logprobs::default()
    };
    let stream = written(
        &[
            start(),
            open(0, BlockKind::Text),
            text(0, "a"),
            Event::Delta {
                block: 0,
                delta: Delta::Logprobs(logprobs),
            },
        ],
        own,
    );
    assert_eq!(
        chunks(&stream)[2]["choices"][0]["logprobs"],
        json!({"content": [{"token": "a b"}]})
    );
}
