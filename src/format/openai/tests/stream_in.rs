//! Streams of providers of this API, and of servers that nearly speak it.

use super::*;

pub(super) const HEAD: &str = r#""id":"x","created":1,"model":"m""#;

pub(super) fn delta(delta: &str) -> String {
    format!(r#"{{{HEAD},"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#)
}

pub(super) fn finish(word: &str) -> String {
    format!(r#"{{{HEAD},"choices":[{{"index":0,"delta":{{}},"finish_reason":{word}}}]}}"#)
}

#[track_caller]
pub(super) fn reads(chunks: &[&str], expected: &[&str]) {
    assert_eq!(events(chunks), expected);
}

pub(super) const START: &str = "start x m Some(1)";

#[test]
fn text_is_a_block() {
    let (role, a, b) = (
        delta(r#"{"role":"assistant","content":""}"#),
        delta(r#"{"content":"a"}"#),
        delta(r#"{"content":"b"}"#),
    );
    reads(
        &[&role, &a, &b, &finish(r#""stop""#), "[DONE]"],
        &[
            START,
            "+0 of 0: Text",
            "0 a",
            "0 b",
            "-0",
            "stop 0 End",
            "end",
        ],
    );
}

/// What comes of this message as a choice of its own, behind these chunks.
#[track_caller]
fn reads_whole(before: &[&str], message: &str, expected: &[&str]) {
    let whole = format!(
        r#"{{{HEAD},"choices":[{{"index":0,"message":{message},"finish_reason":"stop"}}]}}"#
    );
    reads(&[before, &[&whole, "[DONE]"]].concat(), expected);
}

#[test]
fn a_message_in_place_of_pieces_says_all() {
    reads_whole(
        &[],
        r#"{"role":"assistant","content":"a","refusal":null,"reasoning_content":"hm","tool_calls":[{"id":"c0","type":"function","function":{"name":"f","arguments":"{}"}}]}"#,
        &[
            START,
            "+0 of 0: Reasoning",
            "0 hm",
            "-0",
            "+1 of 0: Text",
            "1 a",
            "-1",
            "+2 of 0: call c0 f",
            "2 {}",
            "-2",
            "stop 0 ToolUse",
            "end",
        ],
    );
}

#[test]
fn a_message_behind_pieces_only_repeats_them() {
    reads_whole(
        &[
            &delta(r#"{"role":"assistant","content":""}"#),
            &delta(r#"{"content":"a"}"#),
        ],
        r#"{"role":"assistant","content":"a"}"#,
        &[START, "+0 of 0: Text", "0 a", "-0", "stop 0 End", "end"],
    );
}

#[test]
fn thoughts_close_when_text_begins() {
    for word in ["reasoning_content", "reasoning"] {
        let thought = delta(&format!(r#"{{"content":"","{word}":"hm"}}"#));
        reads(
            &[
                &thought,
                &delta(r#"{"content":"a"}"#),
                &delta(r#"{"refusal":"no"}"#),
                "[DONE]",
            ],
            &[
                START,
                "+0 of 0: Reasoning",
                "0 hm",
                "-0",
                "+1 of 0: Text",
                "1 a",
                "-1",
                "+2 of 0: Refusal",
                "2 no",
                "-2",
                "stop 0 Refusal",
                "end",
            ],
        );
    }
}

fn call(index: &str, members: &str) -> String {
    delta(&format!(r#"{{"tool_calls":[{{{index}{members}}}]}}"#))
}

#[test]
fn calls_are_told_apart_by_their_number_and_may_interleave() {
    reads(
        &[
            &call(
                r#""index":0,"#,
                r#""id":"c0","function":{"name":"f","arguments":""}"#,
            ),
            &call(
                r#""index":1,"#,
                r#""id":"c1","function":{"name":"g","arguments":"{"}"#,
            ),
            &call(r#""index":0,"#, r#""function":{"arguments":"{}"}"#),
            &call(
                r#""index":1,"#,
                r#""id":"c1","function":{"name":"g","arguments":"}"}"#,
            ),
            &finish(r#""tool_calls""#),
            "[DONE]",
        ],
        &[
            START,
            "+0 of 0: call c0 f",
            "+1 of 0: call c1 g",
            "1 {",
            "0 {}",
            "1 }",
            "-0",
            "-1",
            "stop 0 ToolUse",
            "end",
        ],
    );
}

#[test]
fn another_id_under_the_same_number_is_another_call() {
    reads(
        &[
            &call(
                r#""index":0,"#,
                r#""id":"c0","function":{"name":"f","arguments":"{}"}"#,
            ),
            &call(
                r#""index":0,"#,
                r#""id":"c1","function":{"name":"g","arguments":"[]"}"#,
            ),
            "[DONE]",
        ],
        &[
            START,
            "+0 of 0: call c0 f",
            "0 {}",
            "+1 of 0: call c1 g",
            "1 []",
            "-0",
            "-1",
            "stop 0 ToolUse",
            "end",
        ],
    );
}

#[test]
fn a_call_opens_when_its_name_is_known() {
    reads(
        &[
            &call("", r#""id":"c0","function":{"arguments":"{\"a\""}"#),
            &call("", r#""function":{"arguments":":"}"#),
            &call("", r#""function":{"name":"f","arguments":"1}"}"#),
            "[DONE]",
        ],
        &[
            START,
            "+0 of 0: call c0 f",
            "0 {\"a\":",
            "0 1}",
            "-0",
            "stop 0 ToolUse",
            "end",
        ],
    );
}

#[test]
fn a_call_without_id_gets_one_that_is_always_the_same() {
    let chunk = call("", r#""function":{"name":"f","arguments":"{}"}"#);
    let first = events(&[&chunk, "[DONE]"]);
    assert!(first[1].starts_with("+0 of 0: call call_"), "{first:?}");
    assert_eq!(events(&[&chunk, "[DONE]"]), first);
}

#[test]
fn trap_083_a_call_without_arguments_has_empty_ones_once() {
    reads(
        &[
            &call("", r#""id":"c","function":{"name":"f","arguments":""}"#),
            "[DONE]",
        ],
        &[
            START,
            "+0 of 0: call c f",
            "0 {}",
            "-0",
            "stop 0 ToolUse",
            "end",
        ],
    );
    reads(
        &[
            &call("", r#""id":"c","function":{"name":"f","arguments":"{}"}"#),
            "[DONE]",
        ],
        &[
            START,
            "+0 of 0: call c f",
            "0 {}",
            "-0",
            "stop 0 ToolUse",
            "end",
        ],
    );
}

#[test]
fn custom_calls_and_functions_from_before_tools_are_calls() {
    reads(
        &[
            &call(
                "",
                r#""id":"c","type":"custom","custom":{"name":"p","input":"x"}"#,
            ),
            "[DONE]",
        ],
        &[
            START,
            "+0 of 0: custom c p",
            "0 x",
            "-0",
            "stop 0 ToolUse",
            "end",
        ],
    );
    let legacy = events(&[
        &delta(r#"{"function_call":{"name":"f","arguments":""}}"#),
        &delta(r#"{"function_call":{"arguments":"{}"}}"#),
        &finish(r#""function_call""#),
        "[DONE]",
    ]);
    assert!(legacy[1].ends_with(" f"));
    assert_eq!(legacy[2..], ["0 {}", "-0", "stop 0 ToolUse", "end"]);
}

#[test]
fn trap_091_azures_first_chunk_does_not_start_the_answer() {
    reads(
        &[
            r#"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}"#,
            &delta(r#"{"content":"a"}"#),
            "[DONE]",
        ],
        &[START, "+0 of 0: Text", "0 a", "-0", "stop 0 End", "end"],
    );
}

#[test]
fn trap_092_093_comments_are_signs_of_life_and_empty_events_nothing() {
    let stream = format!(
        ": PROCESSING\n\nevent: ping\n\ndata: {}\n\ndata: [DONE]\n\n",
        delta(r#"{"content":"a"}"#)
    );
    assert_eq!(
        events_of(stream.as_bytes(), StreamEnd::Clean)[..2],
        ["ping", START]
    );
}

#[test]
fn trap_104_line_ends_marks_and_split_data_are_no_matter() {
    let (a, b) = (delta(r#"{"content":"😀"}"#), finish(r#""stop""#));
    let plain = events(&[&a, &b, "[DONE]"]);
    let broken = a.replacen(',', ",\ndata: ", 1);
    for stream in [
        format!("\u{feff}data: {a}\r\n\r\ndata: {b}\r\n\r\ndata: [DONE]\r\n\r\n"),
        format!("data:{a}\r\rdata:{b}\r\rdata:[DONE]\r\r"),
        format!("data: {broken}\n\ndata: {b}\n\ndata: [DONE]"),
    ] {
        assert_eq!(events_of(stream.as_bytes(), StreamEnd::Clean), plain);
    }
}

#[test]
fn ids_that_change_in_mid_stream_change_nothing() {
    let other = delta(r#"{"content":"b"}"#).replace("\"x\"", "\"y\"");
    reads(
        &[&delta(r#"{"content":"a"}"#), &other, "[DONE]"],
        &[
            START,
            "+0 of 0: Text",
            "0 a",
            "0 b",
            "-0",
            "stop 0 End",
            "end",
        ],
    );
}

#[test]
fn log_probabilities_and_citations_go_with_their_text() {
    let chunk = format!(
        r#"{{{HEAD},"choices":[{{"index":0,"delta":{{"content":"a","annotations":[{{"type":"url_citation","url_citation":{{"url":"https://e.com"}}}}]}},"logprobs":{{"content":[{{"token":"a","logprob":-0.50}}]}}}}]}}"#
    );
    let empty = format!(
        r#"{{{HEAD},"choices":[{{"index":0,"delta":{{}},"logprobs":{{"content":null,"refusal":[]}}}}]}}"#
    );
    reads(
        &[&chunk, &empty, "[DONE]"],
        &[
            START,
            "+0 of 0: Text",
            "0 a",
            "0 cites Some(\"https://e.com\")",
            "0 likely a -0.50",
            "-0",
            "stop 0 End",
            "end",
        ],
    );
}

#[test]
fn trap_109_fillers_say_nothing() {
    let chunk = format!(
        r#"{{{HEAD},"obfuscation":"abc","system_fingerprint":"f","moderation":{{}},"choices":[{{"index":0,"delta":{{"content":"a"}}}}]}}"#
    );
    reads(
        &[&chunk, "[DONE]"],
        &[START, "+0 of 0: Text", "0 a", "-0", "stop 0 End", "end"],
    );
}

#[test]
fn the_price_class_comes_before_the_answer() {
    let events = events(&[
        r#"{"id":"1","model":"m","service_tier":"default","choices":[{"delta":{"content":"a"}}]}"#,
        r#"{"id":"1","model":"m","service_tier":"default","choices":[{"delta":{"content":"b"}}]}"#,
    ]);
    assert_eq!(events[..2], ["tier default", "start 1 m None"]);
    assert_eq!(
        events
            .iter()
            .filter(|line| line.starts_with("tier"))
            .count(),
        1
    );
}
