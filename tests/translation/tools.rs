//! Tools, the choice among them, and how calls name them.

use serde_json::{Value, json};

use crate::support::{
    ANTHROPIC, NEW, OLD, OPENAI, answer_text, refusal, send, to_anthropic, to_openai, try_send,
};

fn function(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}})
}

fn openai(model: &str, members: &Value) -> Value {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": "Hi"}]});
    body.as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    body
}

fn anthropic(members: &Value) -> Value {
    let mut body = json!({"model": "gpt-4.1", "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}]});
    body.as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    body
}

/// An OpenAI conversation with one call and its result.
fn loop_of(id: &str, name: &str, arguments: &str) -> Value {
    json!([
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}},
        ]},
        {"role": "tool", "tool_call_id": id, "content": "r"},
    ])
}

#[test]
fn trap_029_arguments_are_an_object_and_keep_every_byte() {
    for (arguments, expected) in [
        (r"", r"{}"),
        (r" ", r"{}"),
        (r"{}", r"{}"),
        (r"[1]", r#"{"__raw_arguments":"[1]"}"#),
        (r#"{"a":"#, r#"{"__raw_arguments":"{\"a\":"}"#),
        (
            r#"{"z":1180591620717411303424,"a":1.0,"e":1e3,"u":"\u00e9\u2028","n":null}"#,
            r#"{"z":1180591620717411303424,"a":1.0,"e":1e3,"u":"\u00e9\u2028","n":null}"#,
        ),
    ] {
        let body = json!({"model": OLD, "tools": [function("f")], "messages": loop_of("1", "f", arguments)});
        let sent = send(OPENAI, ANTHROPIC, &body);
        assert!(
            sent.text.contains(&format!(r#""input":{expected}}}"#)),
            "{arguments}: {}",
            sent.text
        );
        assert_eq!(
            sent.losses().is_empty(),
            !expected.contains("__raw"),
            "{arguments}"
        );
    }
    let input = r#"{"z":1180591620717411303424, "a" : 1.0,"b":[ ]}"#;
    let body = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":
        [{"type":"tool_use","id":"1","name":"f","input":INPUT}]},{"role":"user","content":
        [{"type":"tool_result","tool_use_id":"1","content":"r"}]}]}"#;
    let sent = try_send(ANTHROPIC, OPENAI, &body.replace("INPUT", input), false).unwrap();
    let expected = r#"{"z":1180591620717411303424,"a":1.0,"b":[]}"#;
    assert_eq!(
        sent.json()["messages"][1]["tool_calls"][0]["function"]["arguments"],
        expected
    );
}

#[test]
fn trap_035_a_name_that_the_provider_does_not_take_is_rewritten_everywhere_and_back() {
    let name = format!("mcp.server/tool:{}", "x".repeat(150));
    let mut body =
        json!({"model": OLD, "tools": [function(&name)], "messages": loop_of("1", &name, "{}")});
    body["tool_choice"] = json!({"type": "function", "function": {"name": name}});
    let sent = send(OPENAI, ANTHROPIC, &body);
    let json = sent.json();
    let known = json["tools"][0]["name"].as_str().unwrap();
    assert!(
        known.len() <= 128 && known.starts_with("mcp_server_tool_xxx"),
        "{known}"
    );
    assert_eq!(json["tool_choice"], json!({"type": "tool", "name": known}));
    assert_eq!(json["messages"][1]["content"][0]["name"], known);
    assert_eq!(sent.exchange.tool_names.original(known), Some(&*name));
    let short = "n".repeat(100);
    let tool = json!({"name": short, "input_schema": {"type": "object"}});
    let sent = to_openai(&anthropic(&json!({"tools": [tool]})));
    assert!(sent["tools"][0]["function"]["name"].as_str().unwrap().len() <= 64);
}

#[test]
fn trap_036_names_that_collide_stay_distinct() {
    let names = ["a.b", "a/b", "a_b", "a:b"];
    let tools: Vec<Value> = names.iter().map(|name| function(name)).collect();
    let sent = to_anthropic(&openai(OLD, &json!({"tools": tools})));
    let mut known: Vec<&str> = sent["tools"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    assert_eq!(known[2], "a_b");
    known.sort_unstable();
    known.dedup();
    assert_eq!(known.len(), 4);
}

#[test]
fn trap_037_trap_038_ids_are_rewritten_alike_in_call_and_result() {
    for id in ["functions.Bash:0", "call_x|fc_y", "", "call_1"] {
        let sent = to_anthropic(
            &json!({"model": OLD, "tools": [function("f")], "messages": loop_of(id, "f", "{}")}),
        );
        let known = sent["messages"][1]["content"][0]["id"].as_str().unwrap();
        assert_eq!(sent["messages"][2]["content"][0]["tool_use_id"], known);
        assert!(
            !known.is_empty()
                && known
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)),
            "{known}"
        );
        assert_eq!(known == id, id == "call_1");
    }
    let id = "toolu_".to_owned() + &"x".repeat(64);
    let sent = to_openai(&anthropic(&json!({"messages": [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": id, "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "r"}]},
    ]})));
    let known = sent["messages"][1]["tool_calls"][0]["id"].as_str().unwrap();
    assert!(known.len() <= 40, "{known}");
    assert_eq!(sent["messages"][2]["tool_call_id"], known);
}

