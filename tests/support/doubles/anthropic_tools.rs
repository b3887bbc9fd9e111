//! What Messages checks in `tools` and `tool_choice`.

use serde_json::Value;

use super::{
    anthropic::extra,
    check::{is_name, unknown_key},
    fault::Fault,
};

const TOOL_KEYS: &[&str] = &[
    "allowed_callers",
    "cache_control",
    "defer_loading",
    "description",
    "eager_input_streaming",
    "input_examples",
    "input_schema",
    "name",
    "strict",
    "type",
];

/// A choice's type and the keys it may have.
const CHOICES: &[(&str, &[&str])] = &[
    ("auto", &["type", "disable_parallel_tool_use"]),
    ("any", &["type", "disable_parallel_tool_use"]),
    ("tool", &["type", "name", "disable_parallel_tool_use"]),
    ("none", &["type"]),
];

/// Checks the declared tools and the choice among them.
pub fn check(body: &Value) -> Result<(), Fault> {
    let tools = body["tools"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut names = Vec::new();
    for (index, tool) in tools.iter().enumerate() {
        let name = check_tool(tool, &format!("tools.{index}"))?;
        if names.contains(&name) {
            return Err(Fault::invalid("tools: Tool names must be unique."));
        }
        names.push(name);
    }
    check_choice(&body["tool_choice"], &names)
}

fn check_tool<'a>(tool: &'a Value, at: &str) -> Result<&'a str, Fault> {
    let Some(name) = tool["name"].as_str() else {
        return Err(Fault::invalid(format!("{at}.name: Field required")));
    };
    // A tool with another type is one of the provider's own, with keys of its own.
    if tool.get("type").is_some_and(|kind| kind != "custom") {
        return Ok(name);
    }
    let at = format!("{at}.custom");
    if !is_name(name, 128) {
        let pattern = "^[a-zA-Z0-9_-]{1,128}$";
        let message = format!("{at}.name: String should match pattern '{pattern}'");
        return Err(Fault::invalid(message));
    }
    if let Some(key) = unknown_key(tool, TOOL_KEYS) {
        return Err(extra(&format!("{at}.{key}")));
    }
    if tool
        .get("description")
        .is_some_and(|text| !text.is_string())
    {
        let message = format!("{at}.description: Input should be a valid string");
        return Err(Fault::invalid(message));
    }
    match &tool["input_schema"] {
        Value::Null => Err(Fault::invalid(format!("{at}.input_schema: Field required"))),
        schema if schema["type"].is_null() => Err(Fault::invalid(format!(
            "{at}.input_schema.type: Field required"
        ))),
        schema if schema["type"] != "object" => Err(Fault::invalid(format!(
            "{at}.input_schema.type: Input should be 'object'"
        ))),
        _ => Ok(name),
    }
}

fn check_choice(choice: &Value, names: &[&str]) -> Result<(), Fault> {
    if choice.is_null() {
        return Ok(());
    }
    if names.is_empty() {
        let message = "tool_choice: tool_choice may only be specified while providing tools.";
        return Err(Fault::invalid(message));
    }
    let kind = choice["type"].as_str().unwrap_or_default();
    let Some((_, keys)) = CHOICES.iter().find(|(name, _)| *name == kind) else {
        let message = format!("tool_choice: Input tag '{kind}' does not match any expected tag");
        return Err(Fault::invalid(message));
    };
    if let Some(key) = unknown_key(choice, keys) {
        return Err(extra(&format!("tool_choice.{kind}.{key}")));
    }
    let name = choice["name"].as_str().unwrap_or_default();
    if kind == "tool" && !names.contains(&name) {
        let message = format!("Tool '{name}' not found in provided tools");
        return Err(Fault::invalid(message));
    }
    Ok(())
}
