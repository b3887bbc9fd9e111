//! What is long or deep. Each of the long ones would take minutes if it took time squared.

use super::*;
use crate::ir::{OutputFormat, ToolChoice};
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
