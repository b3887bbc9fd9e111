//! What other formats do with the members and items that only this API has.

use crate::{
    format::{common::parameters::blocks, responses::wire::request::CacheOptions},
    ir::Policy,
    json::{Kind, Number, Raw},
};

/// For members of the request itself.
pub(super) fn of_request(key: &str, value: Raw<'_>) -> Policy {
    match key {
        _ if value.kind() == Kind::Null => Policy::Silent,
        // What the provider remembers is a part of the question.
        "background" if value.bool() == Some(false) => Policy::Silent,
        "previous_response_id" | "conversation" | "prompt" | "background" => Policy::Reject,
        "truncation" if value.text().is_some_and(|word| word == "disabled") => Policy::Silent,
        "prompt_cache_options" if prewarms(value) => Policy::Reject,
        "prompt_cache_key"
        | "prompt_cache_options"
        | "prompt_cache_retention"
        | "stream_options" => Policy::Silent,
        "moderation" if blocks(value) => Policy::Reject,
        "frequency_penalty" | "presence_penalty" if is_zero(value) => Policy::Silent,
        _ => Policy::Drop,
    }
}

fn is_zero(value: Raw<'_>) -> bool {
    let number = value.number().map(Number::as_f64);
    number.is_some_and(|number| number.abs() < f64::MIN_POSITIVE)
}

/// Whether nothing shall be answered, only the cache be filled.
fn prewarms(options: Raw<'_>) -> bool {
    let options: CacheOptions<'_> = options.parse().unwrap_or_default();
    options.prewarm == Some(true)
}

/// For members within `reasoning`.
pub(super) fn of_reasoning(key: &str, value: Raw<'_>) -> Policy {
    let word = value.text();
    let is = |usual: &str| word.as_ref().is_some_and(|word| *word == usual);
    match key {
        _ if value.kind() == Kind::Null => Policy::Silent,
        "summary" | "generate_summary" => Policy::Silent,
        "mode" if is("standard") => Policy::Silent,
        "context" if is("auto") => Policy::Silent,
        _ => Policy::Drop,
    }
}

/// For members of an item.
pub(super) fn of_item(key: &str, value: Raw<'_>) -> Policy {
    match key {
        _ if value.kind() == Kind::Null => Policy::Silent,
        // What the answer said of itself means nothing elsewhere.
        "id" | "status" | "phase" | "created_by" | "agent" => Policy::Silent,
        "caller" if is_direct(value) => Policy::Silent,
        _ => Policy::Drop,
    }
}

fn is_direct(caller: Raw<'_>) -> bool {
    let caller: crate::format::responses::wire::request::ToolChoice<'_> =
        caller.parse().unwrap_or_default();
    caller.kind.is_some_and(|kind| kind == "direct")
}

/// For members of a part of a message.
pub(super) fn of_part(key: &str, value: Raw<'_>) -> Policy {
    match key {
        "logprobs" => Policy::Silent,
        _ => unless_empty(key, value),
    }
}

/// For members of a tool, whose absence means the same as `false` or nothing.
pub(super) fn of_tool(key: &str, value: Raw<'_>) -> Policy {
    match (key, value.get()) {
        (_, "false") | ("allowed_callers", "[\"direct\"]") => Policy::Silent,
        _ => unless_empty(key, value),
    }
}

/// For members that say nothing if they are empty.
pub(super) fn unless_empty(_key: &str, value: Raw<'_>) -> Policy {
    match value.kind() {
        Kind::Null => Policy::Silent,
        _ if value.is_empty() => Policy::Silent,
        _ => Policy::Drop,
    }
}

/// For items that only this API has. What the provider's tools did is history; what stands for a part of the
/// conversation, or changes what follows, is not.
pub(super) fn of_native(kind: &str) -> Policy {
    match kind {
        "item_reference"
        | "compaction"
        | "compaction_trigger"
        | "additional_tools"
        | "configuration_update" => Policy::Reject,
        _ => Policy::Drop,
    }
}
