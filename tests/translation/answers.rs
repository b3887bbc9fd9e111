//! Whole answers.

use serde_json::{Value, json};

use crate::support::{ANTHROPIC, OPENAI, answer, answer_text, plain_exchange};

fn message(content: &Value, stop: &str) -> Value {
    json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "content": content,
        "stop_reason": stop, "stop_sequence": null, "usage": {"input_tokens": 5, "output_tokens": 3}})
}

fn completion(message: &Value, finish: &str) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-x",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}})
}

fn said(text: &str) -> Value {
    json!([{"type": "text", "text": text}])
}

/// What an OpenAI caller sees of an Anthropic message: its one choice.
fn choice(message: &Value) -> Value {
    answer(ANTHROPIC, OPENAI, message)["choices"][0].clone()
}

#[test]
fn the_frame_of_an_answer() {
    let seen = answer(ANTHROPIC, OPENAI, &message(&said("Hi"), "end_turn"));
    assert_eq!(
        seen,
        json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": "claude-x",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi", "refusal": null},
                "logprobs": null, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8},
        })
    );
    let seen = answer(
        OPENAI,
        ANTHROPIC,
        &completion(&json!({"role": "assistant", "content": "Hi"}), "stop"),
    );
    assert_eq!(
        seen,
        json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "gpt-x", "content": said("Hi"),
            "stop_reason": "end_turn", "stop_sequence": null, "usage": {"input_tokens": 5, "output_tokens": 3},
        })
    );
}

#[test]
fn trap_070_trap_071_why_an_answer_ends() {
    let call =
        json!([{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{\"a\":"}}]);
    for (finish, called, expected) in [
        ("stop", false, "end_turn"),
        ("stop", true, "tool_use"),
        ("tool_calls", true, "tool_use"),
        ("length", true, "max_tokens"),
        ("length", false, "max_tokens"),
        ("content_filter", false, "refusal"),
        ("eos", false, "end_turn"),
    ] {
        let mut said = json!({"role": "assistant", "content": "Hi"});
        if called {
            said["tool_calls"] = call.clone();
        }
        let seen = answer(OPENAI, ANTHROPIC, &completion(&said, finish));
        assert_eq!(seen["stop_reason"], expected, "{finish} {called}");
    }
}

#[test]
fn trap_073_openai_callers_hear_only_their_own_words() {
    for (stop, expected) in [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("pause_turn", "length"),
        ("compaction", "length"),
        ("refusal", "content_filter"),
        ("tomorrow", "stop"),
    ] {
        assert_eq!(
            choice(&message(&said("Hi"), stop))["finish_reason"],
            expected,
            "{stop}"
        );
    }
    let call = json!([{"type": "tool_use", "id": "1", "name": "f", "input": {}}]);
    for (stop, expected) in [
        ("tool_use", "tool_calls"),
        ("end_turn", "tool_calls"),
        ("max_tokens", "length"),
    ] {
        assert_eq!(
            choice(&message(&call, stop))["finish_reason"],
            expected,
            "{stop}"
        );
    }
}

#[test]
fn trap_072_a_refusal_tells_why() {
    let mut refused = message(&json!([]), "refusal");
    refused["stop_details"] =
        json!({"type": "refusal", "category": "bio", "explanation": "I won't."});
    let seen = choice(&refused);
    assert_eq!(seen["finish_reason"], "content_filter");
    assert_eq!(
        (&seen["message"]["refusal"], &seen["message"]["content"]),
        (&json!("I won't."), &json!(null))
    );
    let said_no = json!({"role": "assistant", "content": null, "refusal": "I won't."});
    let seen = answer(OPENAI, ANTHROPIC, &completion(&said_no, "stop"));
    assert_eq!(
        (&seen["stop_reason"], &seen["content"]),
        (&json!("refusal"), &said("I won't."))
    );
    assert_eq!(seen["stop_details"]["type"], "refusal");
}

