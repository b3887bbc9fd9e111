use super::*;
use crate::ir::{Delta, ErrorKind, StopReason};

const START: &str = r#"{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":8,"output_tokens":1}}}"#;
const STOP: &str = r#"{"type":"message_stop"}"#;
const TEXT: &str =
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
const END_TURN: &str =
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#;
const TOOL: &str = r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}"#;

/// One short word for each event.
fn outline(events: &[&str]) -> String {
    outline_of(&sse_of(events), StreamEnd::Clean)
}

fn outline_of(stream: &str, end: StreamEnd) -> String {
    let mut words = Vec::new();
    run_stream(stream, end, &mut |event| {
        words.push(match event {
            Event::Start { id, .. } => format!("start:{}", id.decode()),
            Event::BlockStart { block, .. } => format!("open{block}"),
            Event::Delta { block, delta } => match delta {
                Delta::Text(text) => format!("text{block}:{}", text.decode()),
                Delta::Arguments(text) => format!("arguments{block}:{}", text.decode()),
                Delta::Seal(seal) => format!("seal{block}:{}", seal.data.decode()),
                Delta::Citation(_) => format!("citation{block}"),
                Delta::Native(_) => format!("native{block}"),
                other => format!("{other:?}"),
            },
            Event::BlockStop { block } => format!("close{block}"),
            Event::Usage(usage) => format!("usage:{}", usage.output.unwrap_or_default()),
            Event::Stop { stop, .. } => format!("stop:{:?}", stop.reason),
            Event::ServiceTier(tier) => format!("tier {}", tier.decode()),
            Event::Ping => "ping".to_owned(),
            Event::End => "end".to_owned(),
            Event::Error(error) => format!("error:{:?}", error.kind),
        });
    });
    words.join(" ")
}

#[test]
fn text_that_comes_with_the_start_of_its_block_is_not_lost() {
    let start = TEXT.replace("\"\"", "\"Hi\"");
    assert_eq!(
        outline(&[
            START,
            &start,
            r#"{"type":"content_block_stop","index":0}"#,
            END_TURN,
            STOP
        ]),
        "start:msg_1 open0 text0:Hi close0 usage:9 stop:End end"
    );
}

#[test]
fn trap_083_a_call_without_arguments_has_empty_ones_once() {
    let empty = r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}"#;
    let stop = r#"{"type":"content_block_stop","index":1}"#;
    for events in [
        &[START, TOOL, stop, END_TURN, STOP][..],
        &[START, TOOL, empty, stop, END_TURN, STOP],
    ] {
        assert_eq!(
            outline(events),
            "start:msg_1 open0 arguments0:{} close0 usage:9 stop:ToolUse end"
        );
    }
}

#[test]
fn trap_084_arguments_of_the_start_count_only_if_none_follow() {
    let start = TOOL.replace("\"input\":{}", r#""input":{"a": 1}"#);
    let delta = r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"b\":2}"}}"#;
    let stop = r#"{"type":"content_block_stop","index":1}"#;
    assert!(
        outline(&[START, &start, stop, END_TURN, STOP]).contains("arguments0:{\"a\":1} close0")
    );
    assert!(
        outline(&[START, &start, delta, stop, END_TURN, STOP])
            .contains("open0 arguments0:{\"b\":2} close0")
    );
}

#[test]
fn trap_100_thoughts_and_seals_are_read() {
    let events = [
        START,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"a","signature":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"b"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"d"}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        END_TURN,
        STOP,
    ];
    assert_eq!(
        outline(&events),
        "start:msg_1 open0 text0:a text0:b seal0:s close0 open1 seal1:d close1 usage:9 stop:End end"
    );
}

#[test]
fn what_is_unknown_breaks_nothing() {
    let events = [
        START,
        r#"{"type":"tomorrow","x":[1]}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"tomorrow"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"tomorrow_delta"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        &TEXT.replace("\"index\":0", "\"index\":1"),
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"tomorrow_delta","x":1}}"#,
        r#"{"type":"content_block_stop","index":7}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tomorrow"}}"#,
        STOP,
    ];
    assert_eq!(
        outline(&events),
        "start:msg_1 open0 native0 close0 open1 close1 stop:End end"
    );
}

