use super::*;
use crate::ir::{Arguments, Effort, Extra, Part, Role, Tool, ToolCall, ToolChoice, ToolKind, Turn};

const TOOLS: &str = r#"[{"name":"f","input_schema":{"type":"object","properties":{}}},{"name":"g","input_schema":{"type":"object","properties":{}}}]"#;

fn ask(model: &str, tools: &str) -> String {
    format!(
        r#"{{"model":"{model}","max_tokens":9000,"tools":{tools},"messages":[{{"role":"user","content":"q"}}]}}"#
    )
}

fn choose(
    model: &str,
    tools: &str,
    choice: Option<ToolChoice<'static>>,
    parallel: Option<bool>,
) -> Written {
    try_foreign(&ask(model, tools), |request| {
        request.tool_choice = choice;
        request.parallel_tool_calls = parallel;
    })
    .unwrap()
}

#[test]
fn trap_038_an_empty_list_of_tools_is_left_out_with_all_that_speaks_of_it() {
    let written = choose(
        "claude-sonnet-4-5",
        "[]",
        Some(ToolChoice::Auto),
        Some(false),
    );
    assert!(written.json.get("tools").is_none() && written.json.get("tool_choice").is_none());
}

#[test]
fn traps_040_041_choices_are_mapped() {
    use ToolChoice::{Allowed, Auto, Named, None as Never, Required};
    let subset = |required| Allowed {
        required,
        names: vec!["g".into()],
    };
    for (choice, parallel, expected) in [
        (None, None, ""),
        (None, Some(true), ""),
        (
            None,
            Some(false),
            r#"{"disable_parallel_tool_use":true,"type":"auto"}"#,
        ),
        (Some(Auto), None, r#"{"type":"auto"}"#),
        (Some(Never), Some(false), r#"{"type":"none"}"#),
        (
            Some(Required),
            Some(false),
            r#"{"disable_parallel_tool_use":true,"type":"any"}"#,
        ),
        (
            Some(Named("g".into())),
            None,
            r#"{"name":"g","type":"tool"}"#,
        ),
        (Some(subset(true)), None, r#"{"type":"any"}"#),
        (Some(subset(false)), None, r#"{"type":"auto"}"#),
    ] {
        let written = choose("claude-sonnet-4-5", TOOLS, choice.clone(), parallel);
        let got = written
            .json
            .get("tool_choice")
            .map(ToString::to_string)
            .unwrap_or_default();
        assert_eq!(got, expected, "{choice:?} {parallel:?}");
    }
}

#[test]
fn trap_042_only_the_allowed_tools_are_declared() {
    let allowed = |name: &'static str| ToolChoice::Allowed {
        required: true,
        names: vec![name.into()],
    };
    let written = choose("claude-sonnet-4-5", TOOLS, Some(allowed("g")), None);
    assert_eq!(written.json["tools"].as_array().unwrap().len(), 1);
    assert_eq!(written.json["tools"][0]["name"], "g");
    let written = choose("claude-sonnet-4-5", TOOLS, Some(allowed("z")), None);
    assert_eq!(written.json["tools"].as_array().unwrap().len(), 2);
    assert_eq!(written.losses, ["tool_choice"]);
}

#[test]
fn trap_043_a_forced_choice_gives_way_where_the_model_cannot_be_forced() {
    let force = |model: &str, effort: Option<Effort>| {
        let written = try_foreign(&ask(model, TOOLS), |request| {
            request.tool_choice = Some(ToolChoice::Required);
            request.effort = effort;
        })
        .unwrap();
        (
            written.json["tool_choice"]["type"]
                .as_str()
                .unwrap()
                .to_owned(),
            written.losses.len(),
        )
    };
    assert_eq!(force("claude-opus-5-5", None), ("auto".to_owned(), 1));
    assert_eq!(
        force("claude-sonnet-4-5", Some(Effort::High)),
        ("auto".to_owned(), 1)
    );
    assert_eq!(
        force("claude-opus-5", Some(Effort::High)),
        ("any".to_owned(), 0)
    );
    assert_eq!(force("claude-sonnet-4-5", None), ("any".to_owned(), 0));
}

#[test]
fn trap_044_calls_in_the_history_get_tools_to_belong_to() {
    let body = conversation(
        r#"[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"},{"type":"tool_result","tool_use_id":"b"}]}]"#,
    );
    let written = foreign(&body).json;
    assert_eq!(
        written["tools"],
        value(r#"[{"name":"f","input_schema":{"type":"object","properties":{}}}]"#)
    );
    assert_eq!(written["tool_choice"], value(r#"{"type":"none"}"#));
    assert_eq!(
        write(&read(&body).unwrap()).unwrap().json.get("tools"),
        None
    );
}

#[test]
fn trap_039_a_tool_without_parameters_takes_an_empty_object() {
    for (schema, expected) in [
        ("null", r#"{"type":"object","properties":{}}"#),
        ("{}", r#"{"type":"object","properties":{}}"#),
        (
            r#"{"properties":{"x":{}},"$defs":{}}"#,
            r#"{"type":"object","properties":{"x":{}},"$defs":{}}"#,
        ),
        (
            r#"{"type":["object","null"]}"#,
            r#"{"type":"object","properties":{}}"#,
        ),
        (
            r#"{"b":1.0,"type":"object"}"#,
            r#"{"b":1.0,"type":"object"}"#,
        ),
    ] {
        let written = foreign(&ask(
            "m",
            &format!(r#"[{{"name":"f","input_schema":{schema}}}]"#),
        ));
        assert!(
            written
                .text
                .contains(&format!(r#""input_schema":{expected}"#)),
            "{}",
            written.text
        );
    }
    let error = try_foreign(
        &ask("m", r#"[{"name":"f","input_schema":{"type":"array"}}]"#),
        |_| (),
    )
    .unwrap_err();
    assert_eq!(error.param.as_deref(), Some("tools[0].parameters"));
}

#[test]
fn trap_035_rewritten_names_are_the_same_everywhere_and_find_their_way_back() {
    let body = r#"{"model":"m","max_tokens":9,"tools":[{"name":"a.b","input_schema":{"type":"object"}},{"name":"ok","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"a.b"},"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"a.b","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}]}"#;
    let written = foreign(body);
    let sent = written.json["tools"][0]["name"].as_str().unwrap();
    assert!(sent.starts_with("a_b_"), "{sent}");
    assert_eq!(written.json["tool_choice"]["name"], sent);
    assert_eq!(written.json["messages"][1]["content"][0]["name"], sent);
    assert_eq!(written.exchange.tool_names.original(sent), Some("a.b"));
    assert_eq!(written.exchange.tool_names.original("ok"), None);
}

fn tool(kind: ToolKind<'static>) -> Tool<'static> {
    Tool {
        kind,
        cache: None,
        extra: Extra::default(),
    }
}

#[test]
fn trap_046_a_tool_that_takes_free_text_is_a_function_with_one_input() {
    let written = try_foreign(&ask("m", "[]"), |request| {
        request.tools = vec![tool(ToolKind::Freeform {
            name: "apply.patch".into(),
            description: Some("Patch.".into()),
            format: Some(json::Raw::new(r#"{"type":"grammar"}"#).unwrap()),
        })];
        request.turns.push(Turn::new(
            Role::Assistant,
            1,
            vec![Part::ToolCall(ToolCall {
                id: "a".into(),
                name: "apply.patch".into(),
                arguments: Arguments::Text("*** \"x\"".into()),
                freeform: true,
                ..ToolCall::default()
            })],
        ));
    })
    .unwrap();
    let tool = &written.json["tools"][0];
    let sent = tool["name"].as_str().unwrap();
    assert!(written.exchange.freeform_tools.contains(sent));
    assert_eq!(
        tool["description"],
        "Patch.\n\nFormat of `input`: {\"type\":\"grammar\"}"
    );
    assert_eq!(
        tool["input_schema"],
        value(r#"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"#)
    );
    assert_eq!(
        written.json["messages"][1]["content"][0]["input"],
        value(r#"{"input":"*** \"x\""}"#)
    );
    assert!(written.losses.contains(&"tools[0]".to_owned()));
}

#[test]
fn trap_029_arguments_are_an_object_whatever_they_were() {
    for (text, expected, losses) in [
        ("", "{}", 0),
        (
            r#"{"n":12345678901234567890123}"#,
            r#"{"n":12345678901234567890123}"#,
            0,
        ),
        ("[1]", r#"{"__raw_arguments":"[1]"}"#, 1),
        ("{\"a\":", r#"{"__raw_arguments":"{\"a\":"}"#, 1),
    ] {
        let written = try_foreign(&ask("m", TOOLS), |request| {
            request.turns.push(Turn::new(
                Role::Assistant,
                1,
                vec![Part::ToolCall(ToolCall {
                    id: "a".into(),
                    name: "f".into(),
                    arguments: Arguments::Text(text.to_owned().into()),
                    ..ToolCall::default()
                })],
            ));
            request.turns.push(Turn::new(
                Role::Tool,
                2,
                vec![Part::ToolResult(crate::ir::ToolResult {
                    call_id: "a".into(),
                    ..crate::ir::ToolResult::default()
                })],
            ));
        })
        .unwrap();
        assert!(
            written.text.contains(&format!(r#""input":{expected}"#)),
            "{}",
            written.text
        );
        assert_eq!(written.losses.len(), losses, "{text}");
    }
}

#[test]
fn strictness_is_passed_on_with_a_schema_that_can_be_enforced() {
    let tools = r#"[{"name":"f","strict":true,"input_schema":{"type":"object","properties":{"n":{"type":"integer","minimum":1}}}},{"name":"g","strict":false,"input_schema":{"type":"object"}}]"#;
    let written = foreign(&ask("m", tools)).json;
    assert_eq!(written["tools"][0]["strict"], true);
    assert_eq!(
        written["tools"][0]["input_schema"]["properties"]["n"].get("minimum"),
        None
    );
    assert_eq!(written["tools"][1].get("strict"), None);
}

#[test]
fn tools_that_a_provider_runs_are_refused_from_elsewhere() {
    let server = || {
        vec![tool(ToolKind::Server {
            kind: "web_search".into(),
            value: json::Raw::new(r#"{"type":"web_search"}"#).unwrap(),
            web_search: None,
        })]
    };
    let error = try_foreign(&ask("m", "[]"), |request| request.tools = server()).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("tools[0].type"));
}

#[test]
fn members_of_tools_that_only_this_api_has_are_judged() {
    use crate::ir::Policy;
    let body = ask(
        "m",
        r#"[{"type":"custom","name":"f","input_schema":{},"defer_loading":true,"input_examples":[],"eager_input_streaming":false,"allowed_callers":["direct"]}]"#,
    );
    let request = read(&body).unwrap();
    let policies: Vec<(&str, Policy)> = request.tools[0]
        .extra
        .iter()
        .map(|member| (&*member.key, member.policy))
        .collect();
    assert_eq!(
        policies,
        [
            ("type", Policy::Silent),
            ("defer_loading", Policy::Drop),
            ("input_examples", Policy::Silent),
            ("eager_input_streaming", Policy::Silent),
            ("allowed_callers", Policy::Silent),
        ]
    );
}
