//! Streamed answers: calls, thoughts, signs of life.

use serde_json::{Value, json};

use crate::support::{ANTHROPIC, OPENAI, events, plain_exchange, stream, stream_of};

/// Chunks of an OpenAI server with these deltas, in the order given; the last of a pair is the `finish_reason`.
fn chunks(deltas: &[(Value, Value)]) -> String {
    let mut text = String::new();
    for (delta, finish) in deltas {
        let chunk = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
        text += &format!("data: {chunk}\n\n");
    }
    text + "data: [DONE]\n\n"
}

fn call(index: u64, id: &str, name: &str) -> Value {
    json!({"tool_calls": [{"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": ""}}]})
}

fn arguments(index: u64, fragment: &str) -> Value {
    json!({"tool_calls": [{"index": index, "function": {"arguments": fragment}}]})
}

/// Events of Anthropic around these.
fn message(inner: &[Value], stop: &str) -> String {
    let start = json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
        "model": "m", "content": [], "stop_reason": null, "stop_sequence": null,
        "usage": {"input_tokens": 5, "output_tokens": 1}}});
    let delta = json!({"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": null},
        "usage": {"output_tokens": 9}});
    let all = [start]
        .into_iter()
        .chain(inner.iter().cloned())
        .chain([delta, json!({"type": "message_stop"})]);
    all.map(|event| {
        format!(
            "event: {}\ndata: {event}\n\n",
            event["type"].as_str().unwrap()
        )
    })
    .collect()
}

fn block(index: u64, block: &Value, deltas: &[Value]) -> Vec<Value> {
    let mut events =
        vec![json!({"type": "content_block_start", "index": index, "content_block": block})];
    events.extend(
        deltas
            .iter()
            .map(|delta| json!({"type": "content_block_delta", "index": index, "delta": delta})),
    );
    events.push(json!({"type": "content_block_stop", "index": index}));
    events
}

fn fragment(text: &str) -> Value {
    json!({"type": "input_json_delta", "partial_json": text})
}

fn tool_use(id: &str) -> Value {
    json!({"type": "tool_use", "id": id, "name": "f", "input": {}})
}

/// The calls in a stream for an OpenAI caller: index, id and arguments.
fn calls(stream: &str) -> Vec<(u64, String, String)> {
    let mut calls: Vec<(u64, String, String)> = Vec::new();
    for event in events(stream) {
        for call in event["choices"][0]["delta"]["tool_calls"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let index = call["index"].as_u64().unwrap();
            if let Some(id) = call["id"].as_str() {
                calls.push((index, id.to_owned(), String::new()));
            }
            let known = calls.iter_mut().find(|known| known.0 == index).unwrap();
            known.2 += call["function"]["arguments"].as_str().unwrap_or_default();
        }
    }
    calls
}

/// The blocks in a stream for an Anthropic caller, each with all that its deltas say; checks the order of events.
fn blocks(stream: &str) -> Vec<(Value, String)> {
    let mut blocks: Vec<(Value, String)> = Vec::new();
    let mut open = false;
    for event in events(stream) {
        match event["type"].as_str().unwrap() {
            "content_block_start" => {
                assert!(!open && event["index"] == blocks.len(), "{stream}");
                blocks.push((event["content_block"].clone(), String::new()));
                open = true;
            }
            "content_block_delta" => {
                assert!(open && event["index"] == blocks.len() - 1, "{stream}");
                let delta = &event["delta"];
                let said = ["text", "thinking", "partial_json", "signature"]
                    .map(|key| delta[key].as_str());
                blocks.last_mut().unwrap().1 += said.into_iter().flatten().next().unwrap();
            }
            "content_block_stop" => {
                assert!(open, "{stream}");
                open = false;
            }
            _ => assert!(!open, "{stream}"),
        }
    }
    blocks
}

#[test]
fn trap_079_calls_are_numbered_apart_from_blocks() {
    let mut inner = block(
        0,
        &json!({"type": "text", "text": ""}),
        &[json!({"type": "text_delta", "text": "Hi"})],
    );
    inner.extend(block(
        1,
        &tool_use("a"),
        &[fragment("{\"x\":"), fragment("1}")],
    ));
    inner.extend(block(2, &tool_use("b"), &[fragment("{}")]));
    let seen = stream(ANTHROPIC, OPENAI, &message(&inner, "tool_use"));
    let expected = [
        (0, "a".into(), "{\"x\":1}".into()),
        (1, "b".into(), "{}".into()),
    ];
    assert_eq!(calls(&seen), expected);
}

