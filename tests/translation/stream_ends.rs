//! How streams end: whole, cut short, or by an error; and what was counted until then.

use bytes::BytesMut;
use serde_json::{Value, json};
use std::sync::Arc;
use tower_llm_gateway::{
    format::{ApiFormat, StreamEnd},
    ir::{Error, ErrorKind, Event},
};

use crate::support::{ANTHROPIC, OPENAI, codec, decode, events, plain_exchange, stream, stream_of};

fn chunk(members: &Value) -> String {
    let mut chunk = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []});
    chunk
        .as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    format!("data: {chunk}\n\n")
}

fn says(content: &str, finish: &Value) -> String {
    chunk(
        &json!({"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}]}),
    )
}

fn counts(prompt: u64, output: u64) -> Value {
    json!({"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output})
}

const DONE: &str = "data: [DONE]\n\n";

/// The one `message_delta` of a stream that ended as it should.
fn ending(seen: &str) -> Value {
    assert!(
        seen.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"),
        "{seen}"
    );
    let mut deltas = events(seen);
    deltas.retain(|event| event["type"] == "message_delta");
    assert_eq!(deltas.len(), 1, "{seen}");
    deltas.remove(0)
}

const ANTHROPIC_START: &str = concat!(
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",",
    "\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":5,",
    "\"cache_read_input_tokens\":100,\"cache_creation_input_tokens\":20,\"output_tokens\":1}}}\n\n",
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n",
);

const ANTHROPIC_END: &str = concat!(
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},",
    "\"usage\":{\"input_tokens\":5,\"cache_read_input_tokens\":100,\"cache_creation_input_tokens\":20,\"output_tokens\":3}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
);

#[test]
fn trap_085_trap_114_counts_that_come_last_are_in_the_one_message_delta() {
    let body = says("Hi", &json!("stop")) + &chunk(&json!({"usage": counts(12, 9)})) + DONE;
    let delta = ending(&stream(OPENAI, ANTHROPIC, &body));
    assert_eq!(
        delta["usage"],
        json!({"input_tokens": 12, "output_tokens": 9})
    );
    let late = body + &chunk(&json!({"usage": counts(99, 99)}));
    assert_eq!(ending(&stream(OPENAI, ANTHROPIC, &late)), delta);
}

#[test]
fn trap_086_trap_097_a_stream_without_counts_still_ends() {
    let delta = ending(&stream(
        OPENAI,
        ANTHROPIC,
        &(says("Hi", &json!("stop")) + DONE),
    ));
    assert_eq!(
        delta["usage"],
        json!({"input_tokens": 0, "output_tokens": 0})
    );
    assert_eq!(delta["delta"]["stop_reason"], "end_turn");
}

#[test]
fn trap_087_trap_088_trap_091_noise_does_not_end_a_stream() {
    let usage = json!({"choices": [{"index": 0, "delta": {"content": "b"}, "finish_reason": ""}], "usage": counts(1, 1)});
    let azure =
        json!({"id": "", "model": "", "created": 0, "choices": [], "prompt_filter_results": []});
    let body = chunk(&azure)
        + &says("a", &json!(""))
        + &chunk(&usage)
        + &says("c", &json!(null))
        + &says("", &json!("length"))
        + &says("", &json!("stop"))
        + &chunk(&json!({"usage": counts(2, 3)}))
        + DONE;
    let seen = stream(OPENAI, ANTHROPIC, &body);
    let delta = ending(&seen);
    assert_eq!(delta["delta"]["stop_reason"], "max_tokens");
    assert_eq!(
        delta["usage"],
        json!({"input_tokens": 2, "output_tokens": 3})
    );
    let text: String = events(&seen)
        .iter()
        .filter_map(|event| event["delta"]["text"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(text, "abc");
    assert_eq!(events(&seen)[0]["message"]["id"], "msg_1");
}

#[test]
fn trap_089_a_stream_that_only_stops_is_no_answer() {
    let called = chunk(&json!({"choices": [{"index": 0, "delta": {"tool_calls": [
        {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
    ]}, "finish_reason": null}]}));
    for (body, stop) in [
        (says("Hi", &json!(null)) + DONE, Some("end_turn")),
        (called.clone() + DONE, Some("tool_use")),
        (says("Hi", &json!("stop")), Some("end_turn")),
        (says("Hi", &json!(null)), None),
        (called, None),
        (String::new(), None),
    ] {
        let seen = stream(OPENAI, ANTHROPIC, &body);
        match stop {
            Some(stop) => assert_eq!(ending(&seen)["delta"]["stop_reason"], stop, "{body}"),
            None => assert!(
                seen.contains("event: error\n") && !seen.contains("message_stop"),
                "{seen}"
            ),
        }
    }
    let seen = stream(ANTHROPIC, OPENAI, ANTHROPIC_START);
    assert!(
        seen.contains("data: {\"error\":") && !seen.contains("[DONE]"),
        "{seen}"
    );
}

#[test]
fn trap_090_counts_come_only_to_who_asked() {
    let body = ANTHROPIC_START.to_owned() + ANTHROPIC_END;
    let seen = stream(ANTHROPIC, OPENAI, &body);
    let all = events(&seen);
    let counted: Vec<&Value> = all
        .iter()
        .filter(|event| !event["usage"].is_null())
        .collect();
    assert_eq!(counted.len(), 1);
    assert_eq!(
        (
            &counted[0]["choices"],
            &counted[0]["usage"]["prompt_tokens"]
        ),
        (&json!([]), &json!(125))
    );
    assert!(all.iter().all(|event| event.get("usage").is_some()));
    assert!(seen.ends_with(DONE));
    let mut exchange = plain_exchange(ANTHROPIC);
    exchange.include_usage = false;
    let seen = stream_of(ANTHROPIC, OPENAI, [body.as_bytes()], exchange);
    assert!(!seen.contains("usage") && seen.ends_with(DONE), "{seen}");
}

#[test]
fn trap_113_later_counts_replace_earlier_ones() {
    let seen = stream(
        ANTHROPIC,
        OPENAI,
        &(ANTHROPIC_START.to_owned() + ANTHROPIC_END),
    );
    let usage = events(&seen).pop().unwrap()["usage"].clone();
    let details = json!({"cached_tokens": 100, "cache_write_tokens": 20});
    assert_eq!(
        usage,
        json!({"prompt_tokens": 125, "completion_tokens": 3, "total_tokens": 128, "prompt_tokens_details": details})
    );
}

#[test]
fn trap_094_an_error_in_mid_stream_takes_the_callers_form() {
    let overloaded = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Busy\"}}\n\n";
    let seen = stream(
        ANTHROPIC,
        OPENAI,
        &(ANTHROPIC_START.to_owned() + overloaded + ANTHROPIC_END),
    );
    let last = events(&seen).pop().unwrap();
    assert_eq!(last["error"]["message"], "Busy");
    assert_eq!(last["error"]["type"], "service_unavailable_error");
    assert!(
        !seen.contains("[DONE]") && !seen.contains("overloaded_error"),
        "{seen}"
    );
    let limited = "data: {\"error\":{\"message\":\"Slow down\",\"type\":\"rate_limit_error\",\"code\":\"rate_limit_exceeded\"}}\n\n";
    let seen = stream(
        OPENAI,
        ANTHROPIC,
        &(says("Hi", &json!(null)) + limited + DONE),
    );
    let last = events(&seen).pop().unwrap();
    assert!(
        seen.contains("event: error\n") && !seen.contains("message_stop"),
        "{seen}"
    );
    assert_eq!(
        (&last["type"], &last["error"]["type"]),
        (&json!("error"), &json!("rate_limit_error"))
    );
}

/// A stream whose connection breaks.
fn broken(provider: ApiFormat, client: ApiFormat, body: &str) -> String {
    let mut encoder = codec(client).stream_encoder(Arc::new(plain_exchange(provider)));
    let mut out = BytesMut::new();
    let mut sink = |event: Event<'_>| encoder.event(&event, &mut out);
    let error = Error::new(ErrorKind::BadGateway, "broken");
    decode(
        provider,
        [body.as_bytes()],
        StreamEnd::Failed(error),
        &mut sink,
    );
    String::from_utf8(out.to_vec()).unwrap()
}

#[test]
fn trap_096_a_connection_that_breaks_is_an_error_and_what_was_said_stays() {
    let call = chunk(&json!({"choices": [{"index": 0, "delta": {"tool_calls": [
        {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": "{\"x\":"}},
    ]}, "finish_reason": null}]}));
    let seen = broken(OPENAI, ANTHROPIC, &call);
    assert!(seen.contains(r#""partial_json":"{\"x\":""#), "{seen}");
    assert!(
        seen.contains("event: error\n") && !seen.contains("message_stop"),
        "{seen}"
    );
    let seen = broken(ANTHROPIC, OPENAI, ANTHROPIC_START);
    assert!(
        seen.contains("\"content\":\"Hi\"") && seen.contains("data: {\"error\":"),
        "{seen}"
    );
    let seen = broken(
        ANTHROPIC,
        OPENAI,
        &(ANTHROPIC_START.to_owned() + ANTHROPIC_END),
    );
    assert!(seen.ends_with(DONE), "{seen}");
}

#[test]
fn trap_107_what_comes_after_the_end_is_ignored() {
    let whole = ANTHROPIC_START.to_owned() + ANTHROPIC_END;
    let seen = stream(ANTHROPIC, OPENAI, &whole);
    assert_eq!(
        stream(
            ANTHROPIC,
            OPENAI,
            &(whole.clone() + ANTHROPIC_END + "data: nonsense\n\n")
        ),
        seen
    );
    let whole = says("Hi", &json!("stop")) + DONE;
    let seen = stream(OPENAI, ANTHROPIC, &whole);
    assert_eq!(
        stream(
            OPENAI,
            ANTHROPIC,
            &(whole.clone() + &whole + "data: nonsense\n\n")
        ),
        seen
    );
}

#[test]
fn an_event_that_is_no_json_ends_the_stream_with_an_error() {
    let seen = stream(
        OPENAI,
        ANTHROPIC,
        &(says("Hi", &json!(null)) + "data: {oops\n\n" + DONE),
    );
    assert!(
        seen.contains("event: error\n") && !seen.contains("message_stop"),
        "{seen}"
    );
    let seen = stream(
        ANTHROPIC,
        OPENAI,
        &(ANTHROPIC_START.to_owned() + "event: ping\ndata: {oops\n\n" + ANTHROPIC_END),
    );
    assert!(
        seen.contains("data: {\"error\":") && !seen.contains("[DONE]"),
        "{seen}"
    );
}
