//! What chat completions checks in `messages`.

use serde_json::Value;

use super::{
    check::{is_name, type_name, unknown_key},
    fault::Fault,
    openai::invalid_type,
};

/// A role, the keys its message may have, and the types its content parts may have.
struct Role {
    name: &'static str,
    keys: &'static [&'static str],
    parts: &'static [&'static str],
}

const ROLES: &[Role] = &[
    Role {
        name: "system",
        keys: &["role", "content", "name"],
        parts: &["text"],
    },
    Role {
        name: "developer",
        keys: &["role", "content", "name"],
        parts: &["text"],
    },
    Role {
        name: "user",
        keys: &["role", "content", "name"],
        parts: &["text", "image_url", "input_audio", "file"],
    },
    Role {
        name: "assistant",
        keys: &[
            "role",
            "content",
            "name",
            "refusal",
            "annotations",
            "audio",
            "function_call",
            "tool_calls",
        ],
        parts: &["text", "refusal"],
    },
    Role {
        name: "tool",
        keys: &["role", "content", "name", "tool_call_id"],
        parts: &["text"],
    },
    Role {
        name: "function",
        keys: &["role", "content", "name"],
        parts: &[],
    },
];

/// Checks each message, and that tool messages answer the calls right before them.
pub fn check(body: &Value) -> Result<(), Fault> {
    let Some(messages) = body["messages"].as_array() else {
        return Err(missing("messages"));
    };
    if messages.is_empty() {
        let message = "Invalid 'messages': empty array. Expected an array with minimum length 1, \
                       but got an empty array instead.";
        return Err(Fault::invalid(message)
            .param("messages")
            .code("empty_array"));
    }
    let mut calls = Calls::default();
    for (index, message) in messages.iter().enumerate() {
        let at = format!("messages[{index}]");
        let role = check_role(message, &at)?;
        check_content(message, role, &at)?;
        match role.name {
            "tool" => calls.answer(message, &at)?,
            "assistant" => calls.ask(message, &at)?,
            _ => calls.close(&at)?,
        }
    }
    calls.close("messages")
}

fn check_role(message: &Value, at: &str) -> Result<&'static Role, Fault> {
    if !message.is_object() {
        return Err(invalid_type(at, "an object", message));
    }
    let Some(name) = message["role"].as_str() else {
        return Err(missing(format!("{at}.role")));
    };
    let Some(role) = ROLES.iter().find(|role| role.name == name) else {
        let names = "'system', 'assistant', 'user', 'function', 'tool', and 'developer'";
        let message = format!("Invalid value: '{name}'. Supported values are: {names}.");
        return Err(Fault::invalid(message)
            .param(format!("{at}.role"))
            .code("invalid_value"));
    };
    match unknown_key(message, role.keys) {
        Some(key) => Err(additional(key, at)),
        None => Ok(role),
    }
}

fn check_content(message: &Value, role: &Role, at: &str) -> Result<(), Fault> {
    let at = format!("{at}.content");
    match &message["content"] {
        Value::String(_) => Ok(()),
        Value::Array(parts) if parts.is_empty() => {
            let message = format!("Invalid '{at}': empty array.");
            Err(Fault::invalid(message).param(at).code("empty_array"))
        }
        Value::Array(parts) => parts
            .iter()
            .enumerate()
            .try_for_each(|(index, part)| check_part(part, role, &format!("{at}[{index}]"))),
        // An assistant that only called tools, or refused, said nothing.
        Value::Null if role.name == "assistant" && says_otherwise(message) => Ok(()),
        other => {
            let got = type_name(other);
            let message = format!("Invalid value for 'content': expected a string, got {got}.");
            Err(Fault::invalid(message).param(at))
        }
    }
}

fn says_otherwise(message: &Value) -> bool {
    ["tool_calls", "function_call", "refusal", "audio"]
        .iter()
        .any(|key| !message[*key].is_null())
}

fn check_part(part: &Value, role: &Role, at: &str) -> Result<(), Fault> {
    let kind = part["type"].as_str().unwrap_or_default();
    if !role.parts.contains(&kind) {
        let supported = role.parts.join("', '");
        let message = format!("Invalid value: '{kind}'. Supported values are: '{supported}'.");
        return Err(Fault::invalid(message).param(at).code("invalid_value"));
    }
    // Each part has its payload under the name of its type.
    let payload = &part[kind];
    let is_text = matches!(kind, "text" | "refusal");
    if payload.is_null() {
        return Err(missing(format!("{at}.{kind}")));
    }
    if is_text != payload.is_string() || is_text == payload.is_object() {
        let wanted = if is_text { "a string" } else { "an object" };
        return Err(invalid_type(&format!("{at}.{kind}"), wanted, payload));
    }
    match unknown_key(part, &["type", kind, "prompt_cache_breakpoint"]) {
        Some(key) => Err(additional(key, at)),
        None => Ok(()),
    }
}

