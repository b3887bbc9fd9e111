//! Tools and the choice among them, for a provider.

use super::*;
use crate::{
    format::ServerTools,
    ir::{Schema, Tool, ToolChoice, ToolKind, WebSearch},
    json::Raw,
};

fn raw(text: &'static str) -> Raw<'static> {
    Raw::new(text).unwrap()
}

fn function_with(name: &'static str, parameters: Option<&'static str>) -> Tool<'static> {
    Tool::new(ToolKind::Function {
        name: name.into(),
        description: None,
        parameters: parameters.map(|parameters| Schema::from(raw(parameters))),
        strict: None,
    })
}

pub(super) fn function(name: &'static str) -> Vec<Tool<'static>> {
    vec![function_with(name, None)]
}

fn freeform(name: &'static str, format: &'static str) -> Tool<'static> {
    Tool::new(ToolKind::Freeform {
        name: name.into(),
        description: Some("d".into()),
        format: Some(raw(format)),
    })
}

fn search(search: WebSearch<'static>) -> Tool<'static> {
    Tool::new(ToolKind::Server {
        kind: "search".into(),
        value: Raw::EMPTY_OBJECT,
        web_search: Some(search),
    })
}

fn with_tools(tools: Vec<Tool<'static>>) -> Request<'static> {
    Request {
        tools,
        ..foreign(vec![user(vec![Part::text("hi")])])
    }
}

fn tool(tool: Tool<'static>) -> Value {
    sent(&with_tools(vec![tool]))["tools"][0].take()
}

#[test]
fn trap_039_trap_045_a_function_always_has_parameters_and_strictness() {
    let expected = r#"{"type":"function","name":"f","parameters":{"type":"object","properties":{}},"strict":false}"#;
    for parameters in [None, Some("{}"), Some("null")] {
        assert_eq!(tool(function_with("f", parameters)), value(expected));
    }
    let typed = tool(function_with("f", Some(r#"{"properties":{"a":{}}}"#)));
    assert_eq!(
        typed["parameters"],
        value(r#"{"type":"object","properties":{"a":{}}}"#)
    );
}

#[test]
fn strictness_is_what_the_caller_said() {
    let mut strict = function_with("f", Some(r#"{"type":"object"}"#));
    if let ToolKind::Function { strict, .. } = &mut strict.kind {
        *strict = Some(true);
    }
    assert_eq!(tool(strict)["strict"], true);
}

#[test]
fn arguments_that_are_no_object_are_refused() {
    let request = with_tools(vec![function_with("f", Some(r#"{"type":"array"}"#))]);
    assert_eq!(rejected(&request).param.unwrap(), "tools[0]");
}

#[test]
fn trap_046_a_grammar_stands_beside_its_type() {
    let expected = r#"{"type":"custom","name":"c","description":"d",
        "format":{"type":"grammar","syntax":"lark","definition":"x"}}"#;
    for format in [
        r#"{"type":"grammar","syntax":"lark","definition":"x"}"#,
        r#"{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}"#,
    ] {
        assert_eq!(tool(freeform("c", format)), value(expected));
    }
}

#[test]
fn trap_035_trap_036_a_name_that_is_not_allowed_is_rewritten_everywhere() {
    let mut request = with_tools(vec![function_with("a.b", None), function_with("a/b", None)]);
    request.tool_choice = Some(ToolChoice::Named("a.b".into()));
    request
        .turns
        .push(assistant(vec![Part::ToolCall(crate::ir::ToolCall {
            id: "1".into(),
            name: "a.b".into(),
            ..crate::ir::ToolCall::default()
        })]));
    let mut exchange = exchange();
    let body = value(written(&request, &Dialect::default(), &mut exchange).unwrap());
    let name = body["tools"][0]["name"].as_str().unwrap();
    assert!(name.starts_with("a_b_") && name.len() <= 64, "{name}");
    assert_ne!(body["tools"][1]["name"], name);
    assert_eq!(body["tool_choice"]["name"], name);
    assert_eq!(body["input"][1]["name"], name);
    assert_eq!(exchange.tool_names.original(name), Some("a.b"));
}

#[test]
fn trap_038_without_tools_nothing_is_said_of_them() {
    let mut request = with_tools(Vec::new());
    request.tool_choice = Some(ToolChoice::Auto);
    request.parallel_tool_calls = Some(false);
    let body = sent(&request);
    for key in ["tools", "tool_choice", "parallel_tool_calls"] {
        assert!(body[key].is_null(), "{key}");
    }
}

#[test]
fn the_choice_is_said() {
    let choice = |choice| {
        let mut request = with_tools(vec![
            function_with("f", None),
            freeform("c", r#"{"type":"text"}"#),
        ]);
        request.tool_choice = Some(choice);
        sent(&request)["tool_choice"].take()
    };
    assert_eq!(choice(ToolChoice::Auto), "auto");
    assert_eq!(choice(ToolChoice::None), "none");
    assert_eq!(choice(ToolChoice::Required), "required");
    assert_eq!(
        choice(ToolChoice::Named("f".into())),
        value(r#"{"type":"function","name":"f"}"#)
    );
    assert_eq!(
        choice(ToolChoice::Named("c".into())),
        value(r#"{"type":"custom","name":"c"}"#)
    );
    assert_eq!(
        choice(ToolChoice::Allowed {
            required: true,
            names: vec!["f".into(), "c".into()]
        }),
        value(
            r#"{"type":"allowed_tools","mode":"required","tools":[
            {"type":"function","name":"f"},{"type":"custom","name":"c"}]}"#
        )
    );
}

#[test]
fn a_choice_that_only_its_own_format_can_say_is_refused() {
    let mut request = with_tools(function("f"));
    request.tool_choice = Some(ToolChoice::Native(Raw::EMPTY_OBJECT));
    assert_eq!(rejected(&request).param.unwrap(), "tool_choice");
}

#[test]
fn a_tool_that_the_callers_provider_would_run_is_refused() {
    let request = with_tools(vec![search(WebSearch::default())]);
    assert_eq!(rejected(&request).param.unwrap(), "tools[0].type");
}

#[test]
fn a_web_search_is_mapped_where_the_dialect_says_so() {
    let dialect = Dialect {
        server_tools: ServerTools::Map,
        ..Dialect::default()
    };
    let mut request = with_tools(vec![search(WebSearch {
        allowed_domains: vec!["a.b".into()],
        blocked_domains: vec!["c.d".into()],
        location: Some(raw(r#"{"type":"approximate","city":"Graz","x":1}"#)),
        max_uses: Some(3),
        ..WebSearch::default()
    })]);
    request.tool_choice = Some(ToolChoice::Named("web_search".into()));
    let (body, losses) = sent_as(&request, &dialect);
    let expected = r#"[{"type":"web_search","filters":{"allowed_domains":["a.b"]},
        "user_location":{"type":"approximate","city":"Graz"}}]"#;
    assert_eq!(body["tools"], value(expected));
    assert_eq!(body["tool_choice"], value(r#"{"type":"web_search"}"#));
    assert_eq!(losses, ["tools[0].blocked_domains", "tools[0].max_uses"]);
}

#[test]
fn a_tool_that_is_dropped_takes_the_choice_of_it_along() {
    let dialect = Dialect {
        server_tools: ServerTools::Drop,
        ..Dialect::default()
    };
    let mut request = with_tools(vec![search(WebSearch::default()), function_with("f", None)]);
    request.tool_choice = Some(ToolChoice::Named("web_search".into()));
    let (body, losses) = sent_as(&request, &dialect);
    assert_eq!(body["tools"].as_array().unwrap().len(), 1);
    assert!(body["tool_choice"].is_null());
    assert_eq!(losses, ["tools[0].type", "tool_choice"]);
}
