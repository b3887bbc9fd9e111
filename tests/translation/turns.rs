//! Conversations of several turns, through the layer, as a client library would have them.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};
use tower_llm_gateway::{Body, format::ApiFormat, translate::TranslateLayer};

use crate::{
    layer::{Seen, exchange, json_reply, reply},
    support::{ANTHROPIC, NEW, OLD, OPENAI, events},
};

const SIGNATURE: &str = "EqQBCgIYAhIM+/x==";

fn layer(client: ApiFormat, provider: ApiFormat) -> TranslateLayer {
    TranslateLayer::new(client, provider)
}

/// A thinking Anthropic model that calls a tool.
fn thinking_call() -> Value {
    json!({"id": "msg_1", "type": "message", "role": "assistant", "model": NEW, "stop_reason": "tool_use",
    "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 1}, "content": [
        {"type": "thinking", "thinking": "Let me see.", "signature": SIGNATURE},
        {"type": "redacted_thinking", "data": "ZGF0YQ=="},
        {"type": "text", "text": "One moment."},
        {"type": "tool_use", "id": "toolu_1", "name": "a_tool", "input": {"z": 1, "a": 2.50}},
    ]})
}

/// The same as a stream.
fn thinking_stream() -> String {
    let answer = thinking_call();
    let mut start = answer.clone();
    start["content"] = json!([]);
    let mut all = vec![json!({"type": "message_start", "message": start})];
    for (index, block) in answer["content"].as_array().unwrap().iter().enumerate() {
        let (opening, deltas) = match block["type"].as_str().unwrap() {
            "thinking" => (
                json!({"type": "thinking", "thinking": "", "signature": ""}),
                vec![
                    json!({"type": "thinking_delta", "thinking": "Let me "}),
                    json!({"type": "thinking_delta", "thinking": "see."}),
                    json!({"type": "signature_delta", "signature": SIGNATURE}),
                ],
            ),
            "text" => (
                json!({"type": "text", "text": ""}),
                vec![json!({"type": "text_delta", "text": block["text"]})],
            ),
            "tool_use" => (
                json!({"type": "tool_use", "id": "toolu_1", "name": "a_tool", "input": {}}),
                vec![
                    json!({"type": "input_json_delta", "partial_json": block["input"].to_string()}),
                ],
            ),
            _ => (block.clone(), vec![]),
        };
        all.push(json!({"type": "content_block_start", "index": index, "content_block": opening}));
        all.extend(
            deltas.iter().map(
                |delta| json!({"type": "content_block_delta", "index": index, "delta": delta}),
            ),
        );
        all.push(json!({"type": "content_block_stop", "index": index}));
    }
    all.push(json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": {"output_tokens": 9}}));
    all.push(json!({"type": "message_stop"}));
    all.iter()
        .map(|event| {
            format!(
                "event: {}\ndata: {event}\n\n",
                event["type"].as_str().unwrap()
            )
        })
        .collect()
}

fn openai_body(stream: bool, messages: &[Value]) -> String {
    let tool = json!({"type": "function", "function": {"name": "a_tool", "parameters": {"type": "object", "properties": {}}}});
    json!({"model": NEW, "stream": stream, "reasoning_effort": "high", "tools": [tool], "messages": messages}).to_string()
}

/// What a client library makes of the deltas of a stream: texts are joined, and lists are joined by index.
fn joined(stream: &str) -> Value {
    fn join(whole: &mut Value, part: &Value) {
        match (&mut *whole, part) {
            (Value::String(whole), Value::String(part)) => *whole += part,
            (Value::Array(whole), Value::Array(parts)) => {
                for part in parts {
                    let index = part["index"]
                        .as_u64()
                        .map(|index| usize::try_from(index).unwrap());
                    match index.and_then(|index| whole.get_mut(index)) {
                        Some(known) => join(known, part),
                        None => whole.push(part.clone()),
                    }
                }
            }
            (Value::Object(whole), Value::Object(part)) => {
                for (key, value) in part {
                    match whole
                        .get_mut(key)
                        .filter(|_| key != "index" && key != "type")
                    {
                        Some(known) => join(known, value),
                        None => drop(whole.insert(key.clone(), value.clone())),
                    }
                }
            }
            (whole, part) => *whole = part.clone(),
        }
    }
    let mut message = json!({});
    for event in events(stream) {
        if let Some(delta) = event["choices"].get(0).map(|choice| &choice["delta"]) {
            join(&mut message, delta);
        }
    }
    message
}

async fn seal_comes_back(stream: bool, response: Response<Body>) {
    let mut messages = vec![json!({"role": "user", "content": "Hi"})];
    let (_, back) = exchange(
        layer(OPENAI, ANTHROPIC),
        OPENAI,
        &openai_body(stream, &messages),
        response,
    )
    .await;
    assert_eq!(back.status, 200, "{}", back.text);
    let message = if stream {
        joined(&back.text)
    } else {
        back.json()["choices"][0]["message"].clone()
    };
    assert_eq!(message["reasoning_content"], "Let me see.");
    assert_eq!(
        message["tool_calls"][0]["function"]["arguments"],
        r#"{"a":2.5,"z":1}"#
    );
    messages.push(message);
    messages.push(json!({"role": "tool", "tool_call_id": "toolu_1", "content": "r"}));
    let end = json!({"id": "msg_2", "type": "message", "role": "assistant", "model": NEW, "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "Done"}], "usage": {"input_tokens": 1, "output_tokens": 1}});
    let (seen, back) = exchange(
        layer(OPENAI, ANTHROPIC),
        OPENAI,
        &openai_body(false, &messages),
        json_reply(&end),
    )
    .await;
    assert_eq!(back.status, 200, "{}", back.text);
    let seen = seen.unwrap().json();
    assert_eq!(seen["messages"][1]["content"], thinking_call()["content"]);
    assert_eq!(seen["thinking"]["type"], "adaptive");
}

#[tokio::test]
async fn the_seal_of_a_thought_comes_back_to_the_provider_byte_for_byte() {
    seal_comes_back(false, json_reply(&thinking_call())).await;
    let stream = reply(200, "text/event-stream", Bytes::from(thinking_stream()));
    seal_comes_back(true, stream).await;
}

#[tokio::test]
async fn a_thought_of_an_openai_provider_goes_to_an_anthropic_caller_and_no_further() {
    let answer = json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0,
        "message": {"role": "assistant", "content": "Hello", "reasoning_content": "Hm."}, "finish_reason": "stop"}]});
    let mut messages = vec![json!({"role": "user", "content": "Hi"})];
    let body = |messages: &[Value]| {
        json!({"model": OLD, "max_tokens": 9, "messages": messages}).to_string()
    };
    let (_, back) = exchange(
        layer(ANTHROPIC, OPENAI),
        ANTHROPIC,
        &body(&messages),
        json_reply(&answer),
    )
    .await;
    let content = back.json()["content"].clone();
    assert_eq!(content[0]["thinking"], "Hm.");
    messages.push(json!({"role": "assistant", "content": content}));
    messages.push(json!({"role": "user", "content": "Go on"}));
    let (seen, back) = exchange(
        layer(ANTHROPIC, OPENAI),
        ANTHROPIC,
        &body(&messages),
        json_reply(&answer),
    )
    .await;
    assert_eq!(back.status, 200);
    assert_eq!(
        seen.unwrap().json()["messages"][1],
        json!({"role": "assistant", "content": "Hello"})
    );
}

