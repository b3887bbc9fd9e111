//! What the layer does beside the bodies: heads, statuses, and answers of another kind than was asked for.

use bytes::Bytes;
use http::HeaderValue;
use serde_json::{Value, json};
use tower_llm_gateway::{format::ApiFormat, translate::TranslateLayer};

use crate::{
    layer::{exchange, json_reply, reply},
    support::{ANTHROPIC, NEW, OPENAI, PAIRS, events},
};

fn question(client: ApiFormat, stream: bool) -> String {
    let mut body = json!({"model": NEW, "max_tokens": 9, "stream": stream, "messages": [{"role": "user", "content": "Hi"}]});
    if client == OPENAI && stream {
        body["stream_options"] = json!({"include_usage": true});
    }
    body.to_string()
}

/// A whole answer of a provider.
fn whole(provider: ApiFormat) -> Value {
    if provider == OPENAI {
        json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}})
    } else {
        json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [{"type": "text", "text": "Hi"}],
            "stop_reason": "end_turn", "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 2}})
    }
}

/// The same as a stream.
fn streamed(provider: ApiFormat) -> String {
    if provider == OPENAI {
        let frame = r#""id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m""#;
        format!(
            "data: {{{frame},\"choices\":[{{\"index\":0,\"delta\":{{\"role\":\"assistant\",\"content\":\"Hi\"}},\"finish_reason\":null}}]}}\n\n\
             data: {{{frame},\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\n\n\
             data: {{{frame},\"choices\":[],\"usage\":{{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}}}\n\n\
             data: [DONE]\n\n"
        )
    } else {
        let mut start = whole(ANTHROPIC);
        start["content"] = json!([]);
        start["stop_reason"] = json!(null);
        [
            json!({"type": "message_start", "message": start}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": {"output_tokens": 2}}),
            json!({"type": "message_stop"}),
        ]
        .iter()
        .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
        .collect()
    }
}

#[tokio::test]
async fn trap_105_trap_106_an_answer_of_the_other_kind_is_given_as_asked() {
    for (client, provider) in PAIRS {
        let ask = |stream, response| async move {
            exchange(
                TranslateLayer::new(client, provider),
                client,
                &question(client, stream),
                response,
            )
            .await
            .1
        };
        let stream = |content_type: &str| reply(200, content_type, Bytes::from(streamed(provider)));
        let plain = ask(false, json_reply(&whole(provider))).await;
        for content_type in [
            "text/event-stream",
            "text/event-stream; charset=utf-8",
            "TEXT/EVENT-STREAM;charset=UTF-8",
        ] {
            let gathered = ask(false, stream(content_type)).await;
            let (mut plain, mut gathered) = (plain.json(), gathered.json());
            for body in [&mut plain, &mut gathered] {
                body["created"] = json!(0);
            }
            assert_eq!(gathered, plain, "{content_type}");
            let told = ask(true, stream(content_type)).await;
            assert_eq!(
                told.headers["content-type"], "text/event-stream",
                "{content_type}"
            );
        }
        let told = ask(true, json_reply(&whole(provider))).await;
        assert_eq!(told.headers["content-type"], "text/event-stream");
        let streamed = ask(true, stream("text/event-stream")).await;
        let say = |text: &str| -> Vec<String> {
            let said = events(text).into_iter().map(|event| {
                event["delta"]["text"].clone().to_string()
                    + &event["choices"][0]["delta"]["content"].to_string()
            });
            said.collect()
        };
        assert_eq!(say(&told.text), say(&streamed.text));
    }
}

#[tokio::test]
async fn trap_095_an_error_that_comes_first_is_no_stream() {
    let first = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Busy\"}}\n\n";
    let response = reply(200, "text/event-stream", first);
    let (_, back) = exchange(
        TranslateLayer::new(OPENAI, ANTHROPIC),
        OPENAI,
        &question(OPENAI, true),
        response,
    )
    .await;
    assert_eq!(
        (back.status, back.headers["content-type"].to_str().unwrap()),
        (503, "application/json")
    );
    assert_eq!(back.json()["error"]["message"], "Busy");
    let first = ": hi\n\ndata: {\"error\":{\"message\":\"Slow\",\"type\":\"rate_limit_error\",\"code\":\"rate_limit_exceeded\"}}\n\n";
    let response = reply(200, "text/event-stream", first);
    let (_, back) = exchange(
        TranslateLayer::new(ANTHROPIC, OPENAI),
        ANTHROPIC,
        &question(ANTHROPIC, true),
        response,
    )
    .await;
    assert_eq!(
        (back.status, &back.json()["error"]["type"]),
        (429, &json!("rate_limit_error"))
    );
}

#[tokio::test]
async fn trap_110_an_endless_line_is_an_error() {
    let response = reply(
        200,
        "text/event-stream",
        "data: ".to_owned() + &"x".repeat(5000),
    );
    let layer = TranslateLayer::new(OPENAI, ANTHROPIC).event_limit(1000);
    let (_, back) = exchange(layer, OPENAI, &question(OPENAI, true), response).await;
    assert_eq!(
        (back.status, back.json()["error"]["code"].as_str()),
        (502, Some("upstream_decode_error"))
    );
}

#[tokio::test]
async fn trap_118_trap_121_heads_are_those_of_the_callers_api() {
    for (client, provider, theirs, ours) in [
        (OPENAI, ANTHROPIC, "request-id", "x-request-id"),
        (ANTHROPIC, OPENAI, "x-request-id", "request-id"),
    ] {
        let mut response = reply(
            429,
            "application/json",
            r#"{"error":{"message":"No.","type":"rate_limit_error","code":null}}"#,
        );
        for (name, value) in [
            ("retry-after", "3"),
            ("retry-after-ms", "2500"),
            (theirs, "req_1"),
            ("set-cookie", "a=b"),
            ("server", "x"),
        ] {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        let (_, back) = exchange(
            TranslateLayer::new(client, provider),
            client,
            &question(client, false),
            response,
        )
        .await;
        assert_eq!(back.status, 429);
        for (name, value) in [
            ("retry-after", "3"),
            ("retry-after-ms", "2500"),
            (ours, "req_1"),
            ("x-upstream-request-id", "req_1"),
        ] {
            assert_eq!(back.headers[name], value, "{name}");
        }
        for name in ["set-cookie", "server", theirs] {
            assert!(!back.headers.contains_key(name), "{name}");
        }
        if client == ANTHROPIC {
            assert_eq!(back.json()["request_id"], "req_1");
        }
    }
}

#[tokio::test]
async fn trap_124_what_the_layer_refuses_is_refused_in_the_callers_words() {
    for (client, provider) in PAIRS {
        for body in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"model":"m"}"#,
            r#"{"model":"m","messages":"x"}"#,
        ] {
            let (seen, back) = exchange(
                TranslateLayer::new(client, provider),
                client,
                body,
                json_reply(&json!({})),
            )
            .await;
            assert!(seen.is_none() && back.status == 400, "{body}");
            let said = back.json();
            let is_anthropic = said["type"] == "error";
            assert_eq!(is_anthropic, client == ANTHROPIC, "{said}");
            assert_eq!(said["error"]["type"], "invalid_request_error");
        }
        let (_, back) = exchange(
            TranslateLayer::new(client, provider),
            client,
            &question(client, false),
            reply(200, "text/html", "<html>"),
        )
        .await;
        assert_eq!(
            (back.status, back.json()["type"] == "error"),
            (502, client == ANTHROPIC)
        );
    }
}
