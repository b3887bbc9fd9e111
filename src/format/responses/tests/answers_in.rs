use super::*;
use crate::ir::{ErrorKind, Part, StopReason};

fn answer(members: &str) -> String {
    format!(r#"{{"id":"resp_1","object":"response","model":"m",{members}}}"#)
}

fn reason(members: &str) -> StopReason {
    let body = answer(members);
    let response = read_answer(&body).unwrap();
    response.choices[0].stop.as_ref().unwrap().reason
}

const TEXT: &str = r#"{"type":"message","content":[{"type":"output_text","text":"a"}]}"#;
const CALL: &str = r#"{"type":"function_call","call_id":"c","name":"f","arguments":"{"}"#;

#[test]
fn trap_076_an_incomplete_answer_met_its_limit_or_a_filter() {
    for (status, details, expected) in [
        ("completed", "null", StopReason::End),
        (
            "incomplete",
            r#"{"reason":"max_output_tokens"}"#,
            StopReason::MaxTokens,
        ),
        (
            "incomplete",
            r#"{"reason":"content_filter"}"#,
            StopReason::Refusal,
        ),
        ("incomplete", r#"{"reason":"steered"}"#, StopReason::End),
        (
            "incomplete",
            r#"{"reason":"tomorrow"}"#,
            StopReason::MaxTokens,
        ),
        ("incomplete", "null", StopReason::MaxTokens),
    ] {
        let members =
            format!(r#""status":"{status}","incomplete_details":{details},"output":[{TEXT}]"#);
        assert_eq!(reason(&members), expected, "{members}");
    }
}

#[test]
fn trap_071_a_call_that_was_cut_is_no_tool_use() {
    let cut = format!(
        r#""status":"incomplete","incomplete_details":{{"reason":"max_output_tokens"}},"output":[{CALL}]"#
    );
    assert_eq!(reason(&cut), StopReason::MaxTokens);
    assert_eq!(
        reason(&format!(r#""status":"completed","output":[{CALL}]"#)),
        StopReason::ToolUse
    );
}

#[test]
fn an_answer_that_failed_is_an_error() {
    let body = answer(
        r#""status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"},"output":[]"#,
    );
    let error = read_answer(&body).unwrap_err();
    assert_eq!(
        (error.kind, &*error.message),
        (ErrorKind::RateLimited, "slow")
    );
    let body = answer(r#""status":"failed","output":[]"#);
    assert_eq!(read_answer(&body).unwrap_err().kind, ErrorKind::BadGateway);
}

#[test]
fn an_answer_that_is_no_answer_yet_is_the_gateways_fault() {
    for status in ["queued", "in_progress"] {
        let body = answer(&format!(r#""status":"{status}","output":[]"#));
        assert_eq!(read_answer(&body).unwrap_err().kind, ErrorKind::BadGateway);
    }
    let body = answer(r#""status":"cancelled","output":[]"#);
    assert_eq!(read_answer(&body).unwrap_err().status.unwrap(), 499);
    assert_eq!(read_answer("{}").unwrap_err().kind, ErrorKind::BadGateway);
}

#[test]
fn trap_112_cached_tokens_are_counted_apart() {
    let body = answer(
        r#""status":"completed","output":[],"usage":{"input_tokens":1000,"input_tokens_details":{"cached_tokens":600,"cache_write_tokens":300},"output_tokens":5}"#,
    );
    let usage = read_answer(&body).unwrap().usage.unwrap();
    assert_eq!(
        (usage.input, usage.cache_read, usage.cache_write),
        (Some(100), Some(600), Some(300))
    );
    assert_eq!((usage.output, usage.reasoning), (Some(5), None));
}

#[test]
fn a_thought_without_text_is_only_in_its_seal() {
    let body = answer(
        r#""status":"completed","output":[{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"x"}]"#,
    );
    let response = read_answer(&body).unwrap();
    let Part::Reasoning(thought) = &response.choices[0].parts[0] else {
        panic!("{response:?}");
    };
    let seal = thought.seal.as_ref().unwrap();
    assert!(thought.redacted && seal.is_of(ID));
    assert_eq!((&*seal.id.decode(), &*seal.data.decode()), ("rs_1", "x"));
}
