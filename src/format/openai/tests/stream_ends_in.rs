//! How streams of providers of this API end.

use super::{
    stream_in::{HEAD, START, delta, finish, reads},
    *,
};

#[test]
fn trap_085_the_counts_may_come_behind_the_reason() {
    reads(
        &[
            &delta(r#"{"content":"a"}"#),
            &finish(r#""stop""#),
            r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}"#,
            "[DONE]",
        ],
        &[
            START,
            "+0 of 0: Text",
            "0 a",
            "usage Some(5)/Some(2)",
            "-0",
            "stop 0 End",
            "end",
        ],
    );
}

#[test]
fn trap_086_a_stream_without_counts_ends_all_the_same() {
    reads(
        &[
            &delta(r#"{"content":"a"}"#),
            &finish(r#""length""#),
            "[DONE]",
        ],
        &[
            START,
            "+0 of 0: Text",
            "0 a",
            "-0",
            "stop 0 MaxTokens",
            "end",
        ],
    );
}

#[test]
fn trap_087_088_counts_and_blank_or_repeated_reasons_end_nothing() {
    let chunk = |text: &str, reason: &str| {
        format!(
            r#"{{{HEAD},"choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":{reason}}}],"usage":{{"prompt_tokens":1,"completion_tokens":1}}}}"#
        )
    };
    reads(
        &[
            &chunk("a", r#""""#),
            &chunk("b", r#"" ""#),
            &chunk("c", r#""null""#),
            &chunk("", r#""length""#),
            &chunk("", r#""stop""#),
            "[DONE]",
        ],
        &[
            START,
            "+0 of 0: Text",
            "0 a",
            "usage Some(1)/Some(1)",
            "0 b",
            "usage Some(1)/Some(1)",
            "0 c",
            "usage Some(1)/Some(1)",
            "usage Some(1)/Some(1)",
            "usage Some(1)/Some(1)",
            "-0",
            "stop 0 MaxTokens",
            "end",
        ],
    );
}

#[test]
fn trap_089_a_marked_end_needs_no_reason_but_a_mere_end_does() {
    let text = delta(r#"{"content":"a"}"#);
    let done = events(&[&text, "[DONE]"]);
    assert_eq!(done[3..], ["-0", "stop 0 End", "end"]);
    let finished = events(&[&text, &finish(r#""stop""#)]);
    assert_eq!(finished[3..], ["-0", "stop 0 End", "end"]);
    let cut = events(&[&text]);
    assert_eq!(
        cut[3..],
        ["error BadGateway The provider's stream ended before the answer was complete."]
    );
    assert!(events(&[])[0].starts_with("error BadGateway"));
    assert!(events(&["[DONE]"])[0].starts_with("error BadGateway"));
}

#[test]
fn trap_096_a_broken_connection_is_an_error_unless_all_was_said() {
    let broken = || StreamEnd::Failed(Error::new(crate::ir::ErrorKind::BadGateway, "reset"));
    let text = format!("data: {}\n\n", delta(r#"{"content":"a"}"#));
    assert_eq!(
        events_of(text.as_bytes(), broken()).last().unwrap(),
        "error BadGateway reset"
    );
    let complete = format!("{text}data: {}\n\n", finish(r#""stop""#));
    assert_eq!(
        events_of(complete.as_bytes(), broken()).last().unwrap(),
        "end"
    );
}

#[test]
fn trap_107_nothing_comes_after_the_end() {
    let all = events(&[
        &delta(r#"{"content":"a"}"#),
        "[DONE]",
        &delta(r#"{"content":"b"}"#),
        r#"{"error":"late"}"#,
        "[DONE]",
    ]);
    assert_eq!(all.last().unwrap(), "end");
    assert_eq!(all.iter().filter(|event| *event == "end").count(), 1);
}

#[test]
fn errors_have_many_shapes() {
    let table = [
        (
            r#"{"error":{"message":"m","type":"server_error"}}"#,
            "error Internal m",
        ),
        (
            r#"{"error":{"message":"m","code":429}}"#,
            "error RateLimited m",
        ),
        (
            r#"{"error":{"message":"m","code":"rate_limit_exceeded"}}"#,
            "error RateLimited m",
        ),
        (
            r#"{"error":{"message":"m","type":"overloaded_error"}}"#,
            "error Overloaded m",
        ),
        (r#"{"error":"m"}"#, "error BadGateway m"),
        (
            r#"{"object":"error","message":"m","code":400}"#,
            "error BadRequest m",
        ),
        (
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"message":"m","code":502}}]}"#,
            "error BadGateway m",
        ),
    ];
    for (chunk, expected) in table {
        let all = events(&[&delta(r#"{"content":"a"}"#), chunk, "[DONE]"]);
        assert_eq!(all.last().unwrap(), expected, "{chunk}");
    }
    let named = "event: error\ndata: {\"message\":\"m\",\"type\":\"invalid_request_error\"}\n\n";
    assert_eq!(
        events_of(named.as_bytes(), StreamEnd::Clean),
        ["error BadRequest m"]
    );
}

#[test]
fn what_is_no_json_ends_the_stream_with_an_error() {
    assert!(
        events(&["{\"choices\":["])[0]
            .starts_with("error BadGateway The provider's answer can't be read")
    );
}

#[test]
fn several_answers_have_blocks_of_their_own() {
    let chunk = |choice: usize, text: &str| {
        format!(r#"{{{HEAD},"choices":[{{"index":{choice},"delta":{{"content":"{text}"}}}}]}}"#)
    };
    let end = format!(
        r#"{{{HEAD},"choices":[{{"index":0,"delta":{{}},"finish_reason":"stop"}},{{"index":1,"delta":{{}},"finish_reason":"length"}}]}}"#
    );
    reads(
        &[&chunk(1, "b"), &chunk(0, "a"), &chunk(1, "b"), &end],
        &[
            START,
            "+0 of 1: Text",
            "0 b",
            "+1 of 0: Text",
            "1 a",
            "0 b",
            "-0",
            "stop 1 MaxTokens",
            "-1",
            "stop 0 End",
            "end",
        ],
    );
    let half = events(&[&chunk(1, "b"), &chunk(0, "a"), &finish(r#""stop""#)]);
    assert!(half.last().unwrap().starts_with("error"));
}
