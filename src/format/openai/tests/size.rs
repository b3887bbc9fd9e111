//! What is long or deep. Each of the long ones would take minutes if it took time squared.

use super::*;
use crate::ir::{OutputFormat, Stop, StopReason, ToolChoice};
use crate::json::Raw;

const MANY: usize = 50_000;
const DEEP: usize = 100_000;

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
        schema: Some(Raw::new(&schema).unwrap().into()),
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

/// Lists in lists, so deep that nothing that calls itself for each would return.
fn deep() -> String {
    format!("{}1{}", "[".repeat(DEEP), "]".repeat(DEEP))
}

/// The same of schemas.
fn deep_schema() -> String {
    format!("{}{{}}{}", r#"{"items":"#.repeat(DEEP), "}".repeat(DEEP))
}

/// What is sent, to servers of this API and to those of others. Not read, because a test's reader calls itself.
fn sent_unread(request: &mut Request<'_>) -> [String; 2] {
    ["openai", "other"].map(|format| {
        request.format = format;
        let mut out = BytesMut::new();
        codec()
            .encode_request(request, &Dialect::default(), &mut exchange(), &mut out)
            .unwrap();
        String::from_utf8(out.to_vec()).unwrap()
    })
}

#[test]
fn deep_schemas_and_values_are_carried_along() {
    let (deep, schema) = (deep(), deep_schema());
    let members = [
        format!(
            r#""tools":[{{"type":"function","function":{{"name":"f","parameters":{schema}}}}}]"#
        ),
        format!(
            r#""response_format":{{"type":"json_schema","json_schema":{{"name":"s","schema":{schema}}}}}"#
        ),
        format!(r#""unknown":{deep}"#),
    ];
    for member in &members {
        let body = with(member);
        let [own, _] = sent_unread(&mut decode(&body));
        assert!(own.contains(&schema) || own.contains(&deep));
    }
    let body = saying(&format!(
        r#"[{{"role":"assistant","tool_calls":[{{"id":"c","function":{{"name":"f","arguments":{deep}}}}}]}}]"#
    ));
    for sent in sent_unread(&mut decode(&body)) {
        assert!(sent.contains(&deep));
    }
}

#[test]
fn deep_values_where_others_belong_are_refused_with_their_place() {
    let deep = deep();
    let choices = format!(
        "{}1{}",
        r#"{"allowed_tools":{"tools":["#.repeat(DEEP),
        "]}}".repeat(DEEP)
    );
    let table = [
        (
            saying(&format!(r#"[{{"role":"user","content":{deep}}}]"#)),
            "messages[0].content[0]",
        ),
        (
            saying(&format!(
                r#"[{{"role":"user","content":[{{"type":"image_url","image_url":{deep}}}]}}]"#
            )),
            "messages[0].content[0].image_url",
        ),
        (
            saying(&format!(
                r#"[{{"role":"user","content":[{{"type":"text","text":{deep}}}]}}]"#
            )),
            "messages[0].content[0].text",
        ),
        (with(&format!(r#""tool_choice":{choices}"#)), "tool_choice"),
        (with(&format!(r#""tools":{deep}"#)), "tools[0]"),
        (
            with(&format!(r#""response_format":{deep}"#)),
            "response_format",
        ),
        (with(&format!(r#""stop":{deep}"#)), "stop"),
        (with(&format!(r#""max_tokens":{deep}"#)), "max_tokens"),
    ];
    for (body, place) in table {
        assert_eq!(refused(&body).param.as_deref(), Some(place));
    }
}

#[test]
fn deep_values_in_answers_are_carried_along() {
    let deep = deep();
    let message = format!(
        r#"{{"content":{deep},"annotations":{deep},"thinking_blocks":{deep},"tool_calls":[{{"id":"c","function":{{"name":"f","arguments":{deep}}}}}]}}"#
    );
    let body = format!(r#"{{"choices":[{{"message":{message}}}],"usage":{deep}}}"#);
    let mut out = BytesMut::new();
    codec()
        .encode_response(&answer(&body), &mut exchange(), &mut out)
        .unwrap();
    let chunk = format!(r#"{{"choices":[{{"delta":{message}}}]}}"#);
    let events = events(&[&chunk, "[DONE]"]);
    assert!(events.contains(&format!("0 {deep}")));
    assert!(refused_answer(&format!(r#"{{"error":{deep}}}"#)));
}

fn refused_answer(body: &str) -> bool {
    codec().decode_response(body.as_bytes()).is_err()
}
