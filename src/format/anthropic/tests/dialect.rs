//! What the host knows better: the version of the API, and what a model can do.

use super::*;
use crate::format::{AnthropicVersion, Api as _, ModelCaps};

const OLD: &str = "claude-sonnet-4-5";

fn ask(model: &str, members: &str) -> String {
    format!(
        r#"{{"model":"{model}","max_tokens":9000,{members}"messages":[{{"role":"user","content":"q"}}]}}"#
    )
}

/// What is sent for a request of another format, in this dialect.
fn sent(body: &str, dialect: &Dialect) -> Written {
    let mut request = read(body).unwrap();
    request.format = "other";
    request.names = OTHER;
    write_in(&request, dialect).unwrap()
}

fn with_caps(edit: impl FnOnce(&mut ModelCaps)) -> Dialect {
    let mut dialect = Dialect::default();
    edit(&mut dialect.caps);
    dialect
}

fn new_version() -> Dialect {
    Dialect {
        anthropic_version: AnthropicVersion::V2026_10_21,
        ..Dialect::default()
    }
}

#[test]
fn trap_009_a_new_version_takes_no_sampling_parameters_of_any_model() {
    let body = ask(OLD, r#""temperature":0.2,"top_p":0.5,"top_k":3,"#);
    let written = sent(&body, &new_version());
    let json = written.json.as_object().unwrap();
    assert!(
        !json
            .keys()
            .any(|key| key.starts_with('t') && key != "tools")
    );
    assert_eq!(written.losses, ["temperature", "top_p", "top_k"]);
}

#[test]
fn trap_009_a_default_is_left_out_without_a_word() {
    let written = sent(&ask(OLD, r#""temperature":1.0,"#), &new_version());
    assert!(written.json.get("temperature").is_none());
    assert!(written.losses.is_empty());
}

#[test]
fn the_header_names_the_version_unless_the_caller_chose_one() {
    let mut headers = http::HeaderMap::new();
    Anthropic.prepare(&mut headers, &new_version());
    assert_eq!(headers["anthropic-version"], "2026-10-21");
    Anthropic.prepare(&mut headers, &Dialect::default());
    assert_eq!(headers["anthropic-version"], "2026-10-21");
}

#[test]
fn the_host_knows_whether_a_model_decides_how_much_to_think() {
    let body = ask(OLD, r#""output_config":{"effort":"high"},"#);
    let dialect = with_caps(|caps| caps.adaptive_thinking = Some(true));
    assert_eq!(sent(&body, &dialect).json["thinking"]["type"], "adaptive");
}

#[test]
fn the_host_knows_whether_a_model_thinks_with_a_budget() {
    let body = ask(OLD, r#""output_config":{"effort":"high"},"#);
    let dialect = with_caps(|caps| caps.budget_thinking = Some(false));
    assert!(sent(&body, &dialect).json.get("thinking").is_none());
}

#[test]
fn the_host_knows_whether_a_model_always_thinks() {
    let body = ask("claude-opus-5", r#""thinking":{"type":"disabled"},"#);
    let dialect = with_caps(|caps| caps.always_thinks = Some(true));
    let written = sent(&body, &dialect);
    assert!(written.json.get("thinking").is_none());
    assert_eq!(written.losses, ["thinking"]);
}

#[test]
fn the_host_knows_whether_a_model_takes_sampling_parameters() {
    let body = ask("claude-opus-5", r#""temperature":0.2,"#);
    let dialect = with_caps(|caps| caps.sampling = Some(true));
    assert_eq!(sent(&body, &dialect).json["temperature"], 0.2);
}

#[test]
fn the_host_knows_whether_a_model_goes_on_with_a_last_turn() {
    let body = r#"{"model":"claude-opus-5","messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}"#;
    let dialect = with_caps(|caps| caps.prefill = Some(true));
    assert_eq!(sent(body, &dialect).json["messages"][1]["content"], "a");
}

#[test]
fn the_host_knows_whether_a_model_can_be_made_to_call_a_tool() {
    let tools =
        r#""tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"},"#;
    let dialect = with_caps(|caps| caps.forced_tool_use = Some(false));
    let written = sent(&ask(OLD, tools), &dialect);
    assert_eq!(written.json["tool_choice"]["type"], "auto");
}

#[test]
fn the_host_knows_whether_a_model_takes_system_turns() {
    let body = r#"{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"q"},{"role":"system","content":"s"}]}"#;
    let dialect = with_caps(|caps| caps.mid_conversation_system = Some(true));
    assert_eq!(sent(body, &dialect).json["messages"][1]["role"], "system");
}

#[test]
fn the_host_knows_how_hard_a_model_can_think() {
    let effort = |word: &str, dialect: &Dialect| {
        let body = ask(
            "claude-opus-4-6",
            &format!(r#""output_config":{{"effort":"{word}"}},"#),
        );
        sent(&body, dialect).json["output_config"]["effort"].take()
    };
    let dialect = with_caps(|caps| {
        caps.effort_xhigh = Some(true);
        caps.effort_max = Some(false);
    });
    assert_eq!(effort("xhigh", &dialect), "xhigh");
    assert_eq!(effort("max", &dialect), "xhigh");
}

#[test]
fn trap_005_the_host_knows_how_much_a_model_can_generate() {
    let dialect = with_caps(|caps| caps.max_output_tokens = Some(5));
    let written = sent(&ask(OLD, ""), &dialect);
    assert_eq!(written.json["max_tokens"], 5);
    assert_eq!(written.losses, ["max_completion_tokens"]);
}

#[test]
fn the_host_knows_whether_a_model_can_be_held_to_a_schema() {
    let body = ask(
        OLD,
        r#""output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}},"tools":[{"name":"f","strict":true,"input_schema":{"type":"object"}}],"#,
    );
    let held = sent(&body, &Dialect::default());
    assert_eq!(held.json["tools"][0]["strict"], true);
    assert!(held.json.get("output_config").is_some());
    let dialect = with_caps(|caps| caps.structured_outputs = Some(false));
    let written = sent(&body, &dialect);
    assert!(written.json["tools"][0].get("strict").is_none());
    assert!(written.json.get("output_config").is_none());
    assert_eq!(written.losses, ["response_format", "tools[0].strict"]);
}
