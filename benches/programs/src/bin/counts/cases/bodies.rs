//! Requests and answers as the providers' own clients and servers write them: of a request the messages come before the
//! model, a large one has 20 turns of a tool loop and 20 tools.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// What a large request has beside its turns, about.
const APART: usize = 24_000;

/// From here on a request has turns and tools.
const LARGE: usize = 8_000;

const WORDS: &[&str] = &[
    "the",
    "request",
    "fn main() {\n",
    "let x = \"value\";\n",
    "router",
    "translate",
    "of",
    "a",
    "stream",
    "é",
    "→",
    "if",
    "return",
    "error",
    "tokens",
    "model",
    "while",
    "and",
    "config.yaml",
    "path\\to\\file",
    "\t",
    "user",
];

/// Prose and code of about this length, the same for the same seed.
fn text(seed: u64, length: usize) -> String {
    let mut state = seed.wrapping_mul(2_654_435_761) + 1;
    let mut text = String::with_capacity(length + 16);
    while text.len() < length {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let word = (state >> 33) as usize % WORDS.len();
        text.push_str(WORDS[word]);
        text.push(' ');
    }
    text
}

fn schema(tool: u64) -> Value {
    json!({"type": "object", "required": ["path"], "properties": {
        "path": {"type": "string", "description": format!("Absolute path number {tool}")},
        "limit": {"type": "integer", "minimum": 0, "description": "Maximum number of lines"},
        "mode": {"type": "string", "enum": ["read", "write", "append"]},
        "opts": {"type": "object", "properties": {
            "recursive": {"type": "boolean"},
            "glob": {"type": "array", "items": {"type": "string"}},
        }},
    }})
}

/// The members in this order.
fn object(members: &[(&str, Value)]) -> String {
    let members = members
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// Bytes of one turn's answer by a tool.
fn result_size(size: usize) -> usize {
    size.saturating_sub(APART) * 3 / 80
}

/// A chat completion request of about so many bytes.
pub(super) fn openai(model: &str, size: usize, stream: bool) -> String {
    let is_large = size > LARGE;
    let mut messages = Vec::new();
    let mut tools = Vec::new();
    messages.push(
        json!({"role": "system", "content": text(1, if is_large { LARGE } else { size / 4 })}),
    );
    if is_large {
        for turn in 0..20 {
            let function = json!({"name": format!("tool_{turn}"), "description": text(100 + turn, 300), "parameters": schema(turn)});
            tools.push(json!({"type": "function", "function": function}));
            let arguments = json!({"path": text(turn + 7, result_size(size) / 6)}).to_string();
            let function = json!({"name": "tool_1", "arguments": arguments});
            let call =
                json!({"id": format!("call_{turn}"), "type": "function", "function": function});
            messages.push(
                json!({"role": "assistant", "content": text(turn, 60), "tool_calls": [call]}),
            );
            messages.push(json!({"role": "tool", "tool_call_id": format!("call_{turn}"), "content": text(turn + 50, result_size(size))}));
        }
    }
    messages
        .push(json!({"role": "user", "content": text(3, if is_large { 400 } else { size / 2 })}));
    let mut members = vec![
        ("messages", Value::Array(messages)),
        ("model", model.into()),
        ("max_completion_tokens", 256.into()),
        ("temperature", json!(0.7)),
        ("stream", stream.into()),
    ];
    if is_large {
        members.push(("tools", Value::Array(tools)));
    }
    object(&members)
}

/// The same as a request for a message.
pub(super) fn anthropic(model: &str, size: usize, stream: bool) -> String {
    let is_large = size > LARGE;
    let mut messages = Vec::new();
    let mut tools = Vec::new();
    if is_large {
        messages.push(json!({"role": "user", "content": "start"}));
        for turn in 0..20 {
            tools.push(json!({"name": format!("tool_{turn}"), "description": text(100 + turn, 300), "input_schema": schema(turn)}));
            let input = json!({"path": text(turn + 7, result_size(size) / 6)});
            let call = json!({"type": "tool_use", "id": format!("toolu_{turn}"), "name": "tool_1", "input": input});
            let said = json!({"type": "text", "text": text(turn, 60)});
            messages.push(json!({"role": "assistant", "content": [said, call]}));
            let result = json!({"type": "tool_result", "tool_use_id": format!("toolu_{turn}"), "content": text(turn + 50, result_size(size))});
            messages.push(json!({"role": "user", "content": [result]}));
        }
    }
    messages
        .push(json!({"role": "user", "content": text(3, if is_large { 400 } else { size / 2 })}));
    let mut members = vec![
        ("messages", Value::Array(messages)),
        ("model", model.into()),
        ("max_tokens", 256.into()),
        (
            "system",
            text(1, if is_large { LARGE } else { size / 4 }).into(),
        ),
        ("stream", stream.into()),
    ];
    if is_large {
        members.push(("tools", Value::Array(tools)));
    }
    object(&members)
}

/// A whole chat completion.
pub(super) fn openai_answer() -> String {
    let message = json!({"role": "assistant", "content": text(9, 600), "refusal": null});
    json!({
        "id": "chatcmpl-0001", "object": "chat.completion", "created": 1_760_000_000, "model": "mock-model",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29},
    })
    .to_string()
}

