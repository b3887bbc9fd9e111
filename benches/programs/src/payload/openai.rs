//! What OpenAI's chat completions answer.

use serde_json::{Value, json};

/// Bytes of an answer around its text, about.
pub(super) const FRAME: usize = 450;

pub(super) fn answer(text: &str) -> Value {
    json!({
        "id": "chatcmpl-mock0001", "object": "chat.completion", "created": 1_760_000_000, "model": "mock-model",
        "service_tier": "default", "system_fingerprint": "fp_mock",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": text, "refusal": null, "annotations": []},
            "logprobs": null, "finish_reason": "stop",
        }],
        "usage": {
            "prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
    })
}

pub(super) fn opening() -> Vec<String> {
    vec![choice(
        r#"{"role":"assistant","content":"","refusal":null}"#,
        "null",
    )]
}

pub(super) fn delta(text: &str) -> String {
    choice(&format!(r#"{{"content":{}}}"#, Value::from(text)), "null")
}

pub(super) fn closing() -> Vec<String> {
    vec![
        choice("{}", r#""stop""#),
        chunk(
            r#""choices":[],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}"#,
        ),
        super::END.to_owned(),
    ]
}

fn choice(delta: &str, finish_reason: &str) -> String {
    chunk(&format!(
        r#""choices":[{{"index":0,"delta":{delta},"finish_reason":{finish_reason}}}]"#
    ))
}

fn chunk(rest: &str) -> String {
    format!(
        "data: {{\"id\":\"chatcmpl-mock0001\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"mock-model\",{rest}}}\n\n"
    )
}