#[test]
fn trap_075_texts_are_joined_and_thoughts_stay_apart() {
    let content = json!([
        {"type": "thinking", "thinking": "Hm.", "signature": "s+/="},
        {"type": "redacted_thinking", "data": "d"},
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b"},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"x": 1}},
        {"type": "tool_use", "id": "toolu_2", "name": "g", "input": {}},
    ]);
    let seen = choice(&message(&content, "tool_use"))["message"].clone();
    assert_eq!(seen["content"], "ab");
    assert_eq!(seen["reasoning_content"], "Hm.");
    assert_eq!(
        seen["thinking_blocks"],
        json!([
            {"type": "thinking", "thinking": "Hm.", "signature": "s+/="},
            {"type": "redacted_thinking", "data": "d"},
        ])
    );
    assert_eq!(
        seen["tool_calls"],
        json!([
            {"id": "toolu_1", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1}"}},
            {"id": "toolu_2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
        ])
    );
    let thought = json!({"role": "assistant", "content": "a", "reasoning_content": "Hm."});
    let seen = answer(OPENAI, ANTHROPIC, &completion(&thought, "stop"));
    assert_eq!(
        seen["content"][0],
        json!({"type": "thinking", "thinking": "Hm.", "signature": ""})
    );
}

#[test]
fn an_empty_answer_is_one() {
    let seen = choice(&message(&json!([]), "end_turn"));
    assert_eq!(
        (&seen["message"]["content"], &seen["finish_reason"]),
        (&json!(""), &json!("stop"))
    );
    let seen = answer(
        OPENAI,
        ANTHROPIC,
        &completion(&json!({"role": "assistant", "content": ""}), "stop"),
    );
    assert_eq!(seen["content"], json!([]));
}

#[test]
fn citations_of_web_pages_are_carried() {
    let citation = json!({"type": "web_search_result_location", "url": "https://example.com", "title": "T",
        "cited_text": "b", "encrypted_index": "e"});
    let content = json!([{"type": "text", "text": "é"}, {"type": "text", "text": "bc", "citations": [citation]}]);
    let seen = choice(&message(&content, "end_turn"))["message"].clone();
    let page =
        json!({"url": "https://example.com", "title": "T", "start_index": 1, "end_index": 3});
    assert_eq!(
        seen["annotations"],
        json!([{"type": "url_citation", "url_citation": page}])
    );
    let page =
        json!({"url": "https://example.com", "title": "T", "start_index": 0, "end_index": 2});
    let cited = json!({"role": "assistant", "content": "bc", "annotations": [{"type": "url_citation", "url_citation": page}]});
    let seen = answer(OPENAI, ANTHROPIC, &completion(&cited, "stop"));
    let citation = &seen["content"][0]["citations"][0];
    assert_eq!(
        (&citation["type"], &citation["url"]),
        (
            &json!("web_search_result_location"),
            &json!("https://example.com")
        )
    );
}

#[test]
fn trap_111_trap_112_trap_116_tokens_add_up() {
    for (openai, anthropic) in [
        (
            json!({"prompt_tokens": 240_403, "completion_tokens": 227, "total_tokens": 240_630, "prompt_tokens_details": {"cached_tokens": 229_504}}),
            json!({"input_tokens": 10_899, "cache_read_input_tokens": 229_504, "output_tokens": 227}),
        ),
        (
            json!({"prompt_tokens": 1000, "completion_tokens": 1, "total_tokens": 1001, "prompt_tokens_details": {"cached_tokens": 600, "cache_write_tokens": 300}}),
            json!({"input_tokens": 100, "cache_read_input_tokens": 600, "cache_creation_input_tokens": 300, "output_tokens": 1}),
        ),
        (
            json!({"prompt_tokens": 4, "completion_tokens": 9, "total_tokens": 13, "completion_tokens_details": {"reasoning_tokens": 6}}),
            json!({"input_tokens": 4, "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 6}}),
        ),
        (
            json!({"prompt_tokens": 4, "completion_tokens": 9, "total_tokens": 13}),
            json!({"input_tokens": 4, "output_tokens": 9}),
        ),
    ] {
        let mut body = completion(&json!({"role": "assistant", "content": "Hi"}), "stop");
        body["usage"] = openai.clone();
        assert_eq!(answer(OPENAI, ANTHROPIC, &body)["usage"], anthropic);
        let mut body = message(&said("Hi"), "end_turn");
        body["usage"] = anthropic;
        assert_eq!(answer(ANTHROPIC, OPENAI, &body)["usage"], openai);
    }
}

#[test]
fn tiers_of_answers_have_other_names() {
    for (given, expected) in [
        ("standard", json!("default")),
        ("priority", json!("priority")),
        ("batch", json!(null)),
    ] {
        let mut body = message(&said("Hi"), "end_turn");
        body["usage"]["service_tier"] = json!(given);
        assert_eq!(
            answer(ANTHROPIC, OPENAI, &body)["service_tier"],
            expected,
            "{given}"
        );
    }
    for (given, expected) in [
        ("default", "standard"),
        ("priority", "priority"),
        ("flex", "standard"),
    ] {
        let mut body = completion(&json!({"role": "assistant", "content": "Hi"}), "stop");
        body["service_tier"] = json!(given);
        assert_eq!(
            answer(OPENAI, ANTHROPIC, &body)["usage"]["service_tier"],
            expected,
            "{given}"
        );
    }
}

#[test]
fn members_of_one_api_do_not_leak_into_the_other() {
    let mut body = completion(
        &json!({"role": "assistant", "content": "Hi", "audio": null, "x": 1}),
        "stop",
    );
    body["system_fingerprint"] = json!("fp");
    body["choices"][0]["content_filter_results"] = json!({});
    let text = answer(OPENAI, ANTHROPIC, &body).to_string();
    for word in ["fp", "content_filter", "\"x\"", "logprobs", "created"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let content = json!([
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}},
        {"type": "text", "text": "Hi"},
    ]);
    let mut exchange = plain_exchange(ANTHROPIC);
    exchange.stream = false;
    let text = answer_text(
        ANTHROPIC,
        OPENAI,
        &message(&content, "end_turn").to_string(),
        exchange,
    )
    .unwrap();
    assert!(!text.contains("srvtoolu"), "{text}");
}
