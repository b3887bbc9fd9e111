//! Reading and writing in the same format changes nothing.

use bytes::BytesMut;

use super::*;

#[track_caller]
fn comes_back(body: &str) {
    assert_eq!(sent(&decode(body)), value(body));
}

const REQUEST: &str = r#"{
    "model": "gpt-5.1", "n": 2, "temperature": 1.0, "top_p": 0.5, "seed": 36893488147419103232,
    "frequency_penalty": 0.1, "presence_penalty": -0.1, "logprobs": true, "top_logprobs": 3,
    "max_tokens": 5, "max_completion_tokens": 6, "stop": "END", "user": "u", "safety_identifier": "s",
    "reasoning_effort": "xhigh", "verbosity": "low", "service_tier": "flex", "store": true,
    "metadata": {"a": "b"}, "logit_bias": {"50256": -100}, "prompt_cache_key": "k", "future": [1.0],
    "modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"},
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}, "strict": false}},
    "stream": true, "stream_options": {"include_usage": true, "include_obfuscation": false},
    "parallel_tool_calls": false,
    "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [
        {"type": "function", "function": {"name": "f"}}, {"type": "custom", "custom": {"name": "c"}}]}},
    "tools": [
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": {}, "strict": true, "x": 1}},
        {"type": "custom", "custom": {"name": "c", "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "s"}}}},
        {"type": "web_search", "y": 2}],
    "messages": [
        {"role": "system", "content": "first"},
        {"role": "developer", "name": "dev", "content": [{"type": "text", "text": "a", "z": 1}, {"type": "text", "text": "b"}]},
        {"role": "user", "name": "n", "content": [
            {"type": "text", "text": "look \ud83d\ude00", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}},
            {"type": "image_url", "image_url": {"url": "data:image/PNG;charset=x;base64,AA-_", "detail": "low"}},
            {"type": "image_url", "image_url": "https://example.com/a.png"},
            {"type": "image_url", "image_url": {"url": "data:application/pdf;base64,AAAA"}},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
            {"type": "file", "file": {"file_id": "file-1"}},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]},
        {"role": "assistant", "content": null, "refusal": "no", "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\"n\": 12345678901234567890}"}, "extra_content": {"a": 1}},
            {"id": "call_2", "type": "custom", "custom": {"name": "c", "input": "free text"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "one"},
        {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {"role": "developer", "content": "later"},
        {"role": "assistant", "content": "yes", "reasoning_content": "hm", "audio": {"id": "audio_1"}}]
}"#;

#[test]
fn a_request_with_everything_comes_back() {
    comes_back(REQUEST);
}

#[test]
fn a_request_with_sealed_thoughts_comes_back() {
    comes_back(&saying(
        r#"[{"role":"user","content":"a"},
        {"role":"assistant","content":"b","reasoning_content":"hm","thinking_blocks":[
            {"type":"thinking","thinking":"hm","signature":"sig"},
            {"type":"redacted_thinking","data":"secret"}]}]"#,
    ));
}

#[test]
fn trap_125_the_same_request_gives_the_same_bytes() {
    let bytes = || {
        let mut out = BytesMut::new();
        codec()
            .encode_request(
                &decode(REQUEST),
                &Dialect::default(),
                &mut exchange(),
                &mut out,
            )
            .unwrap();
        out
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn both_functions_and_tools_come_back() {
    comes_back(&with(
        r#""functions":[{"name":"f"}],"tools":[{"type":"function","function":{"name":"g"}}]"#,
    ));
}

const RESPONSE: &str = r#"{
    "id": "chatcmpl-1", "object": "chat.completion", "created": 5, "model": "gpt-5.1", "service_tier": "default",
    "system_fingerprint": "fp", "prompt_filter_results": [{"prompt_index": 0}],
    "choices": [
        {"index": 0, "finish_reason": "stop", "content_filter_results": {"hate": {"filtered": false}},
         "logprobs": {"content": [{"token": "a", "logprob": -0.1, "bytes": [97], "top_logprobs": []}], "refusal": null},
         "message": {"role": "assistant", "content": "see", "refusal": null, "reasoning_content": "hm", "annotations": [
            {"type": "url_citation", "url_citation": {"start_index": 0, "end_index": 3, "title": "t", "url": "https://e.com", "x": 1}}]}},
        {"index": 1, "finish_reason": "tool_calls", "logprobs": null, "message": {"role": "assistant", "content": null,
            "refusal": null, "annotations": [], "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\"a\": 1.0}"}},
            {"id": "call_2", "type": "custom", "custom": {"name": "c", "input": "x"}}]}},
        {"index": 2, "finish_reason": "weird", "logprobs": null, "message": {"role": "assistant", "content": null,
            "refusal": "no"}},
        {"index": 3, "finish_reason": "stop", "logprobs": null, "message": {"role": "assistant", "content": null,
            "refusal": null, "audio": {"id": "a", "data": "AAAA"}}}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 0.5,
        "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0}}
}"#;

#[test]
fn an_answer_with_everything_comes_back() {
    assert_eq!(told(&answer(RESPONSE)), value(RESPONSE));
}

const STREAM: &str = r#"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"reasoning_content":"hm"},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"content":"h\u00e9"},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{},"logprobs":{"content":[{"token":"h","logprob":-1}]},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_2","type":"custom","custom":{"name":"c","input":""}}]},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"custom":{"input":"free"}}]},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":1,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":1,"delta":{"refusal":"no"},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":1,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":1},"completion_tokens_details":{"reasoning_tokens":2}}}

data: [DONE]

"#;

fn through(pieces: &[&[u8]]) -> String {
    let mut exchange = exchange();
    exchange.include_usage = true;
    exchange.provider = "openai";
    let mut encoder = codec().stream_encoder(Arc::new(exchange));
    let mut decoder = codec().stream_decoder();
    let mut parser = Parser::new(1 << 20);
    let mut out = BytesMut::new();
    let mut sink = |event: Event<'_>| encoder.event(&event, &mut out);
    for piece in pieces {
        parser.push(piece);
        while let Some(item) = parser.next().unwrap() {
            decoder.item(item, &mut sink);
        }
    }
    decoder.finish(StreamEnd::Clean, &mut sink);
    String::from_utf8(out.to_vec()).unwrap()
}

#[test]
fn a_stream_with_everything_comes_back_byte_for_byte() {
    assert_eq!(through(&[STREAM.as_bytes()]), STREAM);
}

#[test]
fn trap_104_a_stream_may_be_cut_at_any_byte() {
    for at in 1..STREAM.len() {
        let (head, tail) = STREAM.as_bytes().split_at(at);
        assert_eq!(through(&[head, tail]), STREAM, "cut at {at}");
    }
}
