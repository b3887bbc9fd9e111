//! What Anthropic's messages answer.

use serde_json::{Value, json};

pub(super) fn answer(text: &str) -> Value {
    json!({
        "id": "msg_mock0001", "type": "message", "role": "assistant", "model": "mock-model",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {
            "input_tokens": 19, "output_tokens": 10, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
        },
    })
}

pub(super) fn opening() -> Vec<String> {
    vec![
        event(
            "message_start",
            r#","message":{"id":"msg_mock0001","type":"message","role":"assistant","model":"mock-model","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":19,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}}"#,
        ),
        event(
            "content_block_start",
            r#","index":0,"content_block":{"type":"text","text":""}"#,
        ),
        event("ping", ""),
    ]
}

pub(super) fn delta(text: &str) -> String {
    let text = Value::from(text);
    event(
        "content_block_delta",
        &format!(r#","index":0,"delta":{{"type":"text_delta","text":{text}}}"#),
    )
}

pub(super) fn closing() -> Vec<String> {
    vec![
        event("content_block_stop", r#","index":0"#),
        event(
            "message_delta",
            r#","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":200}"#,
        ),
        event("message_stop", ""),
    ]
}

fn event(name: &str, rest: &str) -> String {
    format!("event: {name}\ndata: {{\"type\":\"{name}\"{rest}}}\n\n")
}
