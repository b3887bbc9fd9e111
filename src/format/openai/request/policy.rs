//! What other formats do with the members that only this API has.

use crate::{
    format::common::parameters::blocks,
    ir::Policy,
    json::{Kind, Raw},
};

/// For members of the request itself.
pub(super) fn of_request(key: &str, value: Raw<'_>) -> Policy {
    match key {
        _ if value.kind() == Kind::Null => Policy::Silent,
        "prompt_cache_key" | "prompt_cache_options" | "prompt_cache_retention" => Policy::Silent,
        "logit_bias" if value.is_empty() => Policy::Silent,
        "modalities" if is_text_only(value) => Policy::Silent,
        // Without these the answer would be another one, or missing.
        "modalities" | "audio" => Policy::Reject,
        "moderation" if blocks(value) => Policy::Reject,
        _ => Policy::Drop,
    }
}

fn is_text_only(modalities: Raw<'_>) -> bool {
    modalities
        .parse::<Vec<&str>>()
        .is_ok_and(|modalities| modalities == ["text"])
}

/// For members of a message.
pub(super) fn of_message(key: &str, value: Raw<'_>) -> Policy {
    match key {
        _ if value.kind() == Kind::Null => Policy::Silent,
        // An earlier spoken answer, by its id: nobody else can hear it.
        "audio" => Policy::Reject,
        // Thoughts go back only to who thought them.
        "reasoning_details" => Policy::Silent,
        "annotations" if value.is_empty() => Policy::Silent,
        _ => Policy::Drop,
    }
}

/// For members of a tool call: hints for servers of one kind.
pub(super) fn of_tool_call(_key: &str, _value: Raw<'_>) -> Policy {
    Policy::Silent
}

/// For members of which `null` says nothing.
pub(super) fn unless_null(_key: &str, value: Raw<'_>) -> Policy {
    match value.kind() {
        Kind::Null => Policy::Silent,
        _ => Policy::Drop,
    }
}
