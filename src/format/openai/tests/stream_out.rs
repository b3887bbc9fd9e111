//! Streams of other formats, for callers of this API.

use serde_json::json;

use super::*;
use crate::{
    ir::{ErrorKind, Stop, StopReason, Usage},
    json::Raw,
};

pub(super) fn start() -> Event<'static> {
    Event::Start {
        id: "msg_1".into(),
        model: "m".into(),
        created: None,
        usage: Usage {
            input: Some(8),
            ..Usage::default()
        },
    }
}

pub(super) fn open(block: usize, kind: BlockKind<'static>) -> Event<'static> {
    Event::BlockStart {
        block,
        choice: 0,
        kind,
    }
}

pub(super) fn call(block: usize, name: &'static str) -> Event<'static> {
    open(
        block,
        BlockKind::ToolCall {
            id: format!("c{block}").into(),
            name: name.into(),
            freeform: false,
        },
    )
}

pub(super) fn text(block: usize, text: &'static str) -> Event<'static> {
    Event::Delta {
        block,
        delta: Delta::Text(text.into()),
    }
}

pub(super) fn arguments(block: usize, text: &'static str) -> Event<'static> {
    Event::Delta {
        block,
        delta: Delta::Arguments(text.into()),
    }
}

pub(super) fn stop(reason: StopReason) -> Event<'static> {
    Event::Stop {
        choice: 0,
        stop: Stop::new(reason),
    }
}

pub(super) const fn close(block: usize) -> Event<'static> {
    Event::BlockStop { block }
}

#[test]
fn every_chunk_says_who_and_what() {
    let stream = written(
        &[
            start(),
            open(0, BlockKind::Text),
            text(0, "a"),
            text(0, ""),
            close(0),
            stop(StopReason::End),
            Event::End,
        ],
        exchange(),
    );
    let all = chunks(&stream);
    assert_eq!(all.len(), 3);
    for (chunk, (delta, reason)) in all.iter().zip([
        (json!({"role": "assistant", "content": ""}), Value::Null),
        (json!({"content": "a"}), Value::Null),
        (json!({}), json!("stop")),
    ]) {
        assert_eq!(
            *chunk,
            json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "m",
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": reason}]})
        );
    }
    assert!(stream.ends_with("data: [DONE]\n\n"));
}

#[test]
fn trap_079_calls_are_numbered_among_themselves() {
    let stream = written(
        &[
            start(),
            open(0, BlockKind::Text),
            text(0, "a"),
            close(0),
            call(1, "f"),
            arguments(1, "{\"a\":"),
            arguments(1, ""),
            arguments(1, "1}"),
            close(1),
            call(2, "g"),
            arguments(2, "{}"),
            close(2),
            stop(StopReason::ToolUse),
            Event::End,
        ],
        exchange(),
    );
    assert_eq!(
        deltas(&stream)[2..],
        [
            json!({"tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}]}),
            json!({"tool_calls": [{"index": 0, "function": {"arguments": "{\"a\":"}}]}),
            json!({"tool_calls": [{"index": 0, "function": {"arguments": "1}"}}]}),
            json!({"tool_calls": [{"index": 1, "id": "c2", "type": "function", "function": {"name": "g", "arguments": ""}}]}),
            json!({"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]}),
            json!({}),
        ]
    );
}

#[test]
fn trap_090_counts_are_for_those_who_asked() {
    let events = [
        start(),
        Event::Usage(Usage {
            input: Some(9),
            cache_read: Some(4),
            output: Some(3),
            ..Usage::default()
        }),
        Event::Usage(Usage {
            output: Some(7),
            ..Usage::default()
        }),
        stop(StopReason::End),
        Event::End,
    ];
    let silent = written(&events, exchange());
    assert!(!silent.contains("usage"));
    let mut asked = exchange();
    asked.include_usage = true;
    let all = chunks(&written(&events, asked));
    let (last, others) = all.split_last().unwrap();
    assert!(
        others
            .iter()
            .all(|chunk| chunk.get("usage") == Some(&Value::Null))
    );
    assert_eq!(last["choices"], json!([]));
    assert_eq!(
        last["usage"],
        json!({"prompt_tokens": 13, "completion_tokens": 7, "total_tokens": 20,
        "prompt_tokens_details": {"cached_tokens": 4}})
    );
}

#[test]
fn several_answers_each_have_their_beginning() {
    let of_one = Event::BlockStart {
        block: 0,
        choice: 1,
        kind: BlockKind::Text,
    };
    let stop_one = Event::Stop {
        choice: 1,
        stop: Stop::new(StopReason::MaxTokens),
    };
    let stream = written(
        &[
            start(),
            of_one,
            text(0, "b"),
            close(0),
            stop_one,
            stop(StopReason::End),
            Event::End,
        ],
        exchange(),
    );
    let said: Vec<_> = chunks(&stream)
        .iter()
        .map(|chunk| {
            let choice = &chunk["choices"][0];
            (
                choice["index"].as_u64().unwrap(),
                choice["delta"].clone(),
                choice["finish_reason"].clone(),
            )
        })
        .collect();
    let begin = json!({"role": "assistant", "content": ""});
    assert_eq!(
        said,
        [
            (0, begin.clone(), Value::Null),
            (1, begin, Value::Null),
            (1, json!({"content": "b"}), Value::Null),
            (1, json!({}), json!("length")),
            (0, json!({}), json!("stop")),
        ]
    );
}

#[test]
fn trap_092_a_sign_of_life_is_a_comment() {
    assert_eq!(written(&[Event::Ping], exchange()), ": keep-alive\n\n");
}

#[test]
fn trap_094_107_an_error_ends_the_stream_without_the_mark_of_success() {
    let error = Event::Error(Error::new(ErrorKind::Overloaded, "busy"));
    let stream = written(
        &[start(), error, Event::End, stop(StopReason::End)],
        exchange(),
    );
    assert_eq!(
        chunks(&stream).last().unwrap(),
        &json!({"error":
        {"message": "busy", "type": "service_unavailable_error", "param": null, "code": "server_is_overloaded"}})
    );
    assert!(!stream.contains("[DONE]"));
}

#[test]
fn what_cannot_be_said_here_leaves_no_trace() {
    let native = BlockKind::Native {
        value: Raw::EMPTY_OBJECT,
    };
    let stream = written(
        &[
            start(),
            open(0, native),
            Event::Delta {
                block: 0,
                delta: Delta::Native(Raw::EMPTY_OBJECT),
            },
            text(0, "x"),
            close(0),
            text(9, "no such block"),
            stop(StopReason::Pause),
            Event::End,
        ],
        exchange(),
    );
    assert_eq!(deltas(&stream).len(), 2);
    assert!(stream.contains("\"finish_reason\":\"length\""));
}

/// The price classes of the chunks of a stream that is served in this one.
fn tiers(tier: &'static str, provider: &'static str) -> Vec<Value> {
    let mut exchange = exchange();
    exchange.provider = provider;
    exchange.include_usage = true;
    let mut events = vec![Event::ServiceTier(tier.into())];
    events.extend([
        start(),
        open(0, BlockKind::Text),
        Event::Delta {
            block: 0,
            delta: Delta::Text("a".into()),
        },
        Event::BlockStop { block: 0 },
        Event::Stop {
            choice: 0,
            stop: Stop::new(StopReason::End),
        },
        Event::End,
    ]);
    let stream = written(&events, exchange);
    let tier = |chunk: &Value| chunk.get("service_tier").cloned().unwrap_or_default();
    chunks(&stream).iter().map(tier).collect()
}

#[test]
fn every_chunk_tells_the_price_class() {
    for (told, expected) in [("standard", "default"), ("priority", "priority")] {
        let tiers = tiers(told, "other");
        assert!(
            tiers.len() > 2 && tiers.iter().all(|tier| tier == expected),
            "{tiers:?}"
        );
    }
    assert!(
        tiers("default", "openai")
            .iter()
            .all(|tier| tier == "default")
    );
}

#[test]
fn a_price_class_without_a_word_here_is_not_told() {
    assert!(tiers("batch", "other").iter().all(Value::is_null));
}

#[test]
fn calls_without_an_id_get_one_each() {
    let call = |block| {
        let kind = BlockKind::ToolCall {
            id: "".into(),
            name: "f".into(),
            freeform: false,
        };
        open(block, kind)
    };
    let stream = written(&[start(), call(0), call(1)], exchange());
    let deltas = deltas(&stream);
    let id = |index: usize| deltas[index]["tool_calls"][0]["id"].clone();
    assert!(id(1).as_str().unwrap().starts_with("call_"));
    assert_ne!(id(1), id(2));
}
