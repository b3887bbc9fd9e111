use super::*;
use crate::{
    ir::{Tool, ToolChoice, ToolKind, WebSearch},
    json::Raw,
};

fn function(name: &str, schema: Option<&'static str>) -> Tool<'static> {
    Tool::new(ToolKind::Function {
        name: name.to_owned().into(),
        description: Some("d".into()),
        parameters: schema.map(|schema| Raw::new(schema).unwrap().into()),
        strict: None,
    })
}

fn with(tools: Vec<Tool<'static>>, choice: Option<ToolChoice<'static>>) -> Request<'static> {
    Request {
        tools,
        tool_choice: choice,
        ..other(OLD)
    }
}

#[test]
fn all_functions_are_in_one_element() {
    let written = write(&with(vec![function("f", None), function("g", None)], None)).unwrap();
    let parameters = json!({"type": "object", "properties": {}});
    assert_eq!(
        written.json["tools"],
        json!([{"functionDeclarations": [
            {"name": "f", "description": "d", "parametersJsonSchema": parameters},
            {"name": "g", "description": "d", "parametersJsonSchema": parameters}]}])
    );
}

#[test]
fn trap_039_a_tool_without_parameters_says_so() {
    let schema = |schema| {
        let written = write(&with(vec![function("f", schema)], None)).unwrap();
        written.json["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"].clone()
    };
    for none in [None, Some("null"), Some("{}")] {
        assert_eq!(
            schema(none),
            json!({"type": "object", "properties": {}}),
            "{none:?}"
        );
    }
    let typeless = Some(r#"{"properties":{"a":{}},"x":1.0}"#);
    assert_eq!(
        schema(typeless),
        json!({"type": "object", "properties": {"a": {}}, "x": 1.0})
    );
    let error = write(&with(
        vec![function("f", Some(r#"{"type":"string"}"#))],
        None,
    ))
    .unwrap_err();
    assert_eq!(error.param.as_deref(), Some("tools[0].parameters"));
}

#[test]
fn choices_are_modes() {
    let config = |choice| {
        let written = write(&with(
            vec![function("f", None), function("g", None)],
            Some(choice),
        ));
        written.unwrap().json["toolConfig"]["functionCallingConfig"].take()
    };
    assert_eq!(config(ToolChoice::Auto), json!({"mode": "AUTO"}));
    assert_eq!(config(ToolChoice::None), json!({"mode": "NONE"}));
    assert_eq!(config(ToolChoice::Required), json!({"mode": "ANY"}));
    assert_eq!(
        config(ToolChoice::Named("f".into())),
        json!({"mode": "ANY", "allowedFunctionNames": ["f"]})
    );
    let some = ToolChoice::Allowed {
        required: true,
        names: vec!["f".into(), "g".into()],
    };
    assert_eq!(
        config(some),
        json!({"mode": "ANY", "allowedFunctionNames": ["f", "g"]})
    );
}

#[test]
fn trap_042_tools_that_the_model_may_call_as_it_likes_are_the_only_ones() {
    let allowed = |name: &'static str| {
        let choice = ToolChoice::Allowed {
            required: false,
            names: vec![name.into()],
        };
        write(&with(
            vec![function("f", None), function("g", None)],
            Some(choice),
        ))
        .unwrap()
    };
    let written = allowed("g");
    let names = &written.json["tools"][0]["functionDeclarations"];
    assert_eq!(
        (&names[0]["name"], names.as_array().unwrap().len()),
        (&json!("g"), 1)
    );
    assert_eq!(
        written.json["toolConfig"],
        json!({"functionCallingConfig": {"mode": "AUTO"}})
    );
    let unknown = allowed("x");
    let names = &unknown.json["tools"][0]["functionDeclarations"];
    assert_eq!(names.as_array().unwrap().len(), 2);
    assert_eq!(unknown.losses, ["tool_choice"]);
}

#[test]
fn without_tools_nothing_is_said_of_them() {
    let mut request = with(vec![], Some(ToolChoice::Required));
    request.parallel_tool_calls = Some(false);
    let written = write(&request).unwrap();
    assert_eq!(written.json.as_object().unwrap().len(), 1);
    assert!(written.losses.is_empty());
}

#[test]
fn what_the_api_can_not_promise_is_lost() {
    let mut tool = function("f", None);
    if let ToolKind::Function { strict, .. } = &mut tool.kind {
        *strict = Some(true);
    }
    let mut request = with(vec![tool], None);
    request.parallel_tool_calls = Some(false);
    assert_eq!(
        write(&request).unwrap().losses,
        ["parallel_tool_calls", "tools[0].strict"]
    );
}

#[test]
fn a_choice_that_only_its_own_format_knows_is_refused() {
    let choice = ToolChoice::Native(Raw::EMPTY_OBJECT);
    let error = write(&with(vec![function("f", None)], Some(choice))).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("tool_choice"));
}

#[test]
fn trap_035_a_name_is_rewritten_everywhere_and_can_be_found_back() {
    let long: &'static str = "mcp.server/tool";
    let mut request = with(
        vec![function(long, None)],
        Some(ToolChoice::Named(long.into())),
    );
    request.turns.push(model(1, vec![call("c", long)]));
    request.turns.push(user(2, vec![result("c", "r")]));
    let written = write(&request).unwrap();
    let sent = written.json["tools"][0]["functionDeclarations"][0]["name"]
        .as_str()
        .unwrap();
    assert_ne!(sent, long);
    assert_eq!(
        written.json["toolConfig"]["functionCallingConfig"]["allowedFunctionNames"][0],
        sent
    );
    assert_eq!(
        written.json["contents"][1]["parts"][0]["functionCall"]["name"],
        sent
    );
    assert_eq!(
        written.json["contents"][2]["parts"][0]["functionResponse"]["name"],
        sent
    );
    assert_eq!(written.exchange.tool_names.original(sent), Some(long));
}

#[test]
fn trap_036_names_that_would_be_one_stay_two() {
    let written = write(&with(
        vec![function("a/b", None), function("a b", None)],
        None,
    ))
    .unwrap();
    let names = &written.json["tools"][0]["functionDeclarations"];
    assert_ne!(names[0]["name"], names[1]["name"]);
}

#[test]
fn trap_046_a_tool_that_takes_free_text_is_a_function_with_one_argument() {
    let tool = Tool::new(ToolKind::Freeform {
        name: "patch".into(),
        description: Some("d".into()),
        format: Some(Raw::new(r#"{"type":"grammar"}"#).unwrap()),
    });
    let written = write(&with(vec![tool], None)).unwrap();
    assert_eq!(
        written.json["tools"][0]["functionDeclarations"][0],
        json!({"name": "patch", "description": "d\n\nFormat of `input`: {\"type\":\"grammar\"}",
            "parametersJsonSchema": {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}})
    );
    assert!(written.exchange.freeform_tools.contains("patch"));
    assert_eq!(written.losses, ["tools[0]"]);
}

/// What becomes of a tool that the caller's provider would run.
fn hosted(search: Option<WebSearch<'static>>, server_tools: ServerTools) -> Result<Written, Error> {
    let tool = Tool::new(ToolKind::Server {
        kind: "web_search_20260318".into(),
        value: Raw::EMPTY_OBJECT,
        web_search: search,
    });
    let dialect = Dialect {
        server_tools,
        ..Dialect::default()
    };
    write_in(&with(vec![function("f", None), tool], None), &dialect)
}

#[test]
fn tools_of_another_provider_are_refused_searched_with_or_left_out() {
    let error = hosted(Some(WebSearch::default()), ServerTools::Reject).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("tools[1].type"));
    assert!(hosted(None, ServerTools::Map).is_err());
    let search = WebSearch {
        allowed_domains: vec!["a.b".into()],
        ..WebSearch::default()
    };
    let mapped = hosted(Some(search), ServerTools::Map).unwrap();
    assert_eq!(mapped.json["tools"][1], json!({"googleSearch": {}}));
    assert_eq!(mapped.losses, ["tools[1].allowed_domains"]);
    let dropped = hosted(None, ServerTools::Drop).unwrap();
    assert_eq!(dropped.json["tools"].as_array().unwrap().len(), 1);
    assert_eq!(dropped.losses, ["tools[1].type"]);
}

/// The tools of a caller of the API, in a few words.
fn seen(tools: &str) -> Vec<String> {
    let body = format!(r#"{{"contents":[{{"parts":[]}}],"tools":{tools}}}"#);
    let tools = read(&body).unwrap().tools.into_iter();
    let word = |tool: Tool<'_>| match tool.kind {
        ToolKind::Function { name, .. } => name.decode().into_owned(),
        ToolKind::Server {
            kind, web_search, ..
        } => {
            format!("{} {}", kind.decode(), web_search.is_some())
        }
        kind => panic!("{kind:?}"),
    };
    tools.map(word).collect()
}

#[test]
fn functions_may_be_anywhere_among_the_tools() {
    assert_eq!(
        seen(
            r#"[{"functionDeclarations":[{"name":"f"}],"google_search":{}},{"codeExecution":{}},{"functionDeclarations":[{"name":"g"}]},{"urlContext":null}]"#
        ),
        ["google_search true", "f", "codeExecution false", "g"]
    );
}

#[test]
fn modes_are_choices() {
    let choice = |config: &str| {
        let body = format!(
            r#"{{"contents":[{{"parts":[]}}],"toolConfig":{{"functionCallingConfig":{config}}}}}"#
        );
        format!("{:?}", read(&body).unwrap().tool_choice)
    };
    assert_eq!(choice(r#"{"mode":"auto"}"#), "Some(Auto)");
    assert_eq!(choice(r#"{"mode":"NONE"}"#), "Some(None)");
    assert_eq!(choice(r#"{"mode":"ANY"}"#), "Some(Required)");
    assert_eq!(
        choice(r#"{"mode":"ANY","allowedFunctionNames":["f"]}"#),
        r#"Some(Named("f"))"#
    );
    assert_eq!(
        choice(r#"{"mode":"ANY","allowedFunctionNames":["f","g"]}"#),
        r#"Some(Allowed { required: true, names: ["f", "g"] })"#
    );
    assert_eq!(choice(r#"{"mode":"MODE_UNSPECIFIED"}"#), "None");
    assert!(choice(r#"{"mode":"WILD"}"#).starts_with("Some(Native"));
}

#[test]
fn validated_calls_are_strict_where_the_schema_allows() {
    let body = r#"{"contents":[{"parts":[]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","properties":{},"required":[],"additionalProperties":false}},{"name":"g","parametersJsonSchema":{"type":"object","properties":{"a":{}}}}]}],"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED"}}}"#;
    let request = read(body).unwrap();
    let strict: Vec<_> = request
        .tools
        .iter()
        .map(|tool| match &tool.kind {
            ToolKind::Function { strict, .. } => *strict,
            _ => None,
        })
        .collect();
    assert_eq!(strict, [Some(true), None]);
    assert_eq!(request.tool_choice, Some(ToolChoice::Auto));
}
