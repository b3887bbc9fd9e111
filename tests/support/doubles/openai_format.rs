//! What chat completions checks in `response_format`.

use serde_json::Value;

use super::{
    check::{is_name, unknown_key},
    fault::Fault,
    openai_messages::{additional, missing},
    schema::open_object,
};

/// Checks the form the answer must have.
pub fn check(body: &Value) -> Result<(), Fault> {
    let format = &body["response_format"];
    match format["type"].as_str() {
        None if format.is_null() => Ok(()),
        None => Err(missing("response_format.type")),
        Some("text") => Ok(()),
        Some("json_object") => check_word(&body["messages"], "messages"),
        Some("json_schema") => {
            let at = "response_format.json_schema";
            match &format["json_schema"] {
                Value::Object(_) => check_schema(&format["json_schema"], at, "response_format"),
                _ => Err(missing(at)),
            }
        }
        Some(other) => {
            let message = format!(
                "Invalid value: '{other}'. Supported values are: 'json_object', 'json_schema', \
                 and 'text'."
            );
            let fault = Fault::invalid(message).param("response_format.type");
            Err(fault.code("invalid_value"))
        }
    }
}

/// An answer in any JSON wants the word in the prompt.
pub fn check_word(prompt: &Value, name: &str) -> Result<(), Fault> {
    if prompt.to_string().to_lowercase().contains("json") {
        return Ok(());
    }
    let message = format!("'{name}' must contain the word 'json' in some form.");
    Err(Fault::invalid(message).param(name))
}

/// Checks a schema with its name, for both of `OpenAI`'s APIs.
pub fn check_schema(format: &Value, at: &str, name: &str) -> Result<(), Fault> {
    let keys = ["type", "name", "schema", "strict", "description"];
    if let Some(key) = unknown_key(format, &keys) {
        return Err(additional(key, at));
    }
    if !format["name"].as_str().is_some_and(|it| is_name(it, 64)) {
        return Err(missing(format!("{at}.name")));
    }
    if !format["schema"].is_object() {
        return Err(missing(format!("{at}.schema")));
    }
    let is_strict = format["strict"] == true;
    let Some(lack) = open_object(&format["schema"], true).filter(|_| is_strict) else {
        return Ok(());
    };
    let title = &format["name"];
    let message = format!("Invalid schema for {name} {title}: In context=(), {lack}.");
    let fault = Fault::invalid(message).param(name);
    Err(fault.code("invalid_json_schema"))
}