/// A tool loop of an OpenAI server.
fn plain_call(id: &str) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0,
        "message": {"role": "assistant", "content": null, "reasoning_content": "Hm.", "tool_calls": [
            {"id": id, "type": "function", "function": {"name": "a_tool", "arguments": "{}"}}]},
        "finish_reason": "tool_calls"}]})
}

/// Each turn is answered by another provider; the caller keeps what it is told. Never may that be refused.
#[tokio::test]
async fn a_conversation_may_change_its_provider_in_mid_loop() {
    for (model, stream) in [(NEW, false), (OLD, false), (NEW, true), (OLD, true)] {
        let mut messages = vec![json!({"role": "user", "content": "Hi"})];
        for turn in 0..4 {
            let body = openai_body(stream && turn % 2 == 0, &messages).replace(NEW, model);
            let message = if turn % 2 == 0 {
                let response = if stream {
                    reply(
                        200,
                        "text/event-stream; charset=utf-8",
                        Bytes::from(thinking_stream()),
                    )
                } else {
                    json_reply(&thinking_call())
                };
                let (seen, back) =
                    exchange(layer(OPENAI, ANTHROPIC), OPENAI, &body, response).await;
                assert_eq!(back.status, 200, "{}", back.text);
                check_pairs(&seen.unwrap());
                if stream {
                    joined(&back.text)
                } else {
                    back.json()["choices"][0]["message"].clone()
                }
            } else {
                let id = format!("functions.a_tool:{turn}");
                let (_, back) = exchange(
                    layer(OPENAI, OPENAI),
                    OPENAI,
                    &body,
                    json_reply(&plain_call(&id)),
                )
                .await;
                back.json()["choices"][0]["message"].clone()
            };
            let id = message["tool_calls"][0]["id"].clone();
            messages.push(message);
            messages.push(json!({"role": "tool", "tool_call_id": id, "content": "r"}));
        }
        let body = json!({"model": "gpt-5", "max_tokens": 100, "messages": messages}).to_string();
        let (_, back) = exchange(
            layer(OPENAI, ANTHROPIC),
            OPENAI,
            &body,
            json_reply(&thinking_call()),
        )
        .await;
        assert_eq!(back.status, 200, "{}", back.text);
    }
}

