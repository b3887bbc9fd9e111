//! What generateContent checks in `contents` and `tools`, both with their names in camelCase.

use serde_json::Value;

use super::{
    check::{Fields, Kind},
    fault::Fault,
    fixture::{Fixture, fixture},
    gemini::{check_object, invalid},
};

const PART: Fields = &[
    ("fileData", Kind::Object),
    ("functionCall", Kind::Object),
    ("functionResponse", Kind::Object),
    ("inlineData", Kind::Object),
    ("text", Kind::Text),
    ("thought", Kind::Boolean),
    ("thoughtSignature", Kind::Text),
];

const CALL: Fields = &[
    ("args", Kind::Object),
    ("id", Kind::Text),
    ("name", Kind::Text),
];

const RESPONSE: Fields = &[
    ("id", Kind::Text),
    ("name", Kind::Text),
    ("parts", Kind::Array),
    ("response", Kind::Object),
    ("scheduling", Kind::Text),
    ("willContinue", Kind::Boolean),
];

const DECLARATION: Fields = &[
    ("behavior", Kind::Text),
    ("description", Kind::Text),
    ("name", Kind::Text),
    ("parameters", Kind::Object),
    ("parametersJsonSchema", Kind::Object),
    ("response", Kind::Object),
    ("responseJsonSchema", Kind::Object),
];

/// What the API takes for a seal where a caller has lost it.
const NO_SEAL: &[&str] = &[
    "skip_thought_signature_validator",
    "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",
];

/// The declared functions.
pub fn functions(body: &Value) -> Vec<&Value> {
    let tools = body["tools"].as_array().into_iter().flatten();
    let lists = tools.filter_map(|tool| tool["functionDeclarations"].as_array());
    lists.flatten().collect()
}

/// Checks the declared tools. Functions only: no client sends others.
pub fn check_tools(body: &Value) -> Result<(), Fault> {
    let tools = body["tools"].as_array().into_iter().flatten();
    for tool in tools {
        check_object(tool, &[("functionDeclarations", Kind::Array)], "tools")?;
    }
    let functions = functions(body);
    for function in &functions {
        check_object(function, DECLARATION, "tools[0].function_declarations")?;
        let name = function["name"].as_str().unwrap_or_default();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
        let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if !starts || name.len() > 128 || !name.bytes().all(legal) {
            return Err(invalid(format!("Invalid function name: {name}")));
        }
        if function["parameters"].is_object() && function["parametersJsonSchema"].is_object() {
            return Err(invalid("Only one of the parameters may be set."));
        }
    }
    let choice = &body["toolConfig"]["functionCallingConfig"];
    let allowed = choice["allowedFunctionNames"].as_array();
    for name in allowed.into_iter().flatten() {
        if !functions.iter().any(|function| function["name"] == *name) {
            return Err(invalid(format!("Function {name} is not declared.")));
        }
    }
    Ok(())
}

/// Checks each turn, and that responses answer the calls right before them.
pub fn check(body: &Value) -> Result<(), Fault> {
    let contents = body["contents"].as_array();
    let contents = contents.map(Vec::as_slice).unwrap_or_default();
    if contents.is_empty() {
        return Err(invalid(
            "* GenerateContentRequest.contents: contents is not specified",
        ));
    }
    let mut calls = Vec::new();
    for (index, content) in contents.iter().enumerate() {
        let at = format!("contents[{index}]");
        check_content(content, &at)?;
        // Contents of one role in a row are one turn: that is how chats give streams back.
        if content["role"] == "model" {
            calls.extend(names(content, "functionCall"));
            continue;
        }
        let responses = names(content, "functionResponse");
        if responses != calls {
            return Err(invalid(
                "Please ensure that the number of function response parts is equal to the number \
                 of function call parts of the function call turn, in the same order.",
            ));
        }
        calls.clear();
    }
    if !calls.is_empty() {
        return Err(invalid(
            "Please ensure that function call turn is followed by function response turn.",
        ));
    }
    check_seals(contents)
}

