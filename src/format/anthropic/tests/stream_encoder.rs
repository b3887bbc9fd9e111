use super::*;
use crate::ir::Seal;
use crate::ir::{BlockKind, Citation, Delta, ErrorKind, Stop, StopReason, Usage};

fn start() -> Event<'static> {
    Event::Start {
        id: "chatcmpl-1".into(),
        model: "m".into(),
        created: None,
        usage: Usage::default(),
    }
}

fn open(block: usize, kind: BlockKind<'static>) -> Event<'static> {
    Event::BlockStart {
        block,
        choice: 0,
        kind,
    }
}

fn tool(block: usize, id: &'static str) -> Event<'static> {
    open(
        block,
        BlockKind::ToolCall {
            id: id.into(),
            name: "f".into(),
            freeform: false,
        },
    )
}

fn text(block: usize, text: &'static str) -> Event<'static> {
    Event::Delta {
        block,
        delta: Delta::Text(text.into()),
    }
}

fn arguments(block: usize, text: &'static str) -> Event<'static> {
    Event::Delta {
        block,
        delta: Delta::Arguments(text.into()),
    }
}

fn close(block: usize) -> Event<'static> {
    Event::BlockStop { block }
}

fn stop(reason: StopReason) -> Event<'static> {
    Event::Stop {
        choice: 0,
        stop: Stop::new(reason),
    }
}

/// One short word for each event on the wire; checks what every client insists on.
fn outline(stream: &str) -> String {
    let mut parser = sse::Parser::new(1 << 20);
    parser.push(stream.as_bytes());
    let mut words = Vec::new();
    let (mut next, mut current) = (0, None);
    while let Some(item) = parser.next().unwrap() {
        let sse::Item::Event { name, data } = item else {
            panic!("a comment");
        };
        let event: Value = serde_json::from_slice(data).unwrap();
        assert_eq!(name.unwrap(), event["type"].as_str().unwrap().as_bytes());
        let index = event["index"].as_u64();
        let delta = &event["delta"];
        words.push(match event["type"].as_str().unwrap() {
            "message_start" => "start".to_owned(),
            "content_block_start" => {
                assert_eq!((index, current), (Some(next), None), "{stream}");
                current = index;
                next += 1;
                format!(
                    "{}{}",
                    event["content_block"]["type"].as_str().unwrap(),
                    index.unwrap()
                )
            }
            "content_block_delta" => {
                assert_eq!(index, current, "{stream}");
                let text = ["text", "thinking", "partial_json", "signature"]
                    .iter()
                    .find_map(|key| delta[key].as_str());
                format!(
                    "{}={}",
                    delta["type"].as_str().unwrap().split('_').next().unwrap(),
                    text.unwrap_or_default()
                )
            }
            "content_block_stop" => {
                assert_eq!(index, current, "{stream}");
                current = None;
                "stop".to_owned()
            }
            "message_delta" => {
                assert!(event["usage"]["output_tokens"].is_u64(), "{stream}");
                delta["stop_reason"].as_str().unwrap().to_owned()
            }
            "message_stop" => "end".to_owned(),
            other => other.to_owned(),
        });
    }
    words.join(" ")
}

fn outlined(events: &[Event<'_>]) -> String {
    outline(&encode_stream(events))
}

#[test]
fn a_whole_stream_to_the_letter() {
    let usage = Usage {
        input: Some(8),
        cache_read: Some(4),
        output: Some(9),
        ..Usage::default()
    };
    let stream = encode_stream(&[
        start(),
        open(0, BlockKind::Text),
        text(0, "Hi"),
        close(0),
        tool(1, "call_1"),
        arguments(1, "{\"a\":1}"),
        close(1),
        stop(StopReason::ToolUse),
        Event::Usage(usage),
        Event::End,
        Event::Ping,
        text(0, "late"),
    ]);
    let expected = sse_of(&[
        r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"call_1","name":"f","input":{}}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":8,"cache_read_input_tokens":4,"output_tokens":9}}"#,
        r#"{"type":"message_stop"}"#,
    ]);
    assert_eq!(stream, expected, "traps 85, 97, 98, 107 and 114");
}

#[test]
fn trap_082_interleaved_calls_are_put_in_order() {
    let events = [
        start(),
        tool(0, "a"),
        tool(1, "b"),
        arguments(0, "{\"x\":\"}"),
        arguments(1, "{\"y\""),
        arguments(0, "\"}"),
        arguments(1, ":2"),
        arguments(1, "}"),
        stop(StopReason::ToolUse),
        Event::End,
    ];
    assert_eq!(
        outlined(&events),
        r#"start ping tool_use0 input={"x":"} input="} stop tool_use1 input={"y" input=:2 input=} stop tool_use end"#
    );
}

#[test]
fn calls_that_never_end_are_flushed_in_order() {
    let events = [
        start(),
        tool(0, "a"),
        tool(1, "b"),
        tool(2, "c"),
        arguments(2, "{}"),
        arguments(1, "{\"y\":"),
        arguments(0, "{"),
        close(2),
        stop(StopReason::MaxTokens),
        Event::End,
    ];
    assert_eq!(
        outlined(&events),
        r#"start ping tool_use0 input={ stop tool_use1 input={"y": stop tool_use2 input={} stop max_tokens end"#
    );
}

#[test]
fn blocks_that_stay_open_make_way_and_go_on() {
    let events = [
        start(),
        open(0, BlockKind::Reasoning),
        text(0, "t"),
        open(1, BlockKind::Text),
        text(1, "a"),
        tool(2, "x"),
        arguments(2, "{}"),
        text(1, "b"),
        close(0),
        close(1),
        close(2),
        stop(StopReason::End),
        Event::End,
    ];
    assert_eq!(
        outlined(&events),
        "start ping thinking0 thinking=t stop text1 text=a stop tool_use2 input={} stop text3 text=b stop tool_use end"
    );
}

#[test]
fn text_waits_while_a_call_is_incomplete() {
    let events = [
        start(),
        tool(0, "x"),
        arguments(0, "{"),
        open(1, BlockKind::Text),
        text(1, "a"),
        text(1, "b"),
        arguments(0, "}"),
        close(0),
        text(1, "c"),
        stop(StopReason::End),
        Event::End,
    ];
    assert_eq!(
        outlined(&events),
        "start ping tool_use0 input={ input=} stop text1 text=ab text=c stop tool_use end"
    );
}

#[test]
fn trap_100_a_seal_comes_last_in_its_block() {
    let told = |minter: &'static str| {
        let seal = |block, seal: &'static str| Event::Delta {
            block,
            delta: Delta::Seal(Seal::new(minter, seal.into())),
        };
        [
            start(),
            open(0, BlockKind::Reasoning),
            seal(0, "s"),
            text(0, "t"),
            close(0),
            open(1, BlockKind::Redacted),
            seal(1, "d"),
            close(1),
            open(2, BlockKind::Redacted),
            close(2),
            stop(StopReason::End),
            Event::End,
        ]
    };
    assert_eq!(
        outlined(&told(ID)),
        "start ping thinking0 thinking=t signature=s stop redacted_thinking1 stop end_turn end"
    );
    let foreign = encode_stream(&told("gemini"));
    assert!(foreign.contains(r#""signature":"gem1:thought:s""#));
    assert!(foreign.contains(r#""data":"gem1:thought:d""#));
    assert_eq!(
        outlined(&told("nobody")),
        "start ping thinking0 thinking=t stop end_turn end",
        "nobody could use the seal"
    );
}

#[test]
fn trap_109_foreign_blocks_and_answers_do_not_leak() {
    let events = [
        start(),
        open(
            0,
            BlockKind::Native {
                value: json::Raw::EMPTY_OBJECT,
            },
        ),
        Event::Delta {
            block: 0,
            delta: Delta::Native(json::Raw::EMPTY_OBJECT),
        },
        Event::BlockStart {
            block: 1,
            choice: 1,
            kind: BlockKind::Text,
        },
        text(1, "second answer"),
        Event::Stop {
            choice: 1,
            stop: Stop::new(StopReason::MaxTokens),
        },
        stop(StopReason::End),
        Event::End,
    ];
    assert_eq!(outlined(&events), "start ping end_turn end");
}

#[test]
fn a_refusal_is_text_and_a_refusal() {
    let events = [
        start(),
        open(0, BlockKind::Refusal),
        text(0, "no"),
        close(0),
        stop(StopReason::End),
        Event::End,
    ];
    assert_eq!(
        outlined(&events),
        "start ping text0 text=no stop refusal end"
    );
}

#[test]
fn a_citation_of_elsewhere_is_a_search_result() {
    let citation = Event::Delta {
        block: 0,
        delta: Delta::Citation(Citation {
            url: Some("u".into()),
            ..Citation::default()
        }),
    };
    let stream = encode_stream(&[start(), open(0, BlockKind::Text), citation]);
    assert!(stream.contains(
        r#""delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","cited_text":"","encrypted_index":"","title":null,"url":"u"}}"#
    ));
}

#[test]
fn a_citation_of_no_web_page_is_left_out() {
    let delta = Delta::Citation(Citation::default());
    let citation = Event::Delta { block: 0, delta };
    let stream = encode_stream(&[start(), open(0, BlockKind::Text), citation]);
    assert!(!stream.contains("citations_delta"));
}

#[test]
fn free_text_of_a_custom_tool_is_its_one_input() {
    let kind = BlockKind::ToolCall {
        id: "".into(),
        name: "f".into(),
        freeform: true,
    };
    let events = [
        start(),
        open(0, kind),
        arguments(0, "a\"b"),
        arguments(0, "\n"),
        close(0),
        stop(StopReason::ToolUse),
        Event::End,
    ];
    let outline = outlined(&events);
    assert_eq!(
        outline,
        r#"start ping tool_use0 input={"input":" input=a\"b input=\n input="} stop tool_use end"#
    );
}

#[test]
fn trap_094_an_error_is_the_last_event_and_has_its_name() {
    let error = Error::new(ErrorKind::Overloaded, "busy");
    let stream = encode_stream(&[
        start(),
        open(0, BlockKind::Text),
        Event::Error(error),
        Event::End,
    ]);
    assert!(stream.ends_with(
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"},\"request_id\":null}\n\n"
    ));
}

#[test]
fn an_answer_without_content_is_complete() {
    assert_eq!(
        outlined(&[start(), stop(StopReason::End), Event::End]),
        "start ping end_turn end"
    );
    assert_eq!(outlined(&[start(), Event::End]), "start ping end_turn end");
}

#[test]
fn what_is_known_of_the_prompt_is_said_at_the_start() {
    let stream = encode_stream(&[Event::Start {
        id: "".into(),
        model: "m".into(),
        created: None,
        usage: Usage {
            input: Some(7),
            ..Usage::default()
        },
    }]);
    assert!(stream.contains(r#""usage":{"input_tokens":7,"output_tokens":0}"#));
    assert!(stream.contains(r#""id":"msg_"#));
}
