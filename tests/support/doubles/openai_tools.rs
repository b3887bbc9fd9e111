//! What chat completions checks in `tools` and `tool_choice`.

use serde_json::Value;

use super::{
    check::{is_name, unknown_key},
    fault::Fault,
    openai_messages::{additional, missing},
    schema::open_object,
};

const FUNCTION_KEYS: &[&str] = &["name", "description", "parameters", "strict"];

/// Checks the declared tools and the choice among them.
pub fn check(body: &Value) -> Result<(), Fault> {
    let Some(tools) = body["tools"].as_array() else {
        return Ok(());
    };
    if tools.is_empty() {
        let message = "Invalid 'tools': empty array. Expected an array with minimum length 1, but \
                       got an empty array instead.";
        return Err(Fault::invalid(message).param("tools").code("empty_array"));
    }
    for (index, tool) in tools.iter().enumerate() {
        check_tool(tool, &format!("tools[{index}]"))?;
    }
    check_choice(&body["tool_choice"], tools)
}

fn check_tool(tool: &Value, at: &str) -> Result<(), Fault> {
    let kind = match tool["type"].as_str() {
        Some(kind @ ("function" | "custom")) => kind,
        Some(other) => {
            let message =
                format!("Invalid value: '{other}'. Supported values are: 'function' and 'custom'.");
            return Err(Fault::invalid(message)
                .param(format!("{at}.type"))
                .code("invalid_value"));
        }
        None => return Err(missing(format!("{at}.type"))),
    };
    if let Some(key) = unknown_key(tool, &["type", kind]) {
        return Err(additional(key, at));
    }
    let Some(name) = tool[kind]["name"].as_str() else {
        return Err(missing(format!("{at}.{kind}.name")));
    };
    if !is_name(name, 64) {
        let at = format!("{at}.{kind}.name");
        let message = format!(
            "Invalid '{at}': string does not match pattern. Expected a string that matches the \
             pattern '^[a-zA-Z0-9_-]+$'."
        );
        return Err(Fault::invalid(message).param(at).code("invalid_value"));
    }
    if kind == "function" {
        check_function(&tool[kind], name, at)
    } else {
        Ok(())
    }
}

fn check_function(function: &Value, name: &str, at: &str) -> Result<(), Fault> {
    let at = format!("{at}.function");
    if let Some(key) = unknown_key(function, FUNCTION_KEYS) {
        return Err(additional(key, &at));
    }
    let Some(parameters) = function.get("parameters") else {
        return Ok(());
    };
    if parameters["type"] == "object" {
        return check_strict(function, parameters, name, &at);
    }
    let got = &parameters["type"];
    let message = format!(
        "Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \
         \"object\"', got 'type: {got}'."
    );
    let fault = Fault::invalid(message).param(format!("{at}.parameters"));
    Err(fault.code("invalid_function_parameters"))
}

fn check_strict(function: &Value, schema: &Value, name: &str, at: &str) -> Result<(), Fault> {
    let is_strict = function["strict"] == true;
    let Some(lack) = open_object(schema, true).filter(|_| is_strict) else {
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
        Value::String(word) if matches!(word.as_str(), "none" | "auto" | "required") => Ok(()),
        Value::String(word) => wrong(format!(
            "Invalid value: '{word}'. Supported values are: 'none', 'auto', and 'required'."
        )),
        choice => match choice["type"].as_str() {
            Some(kind @ ("function" | "custom")) => {
                let name = &choice[kind]["name"];
                if tools.iter().any(|tool| &tool[kind]["name"] == name) {
                    return Ok(());
                }
                wrong(format!(
                    "Tool choice {name} not found in 'tools' parameter."
                ))
            }
            Some("allowed_tools") => Ok(()),
            _ => wrong(format!("Invalid value: {choice}.")),
        },
    }
}