/// A whole message.
pub(super) fn anthropic_answer() -> String {
    json!({
        "id": "msg_0001", "type": "message", "role": "assistant", "model": "claude-sonnet-4-20250514",
        "content": [{"type": "text", "text": text(9, 600)}],
        "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 19, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 10},
    })
    .to_string()
}

/// A streamed chat completion with these deltas, event by event.
pub(super) fn openai_stream(deltas: &[String]) -> Vec<String> {
    let chunk = |choices: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-0001\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"mock-model\",\"choices\":{choices}}}\n\n"
        )
    };
    let mut events = vec![chunk(
        r#"[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]"#,
    )];
    events.extend(deltas.iter().map(|delta| {
        let delta = Value::from(delta.as_str());
        chunk(&format!(
            r#"[{{"index":0,"delta":{{"content":{delta}}},"finish_reason":null}}]"#
        ))
    }));
    events.push(chunk(r#"[{"index":0,"delta":{},"finish_reason":"stop"}]"#));
    events.push(chunk(
        r#"[],"usage":{"prompt_tokens":19,"completion_tokens":200,"total_tokens":219}"#,
    ));
    events.push("data: [DONE]\n\n".to_owned());
    events
}

/// The same as a streamed message.
pub(super) fn anthropic_stream(deltas: &[String]) -> Vec<String> {
    let event =
        |name: &str, data: &str| format!("event: {name}\ndata: {{\"type\":\"{name}\",{data}}}\n\n");
    let mut events = vec![
        event(
            "message_start",
            r#""message":{"id":"msg_0001","type":"message","role":"assistant","model":"claude-sonnet-4-20250514","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":19,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}}"#,
        ),
        event(
            "content_block_start",
            r#""index":0,"content_block":{"type":"text","text":""}"#,
        ),
        "event: ping\ndata: {\"type\":\"ping\"}\n\n".to_owned(),
    ];
    events.extend(deltas.iter().map(|delta| {
        let delta = Value::from(delta.as_str());
        event(
            "content_block_delta",
            &format!(r#""index":0,"delta":{{"type":"text_delta","text":{delta}}}"#),
        )
    }));
    events.extend([
        event("content_block_stop", r#""index":0"#),
        event("message_delta", r#""delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":200}"#),
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n".to_owned(),
    ]);
    events
}

/// So many deltas of a few words each.
pub(super) fn deltas(count: u64) -> Vec<String> {
    (0..count).map(|delta| text(delta, 12)).collect()
}

/// A configuration with 20 rules, of which three match something: `mock-model` passes, `rename-me` passes under another
/// name, `claude-sonnet-4-20250514` is translated.
pub(super) fn configuration() -> String {
    let mut yaml = "
downstreams:
  - {id: openai, api_formats: [openai], base_url: 'http://provider/v1', api_key: key, output_model_ids: [mock-model]}
  - {id: renamed, api_formats: [openai], base_url: 'http://provider/v1', api_key: key, output_model_ids: [another-model]}
  - {id: anthropic, api_formats: [anthropic], base_url: 'http://provider', api_key: key, output_model_ids: [claude-sonnet-4-20250514]}
rules:
  - {id: passes, pattern_model: mock-model, match_downstreams: [openai]}
  - {id: renames, pattern_model: rename-me, match_downstreams: [renamed], output_model: another-model}
  - {id: translates, pattern_path: /v1/chat/completions, pattern_model: claude-sonnet-4-20250514, match_downstreams: [anthropic]}
"
    .to_owned();
    for other in 0..17 {
        let _ = writeln!(
            yaml,
            "  - {{id: other-{other}, pattern_path: /v1/chat/completions, pattern_model: 'other-{other}-*', match_downstreams: [openai]}}"
        );
    }
    yaml
}
