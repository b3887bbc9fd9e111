//! What a stream says, so that two that say the same are equal.

use std::{collections::HashMap, mem};

use serde_json::{Value, json};

use crate::fold;

/// What a translation can't know: the time, counts before the end or without one, counts that the source doesn't make,
/// and the code of an error whose format has none.
const UNKNOWN: [&str; 9] = [
    "/created",
    "/message/usage",
    "/error/details",
    "/usage/completion_tokens_details",
    "/usage/output_tokens_details",
    "/response/created_at",
    "/response/completed_at",
    "/response/usage/output_tokens_details",
    "/sequence_number",
];

/// Gemini's last chunk has an empty text, or none at all.
const CONTENT: &str = "/candidates/0/content";

/// The events of a stream, without what a translation can't know and without signs of life. Ids that the format makes
/// up are numbered.
pub(crate) fn said(stream: &[u8]) -> Vec<Value> {
    let mut events = fold::events(stream);
    events.retain(|event| event["type"] != "ping");
    let mut ids = HashMap::new();
    for event in &mut events {
        for place in UNKNOWN {
            let (parent, key) = place.rsplit_once('/').unwrap();
            if let Some(Value::Object(parent)) = event.pointer_mut(parent) {
                parent.remove(key);
            }
        }
        if event["type"] == "response.failed" {
            event["response"]["usage"] = Value::Null;
        }
        strip_zeros(event);
        if event.pointer(CONTENT) == Some(&json!({"role": "model", "parts": [{"text": ""}]})) {
            let candidate = event["candidates"][0].as_object_mut().unwrap();
            candidate.remove("content");
        }
        number_ids(event, &mut ids);
    }
    events
}

/// Takes out the counts that say there was none: only some formats do.
fn strip_zeros(value: &mut Value) {
    const COUNTS: [&str; 3] = [
        "thoughtsTokenCount",
        "cache_write_tokens",
        "cache_creation_input_tokens",
    ];
    match value {
        Value::Array(values) => values.iter_mut().for_each(strip_zeros),
        Value::Object(members) => {
            members.retain(|key, count| !(COUNTS.contains(&&**key) && *count == json!(0)));
            members.values_mut().for_each(strip_zeros);
        }
        _ => {}
    }
}

fn number_ids(value: &mut Value, ids: &mut HashMap<String, usize>) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| number_ids(value, ids)),
        Value::Object(members) => members.iter_mut().for_each(|(key, value)| {
            let is_id = ["id", "item_id", "responseId"].contains(&&**key);
            match value {
                // The ids of calls are the provider's, and must arrive.
                Value::String(id) if is_id && !id.starts_with("call_") => {
                    let next = ids.len();
                    *value = json!(ids.entry(id.clone()).or_insert(next));
                }
                value => number_ids(value, ids),
            }
        }),
        _ => {}
    }
}

/// Where arguments come in fragments.
const FRAGMENTS: [&str; 3] = [
    "/choices/0/delta/tool_calls/0/function/arguments",
    "/delta/partial_json",
    "/delta",
];

/// The events, each with its fragment, and neighbouring fragments put together: for a source that has none.
pub(crate) fn joined(events: Vec<Value>) -> Vec<(Value, String)> {
    let mut joined: Vec<(Value, String)> = Vec::new();
    for mut event in events {
        let more = take_fragment(&mut event);
        match joined.last_mut() {
            Some((last, fragment)) if !more.is_empty() && *last == event => {
                fragment.push_str(&more);
            }
            _ => joined.push((event, more)),
        }
    }
    joined
}

fn take_fragment(event: &mut Value) -> String {
    for place in FRAGMENTS {
        if let Some(Value::String(fragment)) = event.pointer_mut(place) {
            return mem::take(fragment);
        }
    }
    String::new()
}
