use super::*;

const CREATED: &str =
    r#"{"type":"response.created","response":{"id":"resp_1","model":"m","created_at":7}}"#;
const MESSAGE: &str = r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"msg_1","type":"message","content":[]}}"#;
const DELTA: &str = r#"{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"a","logprobs":[],"obfuscation":"zz"}"#;
const MESSAGE_DONE: &str = r#"{"type":"response.output_item.done","output_index":0,"item":{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"a"}]}}"#;

fn completed(output: &str) -> String {
    format!(
        r#"{{"type":"response.completed","response":{{"id":"resp_1","status":"completed","output":[{output}]}}}}"#
    )
}

fn texts(events: &[&str]) -> Vec<String> {
    let fold = fold_stream(events);
    assert!(fold.is_complete(), "{:?}", fold.error());
    let response = fold.response();
    let parts = response.choices[0].parts.iter();
    parts.map(|part| format!("{part:?}")).collect()
}

#[test]
fn trap_109_a_text_is_told_piece_by_piece() {
    let told = decode_stream(&[CREATED, MESSAGE, DELTA, MESSAGE_DONE, &completed("")]);
    assert_eq!(told.len(), 6, "{told:#?}");
    assert!(
        told[0].contains("resp_1") && told[0].contains("Some(7)"),
        "{told:#?}"
    );
    assert!(!told.concat().contains("zz"));
    assert_eq!(told[5], "End");
}

