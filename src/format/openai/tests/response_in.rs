//! Answers of providers of this API, and of servers that nearly speak it.

use super::*;
use crate::ir::{Arguments, ErrorKind, StopReason, Usage};

fn choice(choice: &str) -> String {
    format!(r#"{{"id":"x","created":1,"model":"m","choices":[{choice}]}}"#)
}

fn message(message: &str, finish: &str) -> String {
    choice(&format!(
        r#"{{"index":0,"message":{message},"finish_reason":{finish}}}"#
    ))
}

fn reason(message_: &str, finish: &str) -> StopReason {
    let body = message(message_, finish);
    answer(&body).choices[0].stop.as_ref().unwrap().reason
}

const CALL: &str = r#"{"content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}"#;

#[test]
fn reasons_are_read() {
    let table = [
        (r#"{"content":"a"}"#, r#""stop""#, StopReason::End),
        (r#"{"content":"a"}"#, r#""length""#, StopReason::MaxTokens),
        (
            r#"{"content":"a"}"#,
            r#""model_length""#,
            StopReason::MaxTokens,
        ),
        (
            r#"{"content":"a"}"#,
            r#""content_filter""#,
            StopReason::Refusal,
        ),
        (r#"{"content":"a"}"#, r#""eos_token""#, StopReason::End),
        (r#"{"content":"a"}"#, "null", StopReason::End),
        (r#"{"content":"a"}"#, "7", StopReason::End),
        (CALL, r#""tool_calls""#, StopReason::ToolUse),
        (CALL, r#""function_call""#, StopReason::ToolUse),
        (CALL, r#""""#, StopReason::ToolUse),
        (
            r#"{"content":null,"refusal":"no"}"#,
            r#""stop""#,
            StopReason::Refusal,
        ),
    ];
    for (message, finish, expected) in table {
        assert_eq!(reason(message, finish), expected, "{message} {finish}");
    }
}

#[test]
fn trap_070_calls_are_tool_use_whatever_the_server_says() {
    assert_eq!(reason(CALL, r#""stop""#), StopReason::ToolUse);
}

#[test]
fn trap_071_a_call_that_was_cut_short_stays_cut_short() {
    let cut = r#"{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"a"}}]}"#;
    assert_eq!(reason(cut, r#""length""#), StopReason::MaxTokens);
}

#[test]
fn odd_members_break_nothing() {
    let body = r#"{"id":7,"created":"now","model":null,"object":3,"service_tier":{},"usage":"none","choices":[
        {"index":"0","message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"a"},{"type":"x"}],
        "tool_calls":null,"annotations":null,"future":1},"finish_reason":"stop","logprobs":null}]}"#;
    let response = answer(body);
    assert_eq!(response.created, None);
    let parts = &response.choices[0].parts;
    assert!(
        matches!(&parts[..], [Part::Reasoning(thought), Part::Text { text, .. }] if thought.text == "hm" && *text == "a")
    );
}

#[test]
fn calls_without_ids_get_them_and_calls_without_names_are_none() {
    let body = message(
        r#"{"tool_calls":[{"function":{"name":"f","arguments":{"a": 1}}},{"function":{"name":"f"}},{"function":{}}]}"#,
        "null",
    );
    let response = answer(&body);
    let calls: Vec<_> = response.choices[0]
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolCall(call) => Some(call),
            _ => None,
        })
        .collect();
    assert_eq!(calls.len(), 2);
    assert!(calls[0].id.decode().starts_with("call_"));
    assert_ne!(calls[0].id, calls[1].id);
    assert_eq!(
        calls[0].id,
        match &answer(&body).choices[0].parts[0] {
            Part::ToolCall(call) => call.id.clone(),
            part => panic!("{part:?}"),
        }
    );
    assert!(matches!(&calls[0].arguments, Arguments::Json(_)));
}

#[test]
fn answers_are_put_in_order() {
    let body =
        choice(r#"{"index":1,"message":{"content":"b"}},{"index":0,"message":{"content":"a"}}"#);
    let response = answer(&body);
    assert!(matches!(&response.choices[0].parts[0], Part::Text { text, .. } if *text == "a"));
}

#[test]
fn an_answer_that_azure_filtered_has_no_message() {
    let body = choice(
        r#"{"index":0,"finish_reason":"content_filter","content_filter_results":{"hate":{"filtered":true}}}"#,
    );
    let response = answer(&body);
    assert_eq!(
        response.choices[0].stop.as_ref().unwrap().reason,
        StopReason::Refusal
    );
    assert!(response.choices[0].parts.is_empty());
}

#[test]
fn what_is_no_answer_is_an_error() {
    let failed = |body: &str| codec().decode_response(body.as_bytes()).unwrap_err();
    assert_eq!(failed("<html>").kind, ErrorKind::BadGateway);
    assert_eq!(failed("{}").code.as_deref(), Some("upstream_empty_answer"));
    let error = failed(r#"{"error":{"message":"busy","code":503}}"#);
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Overloaded, "busy")
    );
    let error = failed(&choice(
        r#"{"index":0,"finish_reason":"error","error":{"message":"broke","code":502}}"#,
    ));
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::BadGateway, "broke")
    );
}

fn usage(usage: &str) -> Usage {
    let body = format!(r#"{{"choices":[{{"message":{{"content":"a"}}}}],"usage":{usage}}}"#);
    answer(&body).usage.unwrap()
}

#[test]
fn trap_111_prompt_tokens_are_split_into_disjoint_counters() {
    let table = [
        (
            r#"{"prompt_tokens":240403,"completion_tokens":227,"prompt_tokens_details":{"cached_tokens":229504}}"#,
            [Some(10_899), Some(229_504), None],
        ),
        (
            r#"{"prompt_tokens":1000,"prompt_tokens_details":{"cached_tokens":600,"cache_write_tokens":300}}"#,
            [Some(100), Some(600), Some(300)],
        ),
        (
            r#"{"prompt_tokens":100,"prompt_cache_hit_tokens":60}"#,
            [Some(40), Some(60), None],
        ),
        (
            r#"{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":20}}"#,
            [Some(0), Some(20), None],
        ),
        (
            r#"{"prompt_tokens":10,"prompt_tokens_details":null}"#,
            [Some(10), None, None],
        ),
        ("{}", [None, None, None]),
    ];
    for (body, expected) in table {
        let usage = usage(body);
        assert_eq!(
            [usage.input, usage.cache_read, usage.cache_write],
            expected,
            "{body}"
        );
    }
}

#[test]
fn reasoning_is_within_the_output_also_where_a_server_counts_it_beside() {
    let within = usage(
        r#"{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30,"completion_tokens_details":{"reasoning_tokens":15}}"#,
    );
    assert_eq!((within.output, within.reasoning), (Some(20), Some(15)));
    let beside = usage(
        r#"{"prompt_tokens":331,"completion_tokens":11,"total_tokens":613,"completion_tokens_details":{"reasoning_tokens":271}}"#,
    );
    assert_eq!((beside.output, beside.reasoning), (Some(282), Some(271)));
}
