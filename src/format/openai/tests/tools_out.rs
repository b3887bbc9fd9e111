//! Tools of other formats, for providers of this API.

use serde_json::json;

use super::*;
use crate::{
    ir::{Extra, Tool, ToolChoice, ToolKind},
    json::Raw,
};

fn function<'a>(name: &'a str, parameters: Option<&'a str>) -> Tool<'a> {
    Tool {
        kind: ToolKind::Function {
            name: name.into(),
            description: None,
            parameters: parameters.map(|schema| Raw::new(schema).unwrap().into()),
            strict: None,
        },
        cache: None,
        extra: Extra::default(),
    }
}

#[test]
fn trap_038_without_tools_there_is_nothing_to_choose() {
    let mut request = asking();
    request.tool_choice = Some(ToolChoice::Required);
    request.parallel_tool_calls = Some(false);
    assert_eq!(sent(&request), sent(&asking()));
}

#[test]
fn trap_039_the_schema_of_arguments_is_that_of_an_object() {
    let table = [
        (None, r#"{"type":"object","properties":{}}"#),
        (Some("null"), r#"{"type":"object","properties":{}}"#),
        (Some("{ }"), r#"{"type":"object","properties":{}}"#),
        (
            Some(r#"{"properties":{"a":{}}}"#),
            r#"{"type":"object","properties":{"a":{}}}"#,
        ),
        (
            Some(r#"{"type":"object","x":1}"#),
            r#"{"type":"object","x":1}"#,
        ),
    ];
    for (parameters, expected) in table {
        let mut request = asking();
        request.tools = vec![function("f", parameters)];
        assert_eq!(
            sent(&request)["tools"][0],
            json!({"type": "function", "function": {"name": "f", "parameters": value(expected)}})
        );
    }
    let mut request = asking();
    request.tools = vec![function("f", Some(r#"{"type":"string"}"#))];
    assert_eq!(rejected(&request).param.as_deref(), Some("functions[0]"));
}

#[test]
fn trap_035_036_illegal_names_are_rewritten_everywhere_and_remembered() {
    let long = "n".repeat(65);
    let mut request = asking();
    request.tools = ["a.b", "a/b", "a_b", &long]
        .map(|name| function(name, None))
        .to_vec();
    request.tool_choice = Some(ToolChoice::Named("a.b".into()));
    let mut call = crate::ir::ToolCall::default();
    (call.id, call.name) = ("c".into(), "a.b".into());
    request
        .turns
        .push(Turn::new(Role::Assistant, 1, vec![Part::ToolCall(call)]));
    let mut noted = exchange();
    let mut out = BytesMut::new();
    codec()
        .encode_request(&request, &Dialect::default(), &mut noted, &mut out)
        .unwrap();
    let body = value(&out);
    let name = |index: usize| body["tools"][index]["function"]["name"].as_str().unwrap();
    assert!(name(0).starts_with("a_b_") && name(0).len() == 12);
    assert_ne!(name(0), name(1));
    assert_eq!(name(2), "a_b");
    assert_eq!(name(3).len(), 64);
    assert_eq!(body["tool_choice"]["function"]["name"], name(0));
    assert_eq!(
        body["messages"][1]["tool_calls"][0]["function"]["name"],
        name(0)
    );
    assert_eq!(noted.tool_names.original(name(0)), Some("a.b"));
    assert_eq!(noted.tool_names.original("a_b"), None);
    assert_eq!(noted.provider, "openai");
}

#[test]
fn tool_choices_are_written_in_all_forms() {
    let freeform = Tool {
        kind: ToolKind::Freeform {
            name: "c".into(),
            description: Some("d".into()),
            format: Some(
                Raw::new(r#"{"type":"grammar","syntax":"lark","definition":"x"}"#).unwrap(),
            ),
        },
        cache: None,
        extra: Extra::default(),
    };
    let table = [
        (ToolChoice::Auto, json!("auto")),
        (ToolChoice::None, json!("none")),
        (ToolChoice::Required, json!("required")),
        (
            ToolChoice::Named("f".into()),
            json!({"type": "function", "function": {"name": "f"}}),
        ),
        (
            ToolChoice::Named("c".into()),
            json!({"type": "custom", "custom": {"name": "c"}}),
        ),
        (
            ToolChoice::Allowed {
                required: true,
                names: vec!["f".into()],
            },
            json!({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "f"}}]}}),
        ),
    ];
    for (choice, expected) in table {
        let mut request = asking();
        request.tools = vec![function("f", None), freeform.clone()];
        request.tool_choice = Some(choice);
        request.parallel_tool_calls = Some(false);
        let body = sent(&request);
        assert_eq!(body["tool_choice"], expected);
        assert_eq!(body["parallel_tool_calls"], false);
        assert_eq!(
            body["tools"][1],
            json!({"type": "custom", "custom": {"name": "c", "description": "d",
            "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "x"}}}})
        );
    }
}

#[test]
fn a_tool_that_another_provider_runs_is_refused() {
    let mut request = asking();
    request.tools = vec![
        function("f", None),
        Tool {
            kind: ToolKind::Server {
                kind: "search".into(),
                value: Raw::EMPTY_OBJECT,
                web_search: None,
            },
            cache: None,
            extra: Extra::default(),
        },
    ];
    assert_eq!(
        rejected(&request).param.as_deref(),
        Some("functions[1].type")
    );
}
