//! What Responses checks in `input`.

use serde_json::Value;

use super::{
    check::unknown_key,
    fault::Fault,
    fixture::fixture,
    openai::invalid_type,
    openai_messages::{additional, missing},
};

/// An item's type, the keys it may have, the keys it must have, and the prefix of its id.
struct Item {
    name: &'static str,
    keys: &'static [&'static str],
    needs: &'static [&'static str],
    prefix: &'static str,
}

const ITEMS: &[Item] = &[
    Item {
        name: "message",
        keys: &["type", "id", "role", "content", "status", "phase"],
        needs: &["role", "content"],
        prefix: "msg",
    },
    Item {
        name: "reasoning",
        keys: &[
            "type",
            "id",
            "summary",
            "content",
            "encrypted_content",
            "status",
        ],
        needs: &["summary"],
        prefix: "rs",
    },
    Item {
        name: "function_call",
        keys: &[
            "type",
            "id",
            "call_id",
            "name",
            "arguments",
            "status",
            "namespace",
        ],
        needs: &["call_id", "name", "arguments"],
        prefix: "fc",
    },
    Item {
        name: "function_call_output",
        keys: &["type", "id", "call_id", "output", "status"],
        needs: &["call_id", "output"],
        prefix: "fc",
    },
];

/// A role and the types its content parts may have.
const ROLES: &[(&str, &[&str])] = &[
    ("user", &["input_text", "input_image", "input_file"]),
    ("system", &["input_text"]),
    ("developer", &["input_text"]),
    ("assistant", &["output_text", "refusal"]),
];

const PART_KEYS: &[&str] = &[
    "annotations",
    "detail",
    "file_data",
    "file_id",
    "file_url",
    "filename",
    "image_url",
    "logprobs",
    "prompt_cache_breakpoint",
    "refusal",
    "text",
    "type",
];

/// Checks each item, and that calls and their outputs belong together.
pub fn check(body: &Value) -> Result<(), Fault> {
    let Some(items) = body["input"].as_array() else {
        return Ok(());
    };
    for (index, item) in items.iter().enumerate() {
        check_item(item, &format!("input[{index}]"))?;
    }
    check_pairs(items)?;
    check_order(items)
}

fn check_item(item: &Value, at: &str) -> Result<(), Fault> {
    let name = item["type"].as_str().unwrap_or("message");
    if name == "item_reference" {
        return Err(not_found(item["id"].as_str().unwrap_or_default()));
    }
    let Some(known) = ITEMS.iter().find(|known| known.name == name) else {
        let message = format!("Invalid value: '{name}'.");
        let fault = Fault::invalid(message).param(format!("{at}.type"));
        return Err(fault.code("invalid_value"));
    };
    if let Some(key) = unknown_key(item, known.keys) {
        let message = format!("Unknown parameter: '{at}.{key}'.");
        let fault = Fault::invalid(message).param(format!("{at}.{key}"));
        return Err(fault.code("unknown_parameter"));
    }
    for need in known.needs {
        if item[*need].is_null() {
            return Err(missing(format!("{at}.{need}")));
        }
    }
    check_id(item, known.prefix, at)?;
    match name {
        "message" => check_message(item, at),
        "reasoning" => check_reasoning(item, at),
        _ => check_call(item, at),
    }
}

fn check_id(item: &Value, prefix: &str, at: &str) -> Result<(), Fault> {
    let Some(id) = item["id"].as_str() else {
        return Ok(());
    };
    if id.starts_with(prefix) && id.len() <= 64 {
        return Ok(());
    }
    let message = format!("Invalid '{at}.id': '{id}'. Expected an ID that begins with '{prefix}'.");
    let fault = Fault::invalid(message).param(format!("{at}.id"));
    Err(fault.code("invalid_value"))
}

fn not_found(id: &str) -> Fault {
    Fault::invalid(format!(
        "Item with id '{id}' not found. Items are not persisted when `store` is set to false. Try \
         again with `store` set to true, or remove this item from your input."
    ))
    .param("input")
}

fn check_message(item: &Value, at: &str) -> Result<(), Fault> {
    let role = item["role"].as_str().unwrap_or_default();
    let Some((_, kinds)) = ROLES.iter().find(|(known, _)| *known == role) else {
        let message = format!("Invalid value: '{role}'.");
        let fault = Fault::invalid(message).param(format!("{at}.role"));
        return Err(fault.code("invalid_value"));
    };
    check_content(&item["content"], kinds, &format!("{at}.content"))
}