#[test]
fn trap_082_interleaved_calls_are_told_one_after_the_other() {
    let seen = stream(
        OPENAI,
        ANTHROPIC,
        &chunks(&[
            (json!({"role": "assistant", "content": "Hi"}), json!(null)),
            (call(0, "a", "f"), json!(null)),
            (call(1, "b", "g"), json!(null)),
            (arguments(0, "{\"x\":"), json!(null)),
            (arguments(1, "{\"y\":"), json!(null)),
            (arguments(0, "\"}\""), json!(null)),
            (arguments(1, "2}"), json!(null)),
            (arguments(0, "}"), json!(null)),
            (json!({}), json!("tool_calls")),
        ]),
    );
    let blocks = blocks(&seen);
    assert_eq!(
        blocks[1],
        (
            json!({"type": "tool_use", "id": "a", "name": "f", "input": {}}),
            "{\"x\":\"}\"}".into()
        )
    );
    assert_eq!(
        blocks[2],
        (
            json!({"type": "tool_use", "id": "b", "name": "g", "input": {}}),
            "{\"y\":2}".into()
        )
    );
}

#[test]
fn trap_083_trap_084_a_call_without_arguments_has_the_empty_object_once() {
    for deltas in [
        vec![],
        vec![fragment("")],
        vec![fragment(""), fragment("{}")],
    ] {
        let seen = stream(
            ANTHROPIC,
            OPENAI,
            &message(&block(0, &tool_use("a"), &deltas), "tool_use"),
        );
        assert_eq!(calls(&seen), [(0, "a".into(), "{}".into())], "{deltas:?}");
    }
    let seen = stream(
        ANTHROPIC,
        OPENAI,
        &message(
            &block(0, &tool_use("a"), &[fragment("{\"x\":1}")]),
            "tool_use",
        ),
    );
    assert_eq!(calls(&seen)[0].2, "{\"x\":1}");
    let mut early = tool_use("a");
    early["input"] = json!({"x": 1});
    let seen = stream(
        ANTHROPIC,
        OPENAI,
        &message(&block(0, &early, &[]), "tool_use"),
    );
    assert_eq!(calls(&seen)[0].2, "{\"x\":1}");
    for deltas in [
        vec![call(0, "a", "f")],
        vec![call(0, "a", "f"), arguments(0, "")],
    ] {
        let mut deltas: Vec<(Value, Value)> = deltas
            .into_iter()
            .map(|delta| (delta, json!(null)))
            .collect();
        deltas.push((json!({}), json!("tool_calls")));
        assert_eq!(
            blocks(&stream(OPENAI, ANTHROPIC, &chunks(&deltas)))[0].1,
            "{}"
        );
    }
}

#[test]
fn trap_092_trap_093_signs_of_life_take_the_callers_form() {
    let text = json!({"type": "text", "text": ""});
    let inner = block(0, &text, &[json!({"type": "text_delta", "text": "Hi"})]);
    let quiet = stream(ANTHROPIC, OPENAI, &message(&inner, "end_turn"));
    let ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    let pinged = message(&inner, "end_turn").replacen(
        "event: content_block_start",
        &format!("{ping}event: content_block_start"),
        1,
    );
    let seen = stream(ANTHROPIC, OPENAI, &pinged);
    assert_eq!(seen.replace(": keep-alive\n\n", ""), quiet);
    assert_eq!(seen.matches(": keep-alive\n\n").count(), 1);
    let bare = pinged.replace("data: {\"type\": \"ping\"}\n", "");
    assert_eq!(stream(ANTHROPIC, OPENAI, &bare), quiet);
    let body = chunks(&[
        (json!({"content": "a"}), json!(null)),
        (json!({}), json!("stop")),
    ]);
    let quiet = stream(OPENAI, ANTHROPIC, &body);
    let ping = "event: ping\ndata: {\"type\":\"ping\"}\n\n";
    let seen = stream(
        OPENAI,
        ANTHROPIC,
        &body.replace("data: [DONE]", ": OPENROUTER PROCESSING\n\ndata: [DONE]"),
    );
    assert_eq!(seen.matches(ping).count(), quiet.matches(ping).count() + 1);
    assert_eq!(seen.replace(ping, ""), quiet.replace(ping, ""));
}

#[test]
fn nothing_comes_before_the_start_of_an_anthropic_message() {
    let body =
        ": hello\n\n: hello\n\n".to_owned() + &chunks(&[(json!({"content": "a"}), json!("stop"))]);
    let seen = stream(OPENAI, ANTHROPIC, &body);
    assert!(seen.starts_with("event: message_start\n"), "{seen}");
}

