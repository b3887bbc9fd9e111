//! Answers as the providers write them.

use serde_json::{Value, json};

use super::text::text;

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