/// The calls of the last assistant message.
#[derive(Default)]
struct Calls<'a> {
    open: Vec<&'a str>,
    answered: Vec<&'a str>,
}

impl<'a> Calls<'a> {
    fn ask(&mut self, message: &'a Value, at: &str) -> Result<(), Fault> {
        self.close(at)?;
        let calls = match &message["tool_calls"] {
            Value::Null => return Ok(()),
            Value::Array(calls) if !calls.is_empty() => calls,
            Value::Array(_) => {
                let message = format!("[] is too short - '{at}.tool_calls'");
                return Err(Fault::invalid(message).param(format!("{at}.tool_calls")));
            }
            other => return Err(invalid_type(&format!("{at}.tool_calls"), "an array", other)),
        };
        for (index, call) in calls.iter().enumerate() {
            self.open
                .push(check_call(call, &format!("{at}.tool_calls[{index}]"))?);
        }
        Ok(())
    }

    fn answer(&mut self, message: &'a Value, at: &str) -> Result<(), Fault> {
        let Some(id) = message["tool_call_id"].as_str() else {
            return Err(missing(format!("{at}.tool_call_id")));
        };
        if self.open.is_empty() && self.answered.is_empty() {
            let message = "Invalid parameter: messages with role 'tool' must be a response to a \
                           preceeding message with 'tool_calls'.";
            return Err(Fault::invalid(message).param(format!("{at}.role")));
        }
        let Some(index) = self.open.iter().position(|open| *open == id) else {
            let message = format!(
                "Invalid parameter: 'tool_call_id' of '{id}' not found in \
                                   'tool_calls' of previous message."
            );
            return Err(Fault::invalid(message).param(format!("{at}.tool_call_id")));
        };
        self.answered.push(self.open.remove(index));
        Ok(())
    }

    /// Any message but a tool's ends the answers.
    fn close(&mut self, at: &str) -> Result<(), Fault> {
        self.answered.clear();
        if self.open.is_empty() {
            return Ok(());
        }
        let ids = self.open.join(", ");
        let message = format!(
            "An assistant message with 'tool_calls' must be followed by tool messages responding \
             to each 'tool_call_id'. The following tool_call_ids did not have response messages: \
             {ids}"
        );
        Err(Fault::invalid(message).param(format!("{at}.role")))
    }
}

fn check_call<'a>(call: &'a Value, at: &str) -> Result<&'a str, Fault> {
    if let Some(key) = unknown_key(call, &["id", "type", "function", "custom"]) {
        return Err(additional(key, at));
    }
    let id = match call["id"].as_str() {
        Some(id) if (1..=40).contains(&id.len()) => id,
        Some(id) => {
            let message = format!(
                "Invalid '{at}.id': string has length {}. Expected a length from 1 to 40.",
                id.len()
            );
            return Err(Fault::invalid(message).param(format!("{at}.id")));
        }
        None => return Err(missing(format!("{at}.id"))),
    };
    let (kind, text) = match call["type"].as_str() {
        Some("function") => ("function", "arguments"),
        Some("custom") => ("custom", "input"),
        _ => return Err(missing(format!("{at}.type"))),
    };
    let name = call[kind]["name"].as_str().unwrap_or_default();
    if !is_name(name, 64) {
        let at = format!("{at}.{kind}.name");
        let message = format!("Invalid '{at}': string does not match pattern.");
        return Err(Fault::invalid(message).param(at).code("invalid_value"));
    }
    let text_at = format!("{at}.{kind}.{text}");
    match &call[kind][text] {
        Value::String(_) => Ok(id),
        Value::Null => Err(missing(text_at)),
        other => Err(invalid_type(&text_at, "a string", other)),
    }
}

/// "Missing required parameter".
pub fn missing(at: impl Into<String>) -> Fault {
    let at = at.into();
    Fault::invalid(format!("Missing required parameter: '{at}'."))
        .param(at)
        .code("missing_required_parameter")
}

/// "Additional properties are not allowed".
pub fn additional(key: &str, at: &str) -> Fault {
    Fault::invalid(format!(
        "Additional properties are not allowed ('{key}' was unexpected) - '{at}'"
    ))
    .param(at)
}