#[test]
fn trap_038_no_tools_are_no_tools() {
    for members in [
        json!({"tools": []}),
        json!({"tools": [], "tool_choice": "auto", "parallel_tool_calls": false}),
        json!({"parallel_tool_calls": false}),
        json!({"tools": null, "tool_choice": "none"}),
    ] {
        let sent = to_anthropic(&openai(OLD, &members));
        let keys: Vec<&String> = sent.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["max_tokens", "messages", "model"], "{members}");
    }
    let sent = to_openai(&anthropic(
        &json!({"tools": [], "tool_choice": {"type": "auto", "disable_parallel_tool_use": true}}),
    ));
    for key in ["tools", "tool_choice", "parallel_tool_calls"] {
        assert_eq!(sent.get(key), None, "{key}");
    }
}

#[test]
fn trap_039_a_tool_without_parameters_takes_an_empty_object() {
    let empty = json!({"type": "object", "properties": {}});
    for parameters in [json!(null), json!({})] {
        let tool = json!({"type": "function", "function": {"name": "f", "parameters": parameters}});
        let sent = to_anthropic(&openai(OLD, &json!({"tools": [tool]})));
        assert_eq!(
            sent["tools"],
            json!([{"name": "f", "input_schema": empty}]),
            "{parameters}"
        );
    }
    let tool = json!({"type": "function", "function": {"name": "f"}});
    assert_eq!(
        to_anthropic(&openai(OLD, &json!({"tools": [tool]})))["tools"][0]["input_schema"],
        empty
    );
    let sent = to_openai(&anthropic(
        &json!({"tools": [{"name": "f", "input_schema": {}}]}),
    ));
    assert_eq!(sent["tools"][0]["function"]["parameters"], empty);
    let tool =
        json!({"type": "function", "function": {"name": "f", "parameters": {"type": "array"}}});
    refusal(OPENAI, ANTHROPIC, &openai(OLD, &json!({"tools": [tool]})));
    let tool = json!({"type": "function", "function": {"name": "f", "parameters": {"properties": {"a": {}}}}});
    let sent = to_anthropic(&openai(OLD, &json!({"tools": [tool]})));
    assert_eq!(
        sent["tools"][0]["input_schema"],
        json!({"type": "object", "properties": {"a": {}}})
    );
}

#[test]
fn trap_040_trap_041_the_choice_among_tools() {
    let named = json!({"type": "function", "function": {"name": "f"}});
    for (choice, parallel, expected) in [
        (json!(null), json!(null), json!(null)),
        (json!(null), json!(true), json!(null)),
        (
            json!(null),
            json!(false),
            json!({"type": "auto", "disable_parallel_tool_use": true}),
        ),
        (json!("auto"), json!(null), json!({"type": "auto"})),
        (json!("none"), json!(false), json!({"type": "none"})),
        (json!("required"), json!(null), json!({"type": "any"})),
        (
            json!("required"),
            json!(false),
            json!({"type": "any", "disable_parallel_tool_use": true}),
        ),
        (
            named.clone(),
            json!(null),
            json!({"type": "tool", "name": "f"}),
        ),
    ] {
        let members = json!({"tools": [function("f")], "tool_choice": choice, "parallel_tool_calls": parallel});
        let sent = to_anthropic(&openai(OLD, &members));
        assert_eq!(sent["tool_choice"], expected, "{choice} {parallel}");
        assert_eq!(sent.get("parallel_tool_calls"), None);
    }
    for (choice, expected, parallel) in [
        (json!({"type": "auto"}), json!("auto"), json!(null)),
        (json!({"type": "none"}), json!("none"), json!(null)),
        (
            json!({"type": "any", "disable_parallel_tool_use": true}),
            json!("required"),
            json!(false),
        ),
        (
            json!({"type": "tool", "name": "f"}),
            named.clone(),
            json!(null),
        ),
    ] {
        let tool = json!({"name": "f", "input_schema": {"type": "object"}});
        let sent = to_openai(&anthropic(&json!({"tools": [tool], "tool_choice": choice})));
        assert_eq!(
            (&sent["tool_choice"], &sent["parallel_tool_calls"]),
            (&expected, &parallel),
            "{choice}"
        );
    }
}

