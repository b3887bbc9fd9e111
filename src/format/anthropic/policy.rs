//! What other formats do with members and blocks that only this API has.

use crate::{
    ir::{Extra, Policy},
    json::Raw,
};

/// Decides for each member. `null` says nothing, whatever the member is.
pub(super) fn judge(extra: &mut Extra<'_>, policy: fn(&str, Raw<'_>) -> Policy) {
    extra.judge(|key, value| match value.get() {
        "null" => Policy::Silent,
        _ => policy(key, value),
    });
}

/// A member of the request. Without state that the provider keeps, or tools that it runs, the answer would be wrong.
pub(super) fn request(key: &str, value: Raw<'_>) -> Policy {
    match (key, value.get()) {
        ("mcp_servers", _) if value.is_empty() => Policy::Silent,
        ("container" | "mcp_servers", _) => Policy::Reject,
        // Some clouds are told here what the headers tell the API.
        ("speed", "\"standard\"") | ("anthropic_version" | "anthropic_beta" | "betas", _) => {
            Policy::Silent
        }
        _ => Policy::Drop,
    }
}

/// A member of a tool. All that the tool needs is sent in full, so most only save tokens.
pub(super) fn tool(key: &str, value: Raw<'_>) -> Policy {
    match (key, value.get()) {
        ("type", _) | (_, "false") | ("allowed_callers", "[\"direct\"]") => Policy::Silent,
        _ if value.is_empty() => Policy::Silent,
        _ => Policy::Drop,
    }
}

/// A member of an image or document.
pub(super) fn media(key: &str, value: Raw<'_>) -> Policy {
    #[derive(serde::Deserialize)]
    struct Citations {
        enabled: bool,
    }
    match key {
        "citations"
            if value
                .parse_owned::<Citations>()
                .is_some_and(|citations| !citations.enabled) =>
        {
            Policy::Silent
        }
        _ => Policy::Drop,
    }
}

/// A member of a tool call.
pub(super) fn call(key: &str, value: Raw<'_>) -> Policy {
    #[derive(serde::Deserialize)]
    struct Caller {
        r#type: String,
    }
    match key {
        "caller"
            if value
                .parse_owned::<Caller>()
                .is_some_and(|caller| caller.r#type == "direct") =>
        {
            Policy::Silent
        }
        _ => Policy::Drop,
    }
}

/// Whether a block is a call or a result of a tool that the provider runs.
pub(super) fn is_of_server_tools(kind: &str) -> bool {
    kind.ends_with("_tool_use") || kind.ends_with("_tool_result")
}

/// A block. What the model did with the provider's tools is history; what the user put before it is not.
pub(super) fn block(kind: &str) -> Policy {
    match kind {
        "container_upload" => Policy::Reject,
        _ => Policy::Drop,
    }
}
