//! What Messages checks in `messages`.

use serde_json::Value;

use super::{
    anthropic::{extra, input_should_be},
    check::{Kind, is_name, unknown_key},
    fault::Fault,
    fixture::fixture,
};

/// The keys of a text block.
pub const TEXT_KEYS: &[&str] = &["type", "text", "cache_control", "citations"];

/// A block's type, the keys it may have, and the key it must have with that key's type.
struct Block {
    name: &'static str,
    keys: &'static [&'static str],
    needs: &'static [(&'static str, Kind)],
    roles: &'static [&'static str],
}

const BLOCKS: &[Block] = &[
    Block {
        name: "text",
        keys: TEXT_KEYS,
        needs: &[("text", Kind::Text)],
        roles: &["user", "assistant", "system"],
    },
    Block {
        name: "image",
        keys: &["type", "source", "cache_control"],
        needs: &[("source", Kind::Object)],
        roles: &["user"],
    },
    Block {
        name: "document",
        keys: &[
            "type",
            "source",
            "title",
            "context",
            "citations",
            "cache_control",
        ],
        needs: &[("source", Kind::Object)],
        roles: &["user"],
    },
    Block {
        name: "search_result",
        keys: &[
            "type",
            "source",
            "title",
            "content",
            "citations",
            "cache_control",
        ],
        needs: &[("source", Kind::Text), ("content", Kind::Array)],
        roles: &["user"],
    },
    Block {
        name: "tool_result",
        keys: &[
            "type",
            "tool_use_id",
            "content",
            "is_error",
            "cache_control",
        ],
        needs: &[("tool_use_id", Kind::Text)],
        roles: &["user"],
    },
    Block {
        name: "tool_use",
        keys: &["type", "id", "name", "input", "caller", "cache_control"],
        needs: &[
            ("id", Kind::Text),
            ("name", Kind::Text),
            ("input", Kind::Object),
        ],
        roles: &["assistant"],
    },
    Block {
        name: "thinking",
        keys: &["type", "thinking", "signature"],
        needs: &[("thinking", Kind::Text), ("signature", Kind::Text)],
        roles: &["assistant"],
    },
    Block {
        name: "redacted_thinking",
        keys: &["type", "data"],
        needs: &[("data", Kind::Text)],
        roles: &["assistant"],
    },
];

/// Blocks of the provider's own tools, taken as they come: only it writes and reads them.
const OPAQUE: &[&str] = &[
    "bash_code_execution_tool_result",
    "code_execution_tool_result",
    "compaction",
    "container_upload",
    "mcp_tool_result",
    "mcp_tool_use",
    "server_tool_use",
    "tool_reference",
    "tool_search_tool_result",
    "web_fetch_tool_result",
    "web_search_tool_result",
];

/// Checks each message, and that tool results answer the calls right before them.
pub fn check(body: &Value) -> Result<(), Fault> {
    let messages = body["messages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let Some(first) = messages.first() else {
        return Err(Fault::invalid("messages: at least one message is required"));
    };
    let mut calls: Vec<&str> = Vec::new();
    let mut all_calls = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let at = format!("messages.{index}");
        check_message(message, &at)?;
        let results = ids(message, "tool_result", "tool_use_id");
        check_results(message, &results, &calls, &at)?;
        calls = ids(message, "tool_use", "id");
        all_calls.extend_from_slice(&calls);
    }
    if first["role"] != "user" {
        return Err(Fault::invalid(
            "messages: first message must use the \"user\" role",
        ));
    }
    check_end(messages, &calls)?;
    check_thinking_first(body, messages)?;
    check_calls(body, all_calls)
}