#[test]
fn trap_042_a_choice_among_some_tools_leaves_the_others_out() {
    for (mode, expected) in [("auto", "auto"), ("required", "any")] {
        let choice = json!({"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": [
            {"type": "function", "function": {"name": "b"}},
        ]}});
        let members = json!({"tools": [function("a"), function("b")], "tool_choice": choice});
        let sent = to_anthropic(&openai(OLD, &members));
        assert_eq!(sent["tool_choice"], json!({"type": expected}));
        assert_eq!(sent["tools"].as_array().unwrap().len(), 1);
        assert_eq!(sent["tools"][0]["name"], "b");
    }
}

#[test]
fn trap_043_a_model_that_can_not_be_forced_may_choose() {
    for (model, effort, expected) in [
        (OLD, json!(null), "any"),
        (OLD, json!("high"), "auto"),
        (NEW, json!("high"), "any"),
        ("claude-opus-5-5", json!(null), "auto"),
        ("claude-sonnet-5-5", json!("high"), "auto"),
        ("claude-fable-5-1", json!(null), "auto"),
    ] {
        let members = json!({"tools": [function("f")], "tool_choice": "required", "reasoning_effort": effort});
        let sent = send(OPENAI, ANTHROPIC, &openai(model, &members));
        assert_eq!(
            sent.json()["tool_choice"]["type"],
            expected,
            "{model} {effort}"
        );
        assert_eq!(
            sent.losses().contains(&"tool_choice"),
            expected == "auto",
            "{model} {effort}"
        );
    }
}

#[test]
fn trap_044_tools_that_only_the_conversation_knows_are_declared() {
    let sent = to_anthropic(&json!({"model": OLD, "messages": loop_of("1", "f", "{}")}));
    let stub = json!({"name": "f", "input_schema": {"type": "object", "properties": {}}});
    assert_eq!(sent["tools"], json!([stub]));
    assert_eq!(sent["tool_choice"], json!({"type": "none"}));
}

#[test]
fn trap_046_a_tool_that_takes_free_text_is_a_function_with_one_string() {
    let patch = "*** Begin\n\"quoted\" \u{e9}";
    let mut messages = loop_of("1", "f", "{}");
    messages[1]["tool_calls"] =
        json!([{"id": "1", "type": "custom", "custom": {"name": "patch", "input": patch}}]);
    let grammar =
        json!({"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: x"}});
    let tool = json!({"type": "custom", "custom": {"name": "patch", "description": "Edits.", "format": grammar}});
    let sent = send(
        OPENAI,
        ANTHROPIC,
        &json!({"model": OLD, "tools": [tool], "messages": messages}),
    );
    let json = sent.json();
    let schema = json!({"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]});
    assert_eq!(json["tools"][0]["input_schema"], schema);
    let description = json["tools"][0]["description"].as_str().unwrap();
    assert!(
        description.starts_with("Edits.") && description.contains("start: x"),
        "{description}"
    );
    assert_eq!(
        json["messages"][1]["content"][0]["input"],
        json!({"input": patch})
    );
    let answer = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "tool_use",
        "content": [{"type": "tool_use", "id": "2", "name": "patch", "input": {"input": patch}}], "usage": {}});
    let text = answer_text(ANTHROPIC, OPENAI, &answer.to_string(), sent.exchange).unwrap();
    let back: Value = serde_json::from_str(&text).unwrap();
    let call = json!({"id": "2", "type": "custom", "custom": {"name": "patch", "input": patch}});
    assert_eq!(back["choices"][0]["message"]["tool_calls"], json!([call]));
}

#[test]
fn trap_064_a_caller_from_before_there_were_tools_gets_a_function_call() {
    let body = openai(
        OLD,
        &json!({
            "functions": [{"name": "f", "parameters": {"type": "object", "properties": {}}}],
            "function_call": {"name": "f"},
            "messages": [
                {"role": "user", "content": "Hi"},
                {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}},
                {"role": "function", "name": "f", "content": "r"},
            ],
        }),
    );
    let sent = send(OPENAI, ANTHROPIC, &body);
    let json = sent.json();
    assert_eq!(json["tools"][0]["name"], "f");
    assert_eq!(json["tool_choice"], json!({"type": "tool", "name": "f"}));
    assert_eq!(
        json["messages"][2]["content"][0]["tool_use_id"],
        json["messages"][1]["content"][0]["id"]
    );
    let answer = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "tool_use",
        "content": [{"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}}], "usage": {}});
    let text = answer_text(ANTHROPIC, OPENAI, &answer.to_string(), sent.exchange).unwrap();
    let back: Value = serde_json::from_str(&text).unwrap();
    let choice = &back["choices"][0];
    assert_eq!(choice["finish_reason"], "function_call");
    assert_eq!(
        choice["message"]["function_call"],
        json!({"name": "f", "arguments": r#"{"a":1}"#})
    );
    assert_eq!(choice["message"].get("tool_calls"), None);
}