fn check_content(content: &Value, at: &str) -> Result<(), Fault> {
    let fields: Fields = &[("parts", Kind::Array), ("role", Kind::Text)];
    check_object(content, fields, at)?;
    let role = content["role"].as_str();
    if !matches!(role, None | Some("user" | "model")) {
        return Err(invalid("Please use a valid role: user, model."));
    }
    let parts = parts(content);
    if parts.is_empty() {
        return Err(invalid(format!(
            "* GenerateContentRequest.{at}.parts: contents.parts must not be empty."
        )));
    }
    for (index, part) in parts.iter().enumerate() {
        let at = format!("{at}.parts[{index}]");
        check_object(part, PART, &at)?;
        let data = ["text", "inlineData", "fileData"];
        let data = data.into_iter().chain(["functionCall", "functionResponse"]);
        if data.filter(|name| !part[*name].is_null()).count() != 1 {
            return Err(invalid(format!(
                "* GenerateContentRequest.{at}.data: required oneof field 'data' must have one \
                 initialized field"
            )));
        }
        check_function(part, role, &at)?;
    }
    Ok(())
}

fn check_function(part: &Value, role: Option<&str>, at: &str) -> Result<(), Fault> {
    for (key, fields, speaker) in [
        ("functionCall", CALL, "model"),
        ("functionResponse", RESPONSE, "user"),
    ] {
        let function = &part[key];
        if function.is_null() {
            continue;
        }
        check_object(function, fields, &format!("{at}.{key}"))?;
        if role.unwrap_or("user") != speaker {
            return Err(invalid(format!(
                "{at}.{key} is not one of a {speaker} turn."
            )));
        }
        if function["name"].as_str().is_none_or(str::is_empty) {
            return Err(invalid(format!(
                "* GenerateContentRequest.{at}.{key}.name: Name cannot be empty."
            )));
        }
    }
    if !part["functionResponse"].is_null() && !part["functionResponse"]["response"].is_object() {
        return Err(invalid(format!(
            "Invalid value at '{at}.function_response'."
        )));
    }
    Ok(())
}

fn parts(content: &Value) -> &[Value] {
    let parts = content["parts"].as_array();
    parts.map(Vec::as_slice).unwrap_or_default()
}

/// The function names of a turn's parts of one kind.
fn names<'a>(content: &'a Value, kind: &str) -> Vec<&'a Value> {
    let parts = parts(content).iter();
    let parts = parts.filter(|part| part[kind].is_object());
    parts.map(|part| &part[kind]["name"]).collect()
}

/// The seal on a part of a fixture, as [`seal_of`] gives it.
pub fn seal(fixture: Fixture, part: usize) -> String {
    let pointer = format!("/candidates/0/content/parts/{part}/thoughtSignature");
    standard(&fixture.text(&pointer))
}

/// The seal on a part. Bytes come in both alphabets of base64: the Python SDK gives back the other.
pub fn seal_of(part: &Value) -> Option<String> {
    part["thoughtSignature"].as_str().map(standard)
}

fn standard(base64: &str) -> String {
    base64.replace('-', "+").replace('_', "/")
}

/// Every step of the current turn seals its first call; no seal is one that this double did not give.
fn check_seals(contents: &[Value]) -> Result<(), Fault> {
    let minted = [
        (fixture!("gemini", "text"), 0),
        (fixture!("gemini", "tools"), 1),
        (fixture!("gemini", "tool_answer"), 0),
        (fixture!("gemini", "thinking"), 1),
        (fixture!("gemini", "thinking_tools"), 1),
        (fixture!("gemini", "thinking_answer"), 0),
        (fixture!("gemini", "structured"), 0),
    ]
    .map(|(fixture, part)| seal(fixture, part));
    let mut seals = contents.iter().flat_map(parts);
    let is_own = |seal: &str| NO_SEAL.contains(&seal) || minted.contains(&standard(seal));
    if seals.any(|part| {
        part["thoughtSignature"]
            .as_str()
            .is_some_and(|seal| !is_own(seal))
    }) {
        return Err(invalid("Thought signature is not valid."));
    }
    let asks = |content: &Value| {
        content["role"] != "model" && names(content, "functionResponse").is_empty()
    };
    let current = contents.iter().rposition(asks).unwrap_or_default();
    let mut is_first = true;
    for content in contents.iter().skip(current) {
        is_first |= content["role"] != "model";
        for part in parts(content) {
            let call = &part["functionCall"];
            if call.is_null() || !std::mem::take(&mut is_first) {
                continue;
            }
            if part["thoughtSignature"].is_string() {
                continue;
            }
            let name = &call["name"];
            return Err(invalid(format!(
                "Function call {name} in the current turn is missing a thought_signature. This is \
                 required for tools to work correctly."
            )));
        }
    }
    Ok(())
}