fn check_message(message: &Value, at: &str) -> Result<(), Fault> {
    if !message.is_object() {
        return Err(input_should_be(at, Kind::Object));
    }
    let role = message["role"].as_str().unwrap_or_default();
    if !["user", "assistant", "system"].contains(&role) {
        let message = format!("{at}.role: Input should be 'user' or 'assistant'");
        return Err(Fault::invalid(message));
    }
    if let Some(key) = unknown_key(message, &["role", "content"]) {
        return Err(extra(&format!("{at}.{key}")));
    }
    match &message["content"] {
        Value::Null => Err(Fault::invalid(format!("{at}.content: Field required"))),
        Value::String(text) if !text.is_empty() => Ok(()),
        Value::Array(blocks) if !blocks.is_empty() => {
            blocks.iter().enumerate().try_for_each(|(index, block)| {
                check_block(block, role, &format!("{at}.content.{index}"))
            })
        }
        Value::String(_) | Value::Array(_) => Err(Fault::invalid(format!(
            "{at}: all messages must have non-empty content except for the optional final \
             assistant message"
        ))),
        _ => Err(input_should_be(&format!("{at}.content"), Kind::TextOrArray)),
    }
}

fn check_block(block: &Value, role: &str, at: &str) -> Result<(), Fault> {
    let name = block["type"].as_str().unwrap_or_default();
    if OPAQUE.contains(&name) {
        return Ok(());
    }
    let Some(known) = BLOCKS.iter().find(|known| known.name == name) else {
        let message = format!("{at}: Input tag '{name}' does not match any of the expected tags");
        return Err(Fault::invalid(message));
    };
    let at = format!("{at}.{name}");
    if !known.roles.contains(&role) {
        let message = format!("{at}: `{name}` blocks are not allowed in `{role}` messages");
        return Err(Fault::invalid(message));
    }
    if let Some(key) = unknown_key(block, known.keys) {
        return Err(extra(&format!("{at}.{key}")));
    }
    for (key, kind) in known.needs {
        let value = &block[*key];
        if value.is_null() {
            return Err(Fault::invalid(format!("{at}.{key}: Field required")));
        }
        if !kind.accepts(value) {
            return Err(input_should_be(&format!("{at}.{key}"), *kind));
        }
    }
    check_values(block, name, &at)
}

/// What a block's values must be beyond their types.
fn check_values(block: &Value, name: &str, at: &str) -> Result<(), Fault> {
    let text = |key: &str| block[key].as_str().unwrap_or_default();
    match name {
        "text" if text("text").is_empty() => Err(Fault::invalid(
            "messages: text content blocks must be non-empty",
        )),
        "text" if text("text").trim().is_empty() => Err(Fault::invalid(
            "messages: text content blocks must contain non-whitespace text",
        )),
        "tool_use" if !is_name(text("id"), usize::MAX) => Err(Fault::invalid(format!(
            "{at}.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
        ))),
        "tool_use" if !is_name(text("name"), 200) => Err(Fault::invalid(format!(
            "{at}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,200}}$'"
        ))),
        "thinking" => check_thinking(text("thinking"), text("signature"), at),
        "tool_result" => check_result_content(&block["content"], at),
        _ => Ok(()),
    }
}

/// A thought comes back with the signature it was given with, and neither was touched.
fn check_thinking(thought: &str, signature: &str, at: &str) -> Result<(), Fault> {
    let minted = [
        fixture!("anthropic", "thinking"),
        fixture!("anthropic", "thinking_tools"),
    ];
    let own = minted.into_iter();
    let mut own = own.filter(|it| it.text("/content/0/signature") == signature);
    match own.next() {
        None => Err(Fault::invalid(format!(
            "{at}: Invalid `signature` in `thinking` block"
        ))),
        Some(it) if it.text("/content/0/thinking") != thought => Err(Fault::invalid(format!(
            "{at}: `thinking` or `redacted_thinking` blocks in the latest assistant message \
             cannot be modified. These blocks must remain as they were in the original response."
        ))),
        Some(_) => Ok(()),
    }
}

fn check_result_content(content: &Value, at: &str) -> Result<(), Fault> {
    let blocks = match content {
        Value::Null | Value::String(_) => return Ok(()),
        Value::Array(blocks) => blocks,
        _ => return Err(input_should_be(&format!("{at}.content"), Kind::TextOrArray)),
    };
    for (index, block) in blocks.iter().enumerate() {
        let at = format!("{at}.content.{index}");
        if matches!(block["type"].as_str(), Some("tool_result" | "tool_use")) {
            return Err(Fault::invalid(format!(
                "{at}: Input tag is not one of a tool result"
            )));
        }
        check_block(block, "user", &at)?;
    }
    Ok(())
}