fn check_content(content: &Value, kinds: &[&str], at: &str) -> Result<(), Fault> {
    let parts = match content {
        Value::String(_) => return Ok(()),
        Value::Array(parts) => parts,
        other => return Err(invalid_type(at, "a string or an array", other)),
    };
    for (index, part) in parts.iter().enumerate() {
        let at = format!("{at}[{index}]");
        let kind = part["type"].as_str().unwrap_or_default();
        if !kinds.contains(&kind) {
            let supported = kinds.join("', '");
            let message = format!("Invalid value: '{kind}'. Supported values are: '{supported}'.");
            return Err(Fault::invalid(message).param(at).code("invalid_value"));
        }
        if let Some(key) = unknown_key(part, PART_KEYS) {
            return Err(additional(key, &at));
        }
        let is_text = matches!(kind, "input_text" | "output_text");
        if is_text && !part["text"].is_string() {
            return Err(missing(format!("{at}.text")));
        }
    }
    Ok(())
}

fn check_call(item: &Value, at: &str) -> Result<(), Fault> {
    let id = item["call_id"].as_str().unwrap_or_default();
    if !(1..=64).contains(&id.len()) {
        let length = id.len();
        let message = format!(
            "Invalid '{at}.call_id': string has length {length}. Expected a length from 1 to 64."
        );
        return Err(Fault::invalid(message).param(format!("{at}.call_id")));
    }
    match (&item["arguments"], &item["output"]) {
        (Value::Null, output) => {
            let kinds = ["input_text", "input_image", "input_file"];
            check_content(output, &kinds, &format!("{at}.output"))
        }
        (Value::String(_), _) => Ok(()),
        (other, _) => Err(invalid_type(&format!("{at}.arguments"), "a string", other)),
    }
}

/// A seal comes back as it was given.
fn check_reasoning(item: &Value, at: &str) -> Result<(), Fault> {
    let minted = [
        fixture!("responses", "thinking"),
        fixture!("responses", "thinking_tools"),
    ];
    let id = item["id"].as_str().unwrap_or_default();
    let mut minted = minted.into_iter();
    match item["encrypted_content"].as_str() {
        None => Err(not_found(id)),
        Some(seal) if minted.any(|it| it.text("/output/0/encrypted_content") == seal) => Ok(()),
        Some(_) => Err(Fault::invalid(format!(
            "The encrypted content for item {id} could not be verified. Reason: Encrypted content \
             could not be decrypted or parsed."
        ))
        .param(at)
        .code("invalid_encrypted_content")),
    }
}

/// Each output answers a call before it, and each call is answered.
fn check_pairs(items: &[Value]) -> Result<(), Fault> {
    let mut open = Vec::new();
    for item in items {
        let id = item["call_id"].as_str().unwrap_or_default();
        match item["type"].as_str() {
            Some("function_call") => open.push(id),
            Some("function_call_output") => {
                let Some(index) = open.iter().position(|call| *call == id) else {
                    let message =
                        format!("No tool call found for function call output with call_id {id}.");
                    return Err(Fault::invalid(message).param("input"));
                };
                open.remove(index);
            }
            _ => {}
        }
    }
    match open.first() {
        Some(id) => {
            let message = format!("No tool output found for function call {id}.");
            Err(Fault::invalid(message).param("input"))
        }
        None => Ok(()),
    }
}

/// A thought goes before what it led to, and that does not come back without it.
fn check_order(items: &[Value]) -> Result<(), Fault> {
    let sealed = fixture!("responses", "thinking_tools");
    let (thought, call) = (sealed.text("/output/0/id"), sealed.text("/output/1/id"));
    for (index, item) in items.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| items.get(before));
        let after = items.get(index + 1).map(|item| &item["type"]);
        let is_led = after.is_some_and(|kind| kind != "function_call_output");
        if item["type"] == "reasoning" && !is_led {
            let id = &item["id"];
            let message = format!(
                "Item {id} of type 'reasoning' was provided without its required following item."
            );
            return Err(Fault::invalid(message).param("input"));
        }
        let has_thought = before.is_some_and(|item| item["type"] == "reasoning");
        if item["id"] == *call && !has_thought {
            let message = format!(
                "Item '{call}' of type 'function_call' was provided without its required \
                 'reasoning' item: '{thought}'."
            );
            return Err(Fault::invalid(message).param("input"));
        }
    }
    Ok(())
}
