//! Folds Gemini streams into whole answers, as `fold` does the others.

use serde_json::{Value, json};

use crate::fold::{append, append_members, events};

/// What a Gemini client has in the end: for each candidate its parts, with the pieces of a text joined.
pub(crate) fn gemini(stream: &[u8]) -> Value {
    let mut answer = json!({"candidates": []});
    for chunk in events(stream) {
        for (key, value) in chunk.as_object().into_iter().flatten() {
            match key.as_str() {
                "candidates" => {
                    for candidate in value.as_array().into_iter().flatten() {
                        add_candidate(&mut answer["candidates"], candidate);
                    }
                }
                "usageMetadata" => append_members(&mut answer[key], value),
                _ => answer[key] = value.clone(),
            }
        }
    }
    answer
}

fn add_candidate(candidates: &mut Value, candidate: &Value) {
    let index = usize::try_from(candidate["index"].as_u64().unwrap_or(0)).unwrap();
    let candidates = candidates.as_array_mut().unwrap();
    while candidates.len() <= index {
        candidates.push(json!({"parts": []}));
    }
    let folded = &mut candidates[index];
    for (key, value) in candidate.as_object().into_iter().flatten() {
        match key.as_str() {
            "content" => {
                for part in value["parts"].as_array().into_iter().flatten() {
                    add_part(folded["parts"].as_array_mut().unwrap(), part);
                }
            }
            "index" => {}
            _ => folded[key] = value.clone(),
        }
    }
}

/// Text goes on from part to part, until one is signed.
fn add_part(parts: &mut Vec<Value>, part: &Value) {
    let goes_on = |last: &Value| {
        last["text"].is_string()
            && last["thoughtSignature"].is_null()
            && last["thought"] == part["thought"]
    };
    match (part["text"].as_str(), parts.last_mut()) {
        (Some(""), _) if part["thoughtSignature"].is_null() => {}
        (Some(text), Some(last)) if goes_on(last) => {
            append(&mut last["text"], &json!(text));
            if !part["thoughtSignature"].is_null() {
                last["thoughtSignature"] = part["thoughtSignature"].clone();
            }
        }
        _ => parts.push(part.clone()),
    }
}
