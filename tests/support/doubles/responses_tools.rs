//! What Responses checks in `tools` and `tool_choice`.

use serde_json::Value;

use super::{
    check::{is_name, unknown_key},
    fault::Fault,
    openai_messages::{additional, missing},
    schema::open_object,
};

const FUNCTION_KEYS: &[&str] = &[
    "allowed_callers",
    "defer_loading",
    "description",
    "name",
    "output_schema",
    "parameters",
    "strict",
    "type",
];

/// Checks the declared tools and the choice among them. Functions only: no client sends others.
pub fn check(body: &Value) -> Result<(), Fault> {
    let tools = body["tools"].as_array();
    let tools = tools.map(Vec::as_slice).unwrap_or_default();
    for (index, tool) in tools.iter().enumerate() {
        check_tool(tool, &format!("tools[{index}]"))?;
    }
    check_choice(&body["tool_choice"], tools)
}

fn check_tool(tool: &Value, at: &str) -> Result<(), Fault> {
    match tool["type"].as_str() {
        Some("function") => {}
        Some(other) => {
            let message = format!("Invalid value: '{other}'.");
            let fault = Fault::invalid(message).param(format!("{at}.type"));
            return Err(fault.code("invalid_value"));
        }
        None => return Err(missing(format!("{at}.type"))),
    }
    // Whoever nests the function as chat completions does has no name here.
    let Some(name) = tool["name"].as_str() else {
        return Err(missing(format!("{at}.name")));
    };
    if let Some(key) = unknown_key(tool, FUNCTION_KEYS) {
        return Err(additional(key, at));
    }
    if !is_name(name, 64) {
        let at = format!("{at}.name");
        let message = format!("Invalid '{at}': string does not match pattern.");
        return Err(Fault::invalid(message).param(at).code("invalid_value"));
    }
    for key in ["parameters", "strict"] {
        if tool.get(key).is_none() {
            return Err(missing(format!("{at}.{key}")));
        }
    }
    check_parameters(tool, name, at)
}

fn check_parameters(tool: &Value, name: &str, at: &str) -> Result<(), Fault> {
    let parameters = &tool["parameters"];
    let lack = if parameters.is_null() {
        None
    } else if parameters["type"] != "object" {
        let got = &parameters["type"];
        Some(format!(
            "schema must be a JSON Schema of 'type: \"object\"', got 'type: {got}'"
        ))
    } else {
        open_object(parameters, true).filter(|_| tool["strict"] == true)
    };
    let Some(lack) = lack else {
        return Ok(());
    };
    let message = format!("Invalid schema for function '{name}': In context=(), {lack}.");
    let fault = Fault::invalid(message).param(format!("{at}.parameters"));
    Err(fault.code("invalid_function_parameters"))
}

fn check_choice(choice: &Value, tools: &[Value]) -> Result<(), Fault> {
    let wrong = |message: String| Err(Fault::invalid(message).param("tool_choice"));
    match choice {
        Value::Null => Ok(()),
        Value::String(word) if matches!(word.as_str(), "none" | "auto") => Ok(()),
        Value::String(word) if word == "required" && !tools.is_empty() => Ok(()),
        Value::String(word) => wrong(format!("Invalid value: '{word}'.")),
        choice if choice["type"] == "allowed_tools" => Ok(()),
        choice if tools.iter().any(|tool| tool["name"] == choice["name"]) => Ok(()),
        choice => wrong(format!(
            "Tool choice {choice} not found in 'tools' parameter."
        )),
    }
}