/// Every call is answered in the next message, thoughts come first and are signed by the provider itself.
fn check_pairs(seen: &Seen) {
    let body = seen.json();
    let messages = body["messages"].as_array().unwrap();
    for pair in messages.windows(2) {
        let blocks = |message: &Value| message["content"].as_array().cloned().unwrap_or_default();
        let of = |blocks: &[Value], kind: &str, key: &str| -> Vec<Value> {
            blocks
                .iter()
                .filter(|block| block["type"] == kind)
                .map(|block| block[key].clone())
                .collect()
        };
        let calls = of(&blocks(&pair[0]), "tool_use", "id");
        assert_eq!(
            calls,
            of(&blocks(&pair[1]), "tool_result", "tool_use_id"),
            "{body}"
        );
        for signature in of(&blocks(&pair[0]), "thinking", "signature") {
            assert_eq!(signature, SIGNATURE);
        }
    }
    let last = messages.last().unwrap();
    assert_eq!(last["role"], "user");
    if body["thinking"]["type"] == "enabled" && messages.len() > 1 {
        assert!(body.to_string().contains(SIGNATURE), "{body}");
    }
}

#[tokio::test]
async fn an_anthropic_caller_may_change_its_provider_in_mid_loop() {
    let tool = json!({"name": "a_tool", "input_schema": {"type": "object"}});
    let mut messages = vec![json!({"role": "user", "content": "Hi"})];
    for turn in 0..4 {
        let body = json!({"model": NEW, "max_tokens": 99, "tools": [tool], "messages": messages})
            .to_string();
        let (provider, response) = if turn % 2 == 0 {
            (ANTHROPIC, json_reply(&thinking_call()))
        } else {
            (
                OPENAI,
                json_reply(&plain_call(&format!("functions.a_tool:{turn}"))),
            )
        };
        let (seen, back) = exchange(layer(ANTHROPIC, provider), ANTHROPIC, &body, response).await;
        assert_eq!(back.status, 200, "{}", back.text);
        let seen = seen.unwrap();
        assert!(
            provider == ANTHROPIC || !seen.text.contains("EqQB"),
            "{}",
            seen.text
        );
        let content = back.json()["content"].clone();
        let id = content.as_array().unwrap().last().unwrap()["id"].clone();
        messages.push(json!({"role": "assistant", "content": content}));
        messages.push(json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "r"}]}));
    }
}

#[tokio::test]
async fn trap_001_trap_002_equal_formats_are_not_touched() {
    let body = "{ \"model\": \"claude-x\",\n\"messages\": [ ], \"beta_field\": 1.0 }";
    let answer = "{ \"anything\" : [1,  2] }";
    let (seen, back) = exchange(
        layer(ANTHROPIC, ANTHROPIC),
        ANTHROPIC,
        body,
        reply(200, "application/json", answer),
    )
    .await;
    assert_eq!(seen.unwrap().text, body);
    assert_eq!(back.text, answer);
}
