//! Recorded requests as parts of conversations: which one stays the same as it grows, and where a tool loop is told as by
//! a plain look at the parsed body.

use http::HeaderMap;
use serde_json::{Value, json};
use tower_llm_gateway::{
    experiment::{AssignedBy, Draws, KeySource, is_in_tool_loop, key_of},
    format::ApiFormat,
};

use crate::files::recorded;

/// The recorded requests of a format that are JSON, by name.
fn requests(format: ApiFormat) -> Vec<(String, Vec<u8>, Value)> {
    let files = recorded(format, "request").into_iter();
    let parsed = files.filter_map(|file| {
        let body = serde_json::from_slice(&file.bytes).ok()?;
        Some((file.name, file.bytes, body))
    });
    parsed.collect()
}

fn conversation(format: ApiFormat, body: &[u8]) -> Option<Box<[u8]>> {
    let draws = Draws {
        format,
        headers: &HeaderMap::new(),
        body,
        subject: None,
        random: 0,
    };
    let key = key_of(&[KeySource::Conversation], &draws);
    (key.by == AssignedBy::Conversation).then_some(key.bytes)
}

fn list(format: ApiFormat) -> &'static str {
    match format.id() {
        "openai_responses" => "input",
        "gemini" => "contents",
        _ => "messages",
    }
}

/// Whether a tool's result has come since the model spoke last.
fn brings_result(format: ApiFormat, body: &Value) -> bool {
    let turns = body[list(format)].as_array();
    let backwards = turns.into_iter().flatten().rev();
    let mut since = backwards.take_while(|turn| !is_of_model(turn));
    since.any(|turn| {
        let parts = turn.get("content").or_else(|| turn.get("parts"));
        let mut parts = parts.and_then(Value::as_array).into_iter().flatten();
        turn["role"] == "tool"
            || turn["type"]
                .as_str()
                .is_some_and(|kind| kind.ends_with("_output"))
            || parts.any(|part| {
                part["type"] == "tool_result"
                    || part.get("functionResponse").is_some()
                    || part.get("function_response").is_some()
            })
    })
}

fn is_of_model(turn: &Value) -> bool {
    let kinds = [
        "function_call",
        "custom_tool_call",
        "tool_search_call",
        "reasoning",
    ];
    turn["role"] == "assistant"
        || turn["role"] == "model"
        || kinds.iter().any(|kind| turn["type"] == **kind)
}

#[test]
fn a_tool_loop_is_told_in_recorded_requests() {
    for format in ApiFormat::BUILT_IN {
        let requests = requests(*format);
        let mut loops = 0;
        for (name, bytes, body) in &requests {
            let expected = brings_result(*format, body);
            assert_eq!(is_in_tool_loop(*format, bytes), expected, "{name}");
            loops += usize::from(expected);
        }
        assert!(requests.is_empty() || loops > 3, "{format:?}: {loops}");
    }
}

#[test]
fn a_recorded_conversation_stays_the_same_as_it_grows() {
    for format in ApiFormat::BUILT_IN {
        let requests = requests(*format);
        let is_there = !requests.is_empty();
        let mut grown = 0;
        for (name, bytes, mut body) in requests {
            let before = conversation(*format, &bytes);
            let Some(turns) = body[list(*format)].as_array_mut() else {
                continue;
            };
            turns.extend(match format.id() {
                "gemini" => [("model", "Hm."), ("user", "And?")]
                    .map(|(role, said)| json!({"role": role, "parts": [{"text": said}]})),
                _ => [("assistant", "Hm."), ("user", "And?")]
                    .map(|(role, said)| json!({"role": role, "content": said})),
            });
            if before.is_some() {
                assert_eq!(
                    conversation(*format, body.to_string().as_bytes()),
                    before,
                    "{name}"
                );
                grown += 1;
            }
        }
        assert!(!is_there || grown > 20, "{format:?}: {grown}");
    }
}
