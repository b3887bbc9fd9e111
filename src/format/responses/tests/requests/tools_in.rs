//! Tools and the choice among them, as callers say it.

use super::*;
use crate::ir::{ToolChoice, ToolKind};

#[test]
fn trap_045_tools_are_read_as_they_lie() {
    let body = with(
        r#""tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true}]"#,
    );
    let request = decode(&body);
    let ToolKind::Function {
        name,
        description,
        parameters,
        strict,
    } = &request.tools[0].kind
    else {
        panic!("no function");
    };
    assert_eq!(name, &"f");
    assert_eq!(description.as_ref().unwrap(), &"d");
    assert_eq!(
        parameters.as_ref().unwrap().raw().get(),
        r#"{"type":"object"}"#
    );
    assert_eq!(*strict, Some(true));
}

#[test]
fn trap_046_a_tool_that_takes_free_text_has_a_grammar() {
    let body = with(
        r#""tools":[{"type":"custom","name":"c","format":{"type":"grammar","syntax":"lark"}}]"#,
    );
    let request = decode(&body);
    let ToolKind::Freeform { name, format, .. } = &request.tools[0].kind else {
        panic!("no custom tool");
    };
    assert_eq!(name, &"c");
    assert!(format.unwrap().get().contains("lark"));
}

#[test]
fn tools_in_a_namespace_are_flat_and_their_names_can_be_restored() {
    let mut exchange = exchange();
    let body = r#"{"model":"m","tools":[{"type":"namespace","name":"crm","description":"d","tools":[
            {"type":"function","name":"get"},{"type":"custom","name":"put"}]},
            {"type":"namespace","name":"twin","description":"d","tools":[{"type":"function","name":"twin"}]}],
        "input":[{"type":"function_call","call_id":"1","namespace":"crm","name":"get","arguments":"{}"},
            {"type":"function_call","call_id":"2","namespace":"lone","name":"lone","arguments":"{}"},
            {"type":"function_call","call_id":"3","namespace":"twin","name":"twin","arguments":"{}"}]}"#;
    let request = decode_in(body, &mut exchange);
    let names: Vec<String> = request
        .tools
        .iter()
        .map(|tool| match &tool.kind {
            ToolKind::Function { name, .. } => format!("function {}", name.decode()),
            ToolKind::Freeform { name, .. } => format!("freeform {}", name.decode()),
            ToolKind::Server { .. } => "server".to_owned(),
        })
        .collect();
    assert_eq!(
        names,
        [
            "function crm__get",
            "freeform crm__put",
            "function twin__twin"
        ]
    );
    assert_eq!(
        exchange.namespaces["crm__get"],
        ("crm".to_owned(), "get".to_owned())
    );
    let called: Vec<String> = request.turns[0]
        .parts
        .iter()
        .map(|part| match part {
            Part::ToolCall(call) => call.name.decode().into_owned(),
            _ => String::new(),
        })
        .collect();
    // What a search for tools found has a namespace of its own name.
    assert_eq!(called, ["crm__get", "lone", "twin__twin"]);
}

#[test]
fn a_web_search_can_be_said_elsewhere() {
    let body = with(
        r#""tools":[{"type":"web_search","filters":{"allowed_domains":["a.b"]},"user_location":{"city":"Graz"}},
        {"type":"mcp","server_label":"x"}]"#,
    );
    let request = decode(&body);
    let searches: Vec<_> = request
        .tools
        .iter()
        .map(|tool| match &tool.kind {
            ToolKind::Server { web_search, .. } => web_search.as_ref(),
            _ => panic!("no server tool"),
        })
        .collect();
    let search = searches[0].unwrap();
    assert_eq!(search.allowed_domains, ["a.b"]);
    assert_eq!(search.location.unwrap().get(), r#"{"city":"Graz"}"#);
    assert!(searches[1].is_none());
}

#[test]
fn members_of_a_tool_that_save_tokens_are_reported() {
    let body = with(
        r#""tools":[{"type":"function","name":"f","defer_loading":true,"output_schema":null,"allowed_callers":["direct"]}]"#,
    );
    let request = decode(&body);
    let mut losses = exchange().losses;
    losses.extra("tools[0]", &request.tools[0].extra).unwrap();
    let paths: Vec<_> = losses.iter().map(|loss| loss.path.to_string()).collect();
    assert_eq!(paths, ["tools[0].defer_loading"]);
}

#[test]
fn the_choice_is_read() {
    let choice = |choice: &str| {
        let body = with(&format!(r#""tool_choice":{choice}"#));
        decode(&body)
            .tool_choice
            .map(|choice| format!("{choice:?}"))
    };
    let is = |choice: ToolChoice<'_>| Some(format!("{choice:?}"));
    assert_eq!(choice(r#""auto""#), is(ToolChoice::Auto));
    assert_eq!(choice(r#""none""#), is(ToolChoice::None));
    assert_eq!(choice(r#""required""#), is(ToolChoice::Required));
    assert_eq!(
        choice(r#"{"type":"function","name":"f"}"#),
        is(ToolChoice::Named("f".into()))
    );
    assert_eq!(
        choice(r#"{"type":"custom","name":"c"}"#),
        is(ToolChoice::Named("c".into()))
    );
    assert_eq!(
        choice(
            r#"{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]}"#
        ),
        is(ToolChoice::Allowed {
            required: true,
            names: vec!["f".into()]
        })
    );
    assert!(
        choice(r#"{"type":"web_search"}"#)
            .unwrap()
            .starts_with("Native")
    );
    assert_eq!(choice("null"), None);
}

#[test]
fn what_a_namespace_is_for_is_lost_elsewhere() {
    let body = with(
        r#""tools":[{"type":"namespace","name":"crm","description":"Customers","tools":[{"type":"function","name":"get"}]}]"#,
    );
    assert_eq!(left_out(&decode(&body)).unwrap(), ["tools[0].description"]);
}