#[test]
fn what_was_not_streamed_is_told_at_the_end() {
    let call =
        r#"{"id":"fc_1","type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":1}"}"#;
    let parts = texts(&[
        CREATED,
        &completed(&format!(
            r#"{{"id":"rs_1","type":"reasoning","summary":[{{"text":"t"}}],"encrypted_content":"x"}},{call}"#
        )),
    ]);
    assert_eq!(parts.len(), 2);
    assert!(
        parts[0].contains('t') && parts[1].contains(r#"{\"a\":1}"#),
        "{parts:#?}"
    );
}

#[test]
fn what_was_streamed_is_not_told_again() {
    let message =
        r#"{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"a"}]}"#;
    let parts = texts(&[CREATED, MESSAGE, DELTA, MESSAGE_DONE, &completed(message)]);
    assert_eq!(parts.len(), 1);
    assert!(parts[0].contains(r#"text: "a""#), "{parts:?}");
}

#[test]
fn a_full_text_counts_if_no_piece_came() {
    let done = r#"{"type":"response.output_text.done","item_id":"msg_1","output_index":0,"content_index":0,"text":"all"}"#;
    let parts = texts(&[CREATED, MESSAGE, done, &completed("")]);
    assert!(parts[0].contains(r#"text: "all""#), "{parts:?}");
}

#[test]
fn trap_081_calls_keep_to_their_own_arguments() {
    let added = |index: u64| {
        format!(
            r#"{{"type":"response.output_item.added","output_index":{index},"item":{{"id":"fc_{index}","type":"function_call","call_id":"c{index}","name":"f","arguments":""}}}}"#
        )
    };
    let delta = |index: u64, text: &str| {
        format!(
            r#"{{"type":"response.function_call_arguments.delta","item_id":"fc_{index}","output_index":{index},"delta":"{text}"}}"#
        )
    };
    let events = [
        CREATED.to_owned(),
        added(0),
        added(1),
        delta(0, "["),
        delta(1, "{"),
        delta(0, "]"),
        delta(1, "}"),
        completed(""),
    ];
    let parts = texts(&events.each_ref().map(String::as_str));
    assert!(
        parts[0].contains(r#"Text("[]")"#) && parts[1].contains(r#"Text("{}")"#),
        "{parts:#?}"
    );
}

#[test]
fn a_call_without_arguments_has_an_empty_object_once() {
    let added = r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"fc_0","type":"function_call","call_id":"c","name":"f","arguments":""}}"#;
    let empty = r#"{"type":"response.function_call_arguments.delta","item_id":"fc_0","output_index":0,"delta":""}"#;
    let done = r#"{"type":"response.output_item.done","output_index":0,"item":{"id":"fc_0","type":"function_call","call_id":"c","name":"f","arguments":""}}"#;
    let parts = texts(&[CREATED, added, empty, done, &completed("")]);
    assert!(parts[0].contains(r#"Text("{}")"#), "{parts:#?}");
}

#[test]
fn parts_of_a_thought_have_an_empty_line_between_them() {
    let added = r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}}"#;
    let delta = |index: u64, text: &str| {
        format!(
            r#"{{"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":{index},"delta":"{text}"}}"#
        )
    };
    let done = r#"{"type":"response.output_item.done","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"text":"ab"},{"text":"c"}],"encrypted_content":"x"}}"#;
    let parts = texts(&[
        CREATED,
        added,
        &delta(0, "a"),
        &delta(0, "b"),
        &delta(1, "c"),
        done,
        &completed(""),
    ]);
    assert!(
        parts[0].contains(r#"text: "ab\n\nc""#) && parts[0].contains(r#"id: "rs_1""#),
        "{parts:#?}"
    );
}

#[test]
fn trap_076_an_incomplete_stream_is_complete() {
    let end = r#"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}}"#;
    let told = decode_stream(&[CREATED, MESSAGE, DELTA, end]);
    assert!(told[told.len() - 2].contains("MaxTokens"), "{told:#?}");
    assert_eq!(told[told.len() - 1], "End");
}

#[test]
fn trap_096_a_stream_that_stops_is_cut() {
    let told = decode_stream(&[CREATED, MESSAGE, DELTA]);
    assert!(
        told.last().unwrap().contains("upstream_stream_truncated"),
        "{told:#?}"
    );
}

#[test]
fn trap_094_errors_are_told_however_they_come() {
    for error in [
        r#"{"type":"error","code":"rate_limit_exceeded","message":"slow","param":null,"sequence_number":3}"#,
        r#"{"type":"error","error":{"type":"rate_limit_error","code":"rate_limit_exceeded","message":"slow"}}"#,
        r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"}}}"#,
    ] {
        let fold = fold_stream(&[CREATED, MESSAGE, DELTA, error]);
        let error = fold.error().unwrap();
        assert_eq!(
            (error.kind, &*error.message),
            (crate::ir::ErrorKind::RateLimited, "slow")
        );
    }
}

#[test]
fn trap_107_what_comes_behind_the_end_is_ignored() {
    let told = decode_stream(&[
        CREATED,
        &completed(""),
        DELTA,
        r#"{"type":"error","message":"late"}"#,
    ]);
    assert_eq!(told.last().unwrap(), "End");
}

#[test]
fn trap_086_a_stream_without_counts_ends_all_the_same() {
    let told = decode_stream(&[CREATED, &completed("")]);
    assert!(!told.concat().contains("Usage("), "{told:#?}");
    assert_eq!(told.last().unwrap(), "End");
}

#[test]
fn unknown_events_and_items_break_nothing() {
    let parts = texts(&[
        CREATED,
        r#"{"type":"response.tomorrow","output_index":4}"#,
        r#"{"type":"response.output_item.added","output_index":9,"item":{"id":"x_1","type":"tomorrow"}}"#,
        r#"{"type":"response.tomorrow.delta","item_id":"x_1","output_index":9,"delta":{}}"#,
        r#"{"type":"response.output_text.delta","delta":"b"}"#,
        &completed(""),
    ]);
    assert_eq!(parts.len(), 2, "{parts:#?}");
}

#[test]
fn a_whole_answer_and_its_stream_are_the_same() {
    let message = r#"{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"a"},{"type":"refusal","refusal":"no"}]}"#;
    let end = completed(message);
    let streamed = fold_stream(&[
        CREATED,
        MESSAGE,
        DELTA,
        MESSAGE_DONE
            .replace("]}}", r#",{"type":"refusal","refusal":"no"}]}}"#)
            .as_str(),
        &end,
    ]);
    let body = value(&end)["response"].to_string();
    let whole = read_answer(&body).unwrap();
    let choices = (&streamed.response().choices[0], &whole.choices[0]);
    assert_eq!(
        format!("{:?}", choices.0.stop),
        format!("{:?}", choices.1.stop)
    );
    assert_eq!(
        format!("{:?}", choices.0.parts),
        format!("{:?}", choices.1.parts)
    );
}