#[test]
fn blocks_are_numbered_as_they_come_and_closed_before_the_stop() {
    let events = [
        START,
        &TEXT.replace("\"index\":0", "\"index\":5"),
        TOOL,
        END_TURN,
        STOP,
    ];
    assert_eq!(
        outline(&events),
        "start:msg_1 open0 open1 usage:9 close0 arguments1:{} close1 stop:ToolUse end"
    );
}

#[test]
fn a_block_without_a_start_is_told_by_its_first_delta() {
    let delta =
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}"#;
    assert_eq!(
        outline(&[delta, delta, END_TURN, STOP]),
        "start: open0 text0:x text0:x usage:9 close0 stop:End end"
    );
}

#[test]
fn trap_113_counts_replace_each_other_and_null_says_nothing() {
    let delta =
        r#"{"type":"message_delta","delta":{},"usage":{"input_tokens":null,"output_tokens":3}}"#;
    let mut total = crate::ir::Usage::default();
    run_stream(
        &sse_of(&[START, delta, END_TURN, STOP]),
        StreamEnd::Clean,
        &mut |event| match event {
            Event::Start { usage, .. } | Event::Usage(usage) => total.update(&usage),
            _ => {}
        },
    );
    assert_eq!((total.input, total.output), (Some(8), Some(9)));
}

#[test]
fn a_stop_without_a_reason_is_inferred() {
    assert_eq!(
        outline(&[START, TOOL, STOP]),
        "start:msg_1 open0 arguments0:{} close0 stop:ToolUse end"
    );
}

#[test]
fn trap_089_the_end_of_the_bytes_is_an_end_only_after_a_stop() {
    assert_eq!(
        outline(&[START, END_TURN]),
        "start:msg_1 usage:9 stop:End end"
    );
    assert_eq!(
        outline(&[START, TEXT]),
        "start:msg_1 open0 error:BadGateway"
    );
    assert_eq!(outline(&[]), "error:BadGateway");
    assert_eq!(
        outline_of(
            &format!("{}data: [DONE]\n\n", sse_of(&[START, END_TURN])),
            StreamEnd::Clean
        ),
        "start:msg_1 usage:9 stop:End end"
    );
}

#[test]
fn trap_096_a_broken_connection_is_an_error() {
    let broken = StreamEnd::Failed(Error::new(ErrorKind::GatewayTimeout, "late"));
    assert_eq!(
        outline_of(&sse_of(&[START, TEXT]), broken),
        "start:msg_1 open0 error:GatewayTimeout"
    );
}

#[test]
fn trap_094_an_error_ends_the_stream() {
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    assert_eq!(
        outline(&[START, error, TEXT, STOP]),
        "start:msg_1 error:Overloaded"
    );
    assert_eq!(outline(&[error]), "error:Overloaded");
}

#[test]
fn trap_107_what_comes_after_the_end_is_ignored() {
    assert_eq!(
        outline(&[START, END_TURN, STOP, TEXT, STOP, START]),
        "start:msg_1 usage:9 stop:End end"
    );
}

#[test]
fn what_is_no_json_ends_the_stream() {
    assert_eq!(
        outline_of("data: {\"type\":\n\n", StreamEnd::Clean),
        "error:BadGateway"
    );
}

#[test]
fn traps_092_093_signs_of_life_are_passed_on_and_names_without_data_are_not() {
    let stream = format!(
        ": hello\n\nevent: ping\n\nevent: ping\ndata: {{}}\n\n{}",
        sse_of(&[START, END_TURN, STOP])
    );
    assert_eq!(
        outline_of(&stream, StreamEnd::Clean),
        "ping ping start:msg_1 usage:9 stop:End end"
    );
}

#[test]
fn the_stop_tells_what_was_met() {
    let delta =
        r#"{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"X"}}"#;
    let mut seen = None;
    run_stream(
        &sse_of(&[START, delta, STOP]),
        StreamEnd::Clean,
        &mut |event| {
            if let Event::Stop { stop, .. } = event {
                seen = Some((stop.reason, stop.sequence.unwrap().decode().into_owned()));
            }
        },
    );
    assert_eq!(seen, Some((StopReason::StopSequence, "X".to_owned())));
    assert_eq!(
        decode_stream("", StreamEnd::Clean).len(),
        1,
        "finishing twice does nothing"
    );
}

#[test]
fn the_price_class_comes_before_the_start() {
    let start = r#"{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":1,"service_tier":"standard"}}}"#;
    assert_eq!(
        outline(&[start, END_TURN, STOP]),
        "tier standard start:msg_1 usage:9 stop:End end"
    );
}
