//! Providers whose models think and call a tool, and what each must get back of its thoughts.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::Response;
use serde_json::{Value, json};
use tower_llm_gateway::{Body, format::ApiFormat, ir::Event};

use crate::{
    layer::{json_reply, reply},
    support::{ANTHROPIC, GEMINI, RESPONSES, codec, plain_exchange},
};

pub const THOUGHT: &str = "I need the weather.";

/// The model that each provider is asked for.
pub fn model(provider: ApiFormat) -> &'static str {
    match provider.id() {
        "anthropic" => "claude-opus-5",
        "gemini" => "gemini-3-pro-preview",
        _ => "gpt-5",
    }
}

/// The seals in the answers of a provider, each as it stands in the body.
pub fn seals(provider: ApiFormat) -> &'static [&'static str] {
    match provider.id() {
        "anthropic" => &["EqQBCgIYAhIM+/x==", "ZGF0YQ=="],
        "openai_responses" => &["gAAAAABo+/y=="],
        "gemini" => &["CiQBz+/z/w=="],
        _ => &[],
    }
}

/// An answer with a thought and a call. `turn` makes the ids differ.
fn answer(provider: ApiFormat, turn: usize) -> Value {
    let city = json!({"city": "Oslo"});
    match provider.id() {
        "openai" => {
            json!({"id": format!("chatcmpl-{turn}"), "object": "chat.completion", "created": 1, "model": "gpt-5",
            "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant", "content": null,
                "reasoning_content": THOUGHT, "tool_calls": [{"id": format!("functions.weather:{turn}"),
                    "type": "function", "function": {"name": "weather", "arguments": city.to_string()}}]}}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}})
        }
        "openai_responses" => {
            json!({"id": format!("resp_{turn}"), "object": "response", "created_at": 1, "model": "gpt-5",
            "status": "completed", "error": null, "incomplete_details": null, "output": [
                {"type": "reasoning", "id": format!("rs_{turn}"), "summary": [{"type": "summary_text", "text": THOUGHT}],
                    "encrypted_content": seals(RESPONSES)[0]},
                {"type": "function_call", "id": format!("fc_{turn}"), "call_id": format!("call_{turn}"),
                    "name": "weather", "arguments": city.to_string(), "status": "completed"}],
            "usage": {"input_tokens": 9, "output_tokens": 9, "total_tokens": 18}})
        }
        "anthropic" => {
            json!({"id": format!("msg_{turn}"), "type": "message", "role": "assistant", "model": "claude-opus-5",
            "stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 9, "output_tokens": 9}, "content": [
                {"type": "thinking", "thinking": THOUGHT, "signature": seals(ANTHROPIC)[0]},
                {"type": "redacted_thinking", "data": seals(ANTHROPIC)[1]},
                {"type": "tool_use", "id": format!("toolu_{turn}"), "name": "weather", "input": city}]})
        }
        _ => {
            json!({"responseId": format!("g{turn}"), "modelVersion": "gemini-3-pro-preview", "candidates": [{"index": 0,
            "finishReason": "STOP", "content": {"role": "model", "parts": [
                {"text": THOUGHT, "thought": true},
                {"functionCall": {"id": format!("g{turn}"), "name": "weather", "args": city},
                    "thoughtSignature": seals(GEMINI)[0]}]}}],
            "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 9, "totalTokenCount": 18}})
        }
    }
}

/// The same as the provider sends it.
pub fn response(provider: ApiFormat, turn: usize, stream: bool) -> Response<Body> {
    let answer = answer(provider, turn);
    if !stream {
        return json_reply(&answer);
    }
    let text = answer.to_string();
    let whole = codec(provider).decode_response(text.as_bytes()).unwrap();
    let mut encoder = codec(provider).stream_encoder(Arc::new(plain_exchange(provider)));
    let mut out = BytesMut::new();
    whole.replay(&mut |event: Event<'_>| encoder.event(&event, &mut out));
    reply(200, "text/event-stream", Bytes::from(out))
}

/// The blocks, items or parts that a request says the model thought or called, in order.
pub fn spoken(provider: ApiFormat, body: &Value) -> Vec<Value> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let of = |turns: &Value, speaker: &str, parts: &str| -> Vec<Value> {
        list(turns)
            .iter()
            .filter(|turn| turn["role"] == speaker)
            .flat_map(|turn| list(&turn[parts]))
            .collect()
    };
    match provider.id() {
        "anthropic" => of(&body["messages"], "assistant", "content"),
        "gemini" => of(&body["contents"], "model", "parts"),
        "openai_responses" => list(&body["input"])
            .into_iter()
            .filter(|item| item["type"] == "reasoning" || item["type"] == "function_call")
            .collect(),
        _ => list(&body["messages"])
            .into_iter()
            .filter(|message| message["role"] == "assistant")
            .collect(),
    }
}

/// How often each call and each result stands in a request.
pub fn calls_and_results(provider: ApiFormat, body: &Value) -> (usize, usize) {
    let text = body.to_string();
    let count = |needle: &str| text.matches(needle).count();
    match provider.id() {
        "anthropic" => (
            count(r#""type":"tool_use""#),
            count(r#""type":"tool_result""#),
        ),
        "gemini" => (count(r#""functionCall":"#), count(r#""functionResponse":"#)),
        "openai_responses" => (
            count(r#""type":"function_call""#),
            count(r#""type":"function_call_output""#),
        ),
        _ => (count(r#""arguments":"#), count(r#""role":"tool""#)),
    }
}