#[test]
fn trap_098_one_message_start_and_blocks_in_order() {
    let seen = stream(
        OPENAI,
        ANTHROPIC,
        &chunks(&[
            (json!({"role": "assistant", "content": ""}), json!(null)),
            (json!({"reasoning_content": "Hm."}), json!(null)),
            (json!({"content": "a"}), json!(null)),
            (json!({"role": "assistant", "content": "b"}), json!(null)),
            (call(0, "x", "f"), json!(null)),
            (json!({"content": "c"}), json!(null)),
            (json!({}), json!("tool_calls")),
        ]),
    );
    let said: Vec<(String, String)> = blocks(&seen)
        .into_iter()
        .map(|(block, said)| (block["type"].as_str().unwrap().to_owned(), said))
        .collect();
    assert_eq!(said.len(), 4, "{said:?}");
    for (expected, (kind, said)) in [("thinking", "Hm."), ("text", "ab")].into_iter().zip(&said) {
        assert_eq!((kind.as_str(), said.as_str()), expected);
    }
    assert_eq!(seen.matches("event: message_start").count(), 1);
}

#[test]
fn trap_100_the_seal_of_a_thought_comes_last_and_whole() {
    let thinking = json!({"type": "thinking", "thinking": "", "signature": ""});
    let mut inner = block(
        0,
        &thinking,
        &[
            json!({"type": "thinking_delta", "thinking": "H"}),
            json!({"type": "thinking_delta", "thinking": "m."}),
            json!({"type": "signature_delta", "signature": "s+/=="}),
        ],
    );
    inner.extend(block(
        1,
        &json!({"type": "redacted_thinking", "data": "ZA=="}),
        &[],
    ));
    let body = message(&inner, "end_turn");
    let seen = stream(ANTHROPIC, OPENAI, &body);
    let sealed: Vec<Value> = events(&seen)
        .iter()
        .flat_map(|event| {
            event["choices"][0]["delta"]["thinking_blocks"]
                .as_array()
                .cloned()
                .unwrap_or_default()
        })
        .collect();
    assert_eq!(
        sealed,
        [
            json!({"index": 0, "type": "thinking", "thinking": "Hm.", "signature": "s+/=="}),
            json!({"index": 1, "type": "redacted_thinking", "data": "ZA=="}),
        ]
    );
    let again = stream(ANTHROPIC, ANTHROPIC, &body);
    let at = |text: &str| again.find(text).unwrap();
    assert!(at("signature_delta") < at("content_block_stop"));
    assert!(again.contains(r#"{"type":"redacted_thinking","data":"ZA=="}"#));
}

#[test]
fn trap_104_how_lines_end_does_not_matter() {
    let body = chunks(&[
        (json!({"content": "a😀\u{2028}b"}), json!(null)),
        (json!({}), json!("stop")),
    ]);
    let anthropic = message(
        &block(
            0,
            &json!({"type": "text", "text": ""}),
            &[json!({"type": "text_delta", "text": "a😀\u{2028}b"})],
        ),
        "end_turn",
    );
    for (provider, client, body) in [(OPENAI, ANTHROPIC, body), (ANTHROPIC, OPENAI, anthropic)] {
        let plain = stream(provider, client, &body);
        assert!(plain.contains("a😀\u{2028}b"));
        let twice = body
            .replace(",\"choices\"", ",\ndata: \"choices\"")
            .replace(",\"index\"", ",\ndata: \"index\"");
        for other in [
            body.replace('\n', "\r\n"),
            body.replace('\n', "\r"),
            "\u{feff}".to_owned() + &body,
            body.replace("data: ", "data:"),
            body.trim_end().to_owned(),
            twice,
        ] {
            assert_eq!(stream(provider, client, &other), plain, "{other}");
            let bytes = other.as_bytes().chunks(1);
            assert_eq!(
                stream_of(provider, client, bytes, plain_exchange(provider)),
                plain,
                "{other}"
            );
        }
    }
}

#[test]
fn trap_109_members_of_chunks_do_not_leak() {
    let chunk = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "obfuscation": "leak",
        "system_fingerprint": "leak", "moderation": {"leak": 1},
        "choices": [{"index": 0, "delta": {"content": "a", "leak": 1}, "finish_reason": "stop", "content_filter_results": {"leak": 1}}]});
    let seen = stream(
        OPENAI,
        ANTHROPIC,
        &format!("data: {chunk}\n\ndata: [DONE]\n\n"),
    );
    assert!(!seen.contains("leak"), "{seen}");
}
