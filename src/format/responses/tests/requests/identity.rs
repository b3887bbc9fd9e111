//! Reading and writing in the same format changes nothing.

use super::*;

#[track_caller]
fn comes_back(body: &str) {
    assert_eq!(sent(&decode(body)), value(body));
}

const REQUEST: &str = r#"{
    "model": "gpt-5.1", "instructions": "be \u0062rief", "temperature": 1.0, "top_p": 0.5, "top_logprobs": 3,
    "max_output_tokens": 50, "user": "u", "safety_identifier": "s", "store": false, "stream": true,
    "stream_options": {"include_obfuscation": true}, "service_tier": "flex", "metadata": {"a": "b"},
    "include": ["reasoning.encrypted_content", "message.output_text.logprobs", "file_search_call.results"],
    "reasoning": {"effort": "xhigh", "summary": null, "mode": "pro"}, "truncation": "auto",
    "text": {"verbosity": "low", "future": 1, "format": {"type": "json_schema", "name": "x", "schema": {"type": "object"}, "strict": true}},
    "previous_response_id": "resp_1", "prompt_cache_key": "k", "future": [1.0], "parallel_tool_calls": false,
    "tool_choice": {"type": "allowed_tools", "mode": "required", "tools": [
        {"type": "function", "name": "f"}, {"type": "mcp", "server_label": "l"}]},
    "tools": [
        {"type": "function", "name": "f", "description": "d", "parameters": {}, "strict": true, "defer_loading": true},
        {"type": "function", "name": "g", "parameters": {"type": "object"}, "strict": false},
        {"type": "custom", "name": "c", "format": {"type": "grammar", "syntax": "lark", "definition": "s"}},
        {"type": "namespace", "name": "crm", "description": "d", "tools": [
            {"type": "function", "name": "get"}, {"type": "custom", "name": "put"}]},
        {"type": "web_search", "filters": {"allowed_domains": ["a.b"]}, "y": 2}],
    "input": [
        {"role": "system", "content": "first"},
        {"type": "message", "role": "developer", "id": "msg_0", "content": [
            {"type": "input_text", "text": "a", "z": 1}, {"type": "input_text", "text": "b"}]},
        {"role": "user", "name": "n", "content": [
            {"type": "input_text", "text": "look \ud83d\ude00", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}},
            {"type": "input_image", "image_url": "data:image/PNG;charset=x;base64,AA-_", "detail": "low"},
            {"type": "input_image", "file_id": "file-1"},
            {"type": "input_image", "image_url": "data:application/pdf;base64,AAAA"},
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
            {"type": "input_file", "file_url": "https://example.com/a.pdf", "detail": "high"},
            {"type": "input_file", "file_data": "data:audio/mpeg;base64,AAAA"},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
            {"type": "hologram", "light": 1}]},
        {"type": "reasoning", "id": "rs_1", "status": "completed", "encrypted_content": "gAAA",
            "summary": [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}]},
        {"type": "reasoning", "id": "rs_2", "summary": [], "content": [{"type": "reasoning_text", "text": "c"}]},
        {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed", "phase": "commentary", "content": [
            {"type": "output_text", "text": "one", "logprobs": [], "annotations": [
                {"type": "url_citation", "url": "https://a.b", "title": "t", "start_index": 0, "end_index": 3}]},
            {"type": "output_hologram", "light": 1},
            {"type": "refusal", "refusal": "no"}]},
        {"type": "message", "role": "assistant", "id": "msg_2", "status": "completed", "content": [
            {"type": "refusal", "refusal": "no"}]},
        {"role": "assistant", "content": "plain"},
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search"}},
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{\"n\": 12345678901234567890}", "status": "completed"},
        {"type": "function_call", "call_id": "call_2", "name": "get", "namespace": "crm", "arguments": "{}"},
        {"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_3", "name": "c", "input": "free text"},
        {"type": "function_call_output", "call_id": "call_1", "output": "Error: \u0061"},
        {"type": "function_call_output", "id": "fco_2", "output": [
            {"type": "input_text", "text": "a"}, {"type": "input_image", "image_url": "https://a.b/c.png"}], "name": "get", "namespace": "crm"},
        {"type": "custom_tool_call_output", "call_id": "call_3", "output": "", "status": "completed"},
        {"type": "computer_call_output", "call_id": "call_4", "output": {"type": "computer_screenshot"}},
        {"type": "item_reference", "id": "msg_9"},
        {"id": "msg_8"},
        {"role": "developer", "content": "later"},
        {"type": "compaction", "encrypted_content": "x"},
        {"role": "user", "content": [{"type": "input_text", "text": "go on"}]}]
}"#;

#[test]
fn a_request_with_everything_comes_back() {
    comes_back(REQUEST);
}

#[test]
fn a_string_stays_a_string() {
    comes_back(&with(r#""stream":false"#));
    comes_back(r#"{"model":"m","instructions":"be brief","input":"hi"}"#);
}

#[test]
fn a_conversation_that_the_provider_knows_needs_no_input() {
    comes_back(r#"{"model":"m","previous_response_id":"resp_1"}"#);
}

#[test]
fn text_keeps_its_spelling() {
    let body = r#"{"model":"m","input":[{"role":"user","content":"caf\u00e9 \/"}]}"#;
    let mut exchange = exchange();
    let out = written(&decode(body), &Dialect::default(), &mut exchange).unwrap();
    assert!(out.windows(14).any(|part| part == br#""caf\u00e9 \/""#));
}

#[test]
fn a_message_that_says_nothing_leaves_its_members_to_nobody() {
    let body = saying(
        r#"[{"role":"assistant","id":"msg_1","content":[]},{"role":"assistant","content":"b"}]"#,
    );
    let expected = saying(r#"[{"role":"assistant","content":"b"}]"#);
    let out = written(&decode(&body), &Dialect::default(), &mut exchange()).unwrap();
    assert!(!out.windows(5).any(|part| part == b"msg_1"));
    assert_eq!(value(out), value(expected));
}
