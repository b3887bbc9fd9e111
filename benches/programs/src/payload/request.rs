//! What a client of OpenAI's API sends.

use bytes::Bytes;
use serde_json::{Value, json};

use super::text::text;

/// Where it is sent.
pub const PATH: &str = "/v1/chat/completions";

/// Above this a request is one of an agent: a long prompt, tools, and many turns.
const AGENT: usize = 8_000;
const PROMPT: usize = 8_000;
const TOOLS: usize = 20;
const TURNS: usize = 20;
/// Bytes that a tool takes, about.
const TOOL: usize = 800;

/// A request of about so many bytes. `messages` stand before `model` and `stream`, as the official client libraries write them.
#[must_use]
pub fn request(model: &str, bytes: usize, streamed: bool) -> Bytes {
    let mut rest = json!({"model": model, "max_completion_tokens": 256, "temperature": 0.7, "stream": streamed});
    if streamed {
        insert(&mut rest, "stream_options", json!({"include_usage": true}));
    }
    let mut messages = Vec::new();
    if bytes > AGENT {
        insert(&mut rest, "tools", (0..TOOLS).map(tool).collect());
        messages.push(json!({"role": "system", "content": text(1, PROMPT)}));
        let turn_bytes = bytes.saturating_sub(PROMPT + TOOLS * TOOL) / TURNS;
        messages.extend((0..TURNS).flat_map(|number| turn(number, turn_bytes)));
        messages.push(json!({"role": "user", "content": text(3, 400)}));
    } else {
        messages.push(json!({"role": "system", "content": text(1, bytes / 4)}));
        messages.push(json!({"role": "user", "content": text(3, bytes / 2)}));
    }
    let rest = rest.to_string();
    let rest = rest.trim_start_matches('{');
    format!(r#"{{"messages":{},{rest}"#, Value::Array(messages)).into()
}

fn insert(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(key.to_owned(), value);
    }
}

/// A call of a tool, an eighth of the bytes, and what it gave.
fn turn(number: usize, bytes: usize) -> [Value; 2] {
    let id = format!("call_{number}");
    let arguments = json!({"path": text(number + 7, bytes / 8)}).to_string();
    let result = text(number + 50, (bytes * 3 / 4).saturating_sub(260));
    [
        json!({"role": "assistant", "content": text(number, 60), "tool_calls": [
            {"id": id, "type": "function", "function": {"name": "tool_1", "arguments": arguments}},
        ]}),
        json!({"role": "tool", "tool_call_id": id, "content": result}),
    ]
}

fn tool(number: usize) -> Value {
    json!({"type": "function", "function": {
        "name": format!("tool_{number}"),
        "description": text(100 + number, 300),
        "parameters": {
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": format!("Absolute path number {number}")},
                "limit": {"type": "integer", "minimum": 0, "description": "Maximum number of lines"},
                "mode": {"type": "string", "enum": ["read", "write", "append"]},
                "options": {"type": "object", "properties": {
                    "recursive": {"type": "boolean"},
                    "glob": {"type": "array", "items": {"type": "string"}},
                }},
            },
            "required": ["path"],
        },
    }})
}