/// A message's ids of one type of block.
fn ids<'a>(message: &'a Value, name: &str, key: &str) -> Vec<&'a str> {
    let blocks = message["content"].as_array().into_iter().flatten();
    blocks
        .filter(|block| block["type"] == name)
        .filter_map(|block| block[key].as_str())
        .collect()
}

/// Results come first in the message right after the calls, one for each of them.
fn check_results(message: &Value, results: &[&str], calls: &[&str], at: &str) -> Result<(), Fault> {
    for (index, id) in results.iter().enumerate() {
        if !calls.contains(id) {
            return Err(Fault::invalid(format!(
                "{at}.content.{index}: unexpected `tool_use_id` found in `tool_result` blocks: \
                 {id}. Each `tool_result` block must have a corresponding `tool_use` block in the \
                 previous message."
            )));
        }
        if results.iter().take(index).any(|before| before == id) {
            return Err(Fault::invalid(format!(
                "{at}.content.{index}: each tool_use must have a single result. Found multiple \
                 `tool_result` blocks with id: {id}"
            )));
        }
    }
    let blocks = message["content"].as_array().into_iter().flatten();
    let leading = blocks
        .take_while(|block| block["type"] == "tool_result")
        .count();
    if leading < calls.len() || leading < results.len() {
        return Err(unanswered(calls, at));
    }
    Ok(())
}

fn unanswered(calls: &[&str], at: &str) -> Fault {
    let ids = calls.join(", ");
    Fault::invalid(format!(
        "{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {ids}. \
         Each `tool_use` block must have a corresponding `tool_result` block in the next message."
    ))
}

/// With manual thinking, a turn whose calls are being answered begins with its thought.
fn check_thinking_first(body: &Value, messages: &[Value]) -> Result<(), Fault> {
    let [.., asked, last] = messages else {
        return Ok(());
    };
    let is_loop = !ids(last, "tool_result", "tool_use_id").is_empty();
    let first = asked["content"][0]["type"].as_str().unwrap_or_default();
    if body["thinking"]["type"] != "enabled"
        || !is_loop
        || ["thinking", "redacted_thinking"].contains(&first)
    {
        return Ok(());
    }
    let index = messages.len() - 2;
    Err(Fault::invalid(format!(
        "messages.{index}.content.0.type: Expected `thinking` or `redacted_thinking`, but found \
         `{first}`. When `thinking` is enabled, a final `assistant` message must start with a \
         thinking block."
    )))
}

fn check_end(messages: &[Value], calls: &[&str]) -> Result<(), Fault> {
    if !calls.is_empty() {
        return Err(unanswered(calls, "messages"));
    }
    let Some(last) = messages.last().filter(|last| last["role"] == "assistant") else {
        return Ok(());
    };
    let text = match &last["content"] {
        Value::Array(blocks) => blocks.last().and_then(|block| block["text"].as_str()),
        content => content.as_str(),
    };
    if text.is_some_and(|text| text.ends_with(char::is_whitespace)) {
        let message = "messages: final assistant content cannot end with trailing whitespace";
        return Err(Fault::invalid(message));
    }
    Ok(())
}

/// Calls have ids of their own, and their tools are declared.
fn check_calls(body: &Value, mut calls: Vec<&str>) -> Result<(), Fault> {
    let count = calls.len();
    calls.sort_unstable();
    calls.dedup();
    if calls.len() < count {
        return Err(Fault::invalid("messages: `tool_use` ids must be unique"));
    }
    if count > 0 && body["tools"].as_array().is_none_or(Vec::is_empty) {
        return Err(Fault::invalid(
            "Requests which include `tool_use` or `tool_result` blocks must define tools.",
        ));
    }
    Ok(())
}
