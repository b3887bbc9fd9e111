//! What is long or deep. Each of the long ones would take minutes if it took time squared.

use super::*;
use crate::ir::{OutputFormat, Stop, StopReason, ToolChoice};
use crate::json::Raw;

const MANY: usize = 50_000;

fn list(element: impl Fn(usize) -> String) -> String {
    let elements: Vec<String> = (0..MANY).map(element).collect();
    format!("[{}]", elements.join(","))
}

#[test]
fn many_parts_of_unknown_kinds() {
    let parts = list(|_| r#"{"type":"x"}"#.to_owned());
    let body = saying(&format!(r#"[{{"role":"user","content":{parts}}}]"#));
    let request = decode(&body);
    let parts = &request.turns[0].parts;
    assert_eq!(parts.len(), MANY);
    assert!(
        matches!(&parts[MANY - 1], Part::Native { value, .. } if value.get() == r#"{"type":"x"}"#)
    );
}

#[test]
fn many_allowed_tools() {
    let tools = list(|n| format!(r#"{{"type":"custom","custom":{{"name":"t{n}"}}}}"#));
    let body = with(&format!(
        r#""tools":{tools},"tool_choice":{{"type":"allowed_tools","allowed_tools":{{"mode":"auto","tools":{tools}}}}}"#
    ));
    let request = decode(&body);
    assert!(
        matches!(&request.tool_choice, Some(ToolChoice::Allowed { names, .. }) if names.len() == MANY)
    );
    let allowed = &sent(&request)["tool_choice"]["allowed_tools"]["tools"];
    assert_eq!(
        allowed[MANY - 1]["custom"]["name"],
        format!("t{}", MANY - 1)
    );
}

#[test]
fn many_required_properties() {
    let properties: Vec<String> = (0..MANY).map(|n| format!(r#""p{n}":{{}}"#)).collect();
    // In the other order, so that a search from the front is a long one.
    let required = list(|n| format!(r#""p{}""#, MANY - 1 - n));
    let schema = format!(
        r#"{{"type":"object","additionalProperties":false,"properties":{{{}}},"required":{required}}}"#,
        properties.join(",")
    );
    let mut request = asking();
    request.output = Some(OutputFormat::JsonSchema {
        name: None,
        description: None,
        schema: Some(Raw::new(&schema).unwrap()),
        strict: None,
    });
    assert_eq!(
        sent(&request)["response_format"]["json_schema"]["strict"],
        true
    );
}

#[test]
fn a_stream_with_an_impossible_choice_fails_at_once() {
    for index in ["128", "1099511627776", "18446744073709551616", "1e300"] {
        let chunk = format!(r#"{{"choices":[{{"index":{index},"delta":{{"content":"a"}}}}]}}"#);
        let events = events(&[&chunk]);
        assert!(
            events.last().unwrap().starts_with("error BadGateway"),
            "{events:?}"
        );
    }
}

#[test]
fn choices_keep_their_numbers_whichever_begins() {
    let chunk = |index: usize| {
        format!(
            r#"{{"choices":[{{"index":{index},"delta":{{"content":"a"}},"finish_reason":"stop"}}]}}"#
        )
    };
    let events = events(&[&chunk(127), &chunk(0), "[DONE]"]);
    assert!(events.contains(&"+0 of 127: Text".to_owned()), "{events:?}");
    assert!(events.contains(&"+1 of 0: Text".to_owned()), "{events:?}");
}

#[test]
fn writing_a_choice_costs_the_same_whatever_its_number() {
    let choice = usize::MAX;
    let stream = written(
        &[
            Event::BlockStart {
                block: 0,
                choice,
                kind: BlockKind::Text,
            },
            Event::Delta {
                block: 0,
                delta: Delta::Text("a".into()),
            },
            Event::BlockStop { block: 0 },
            Event::Stop {
                choice,
                stop: Stop::new(StopReason::End),
            },
            Event::End,
        ],
        exchange(),
    );
    assert_eq!(stream.matches(r#""index":18446744073709551615"#).count(), 3);
}

#[test]
fn many_calls_in_a_stream_with_any_numbers() {
    let call = |index: usize, members: &str| {
        let index = (u64::MAX - index as u64).to_string();
        format!(
            r#"{{"choices":[{{"index":0,"delta":{{"tool_calls":[{{"index":{index},"function":{{{members}}}}}]}}}}]}}"#
        )
    };
    let first = (0..MANY).map(|n| call(n, r#""name":"f","arguments":"{""#));
    let second = (0..MANY).map(|n| call(n, r#""arguments":"}""#));
    let mut chunks: Vec<String> = first.chain(second).collect();
    chunks.push("[DONE]".to_owned());
    let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
    let events = events(&chunks);
    let pieces = |text: &str| events.iter().filter(|line| line.ends_with(text)).count();
    assert_eq!(
        (pieces(" f"), pieces(" {"), pieces(" }")),
        (MANY, MANY, MANY)
    );
    assert_eq!(events.last().unwrap(), "end");
}
