//! Why the model stopped: `finish_reason`.

use crate::{
    ir::{Stop, StopReason},
    json::Text,
};

/// The word for a refusal, and for what a filter took away.
pub(super) const CONTENT_FILTER: &str = "content_filter";

/// What a `finish_reason` says; nothing if it is blank, as some servers have it before the end.
pub(super) fn decode(word: &str) -> Option<StopReason> {
    Some(match word.trim() {
        "" | "null" => return None,
        "length" | "max_tokens" | "model_length" => StopReason::MaxTokens,
        "tool_calls" | "function_call" => StopReason::ToolUse,
        CONTENT_FILTER => StopReason::Refusal,
        // `stop`, and whatever servers call it.
        _ => StopReason::End,
    })
}

/// Whether a `finish_reason` says that the answer failed, as `OpenRouter` has it.
pub(super) fn is_failure(word: &str) -> bool {
    word == "error"
}

/// Corrects a reason by what was said: calls are tool use and a refusal is a refusal, even behind a plain `stop`.
pub(super) fn infer(reason: Option<StopReason>, called: bool, refused: bool) -> StopReason {
    match reason {
        None | Some(StopReason::End) if called => StopReason::ToolUse,
        None | Some(StopReason::End) if refused => StopReason::Refusal,
        Some(reason) => reason,
        None => StopReason::End,
    }
}

/// The `finish_reason` for a stop, and whether the model refused in words. Only this API's own words are ever said.
pub(super) fn encode(stop: &Stop<'_>, refused: bool, legacy: bool) -> &'static str {
    match stop.reason {
        StopReason::ToolUse if legacy => "function_call",
        StopReason::ToolUse => "tool_calls",
        StopReason::MaxTokens
        | StopReason::ContextWindow
        | StopReason::Pause
        | StopReason::Compaction => "length",
        // A model that refuses in words stops as usual; a filter doesn't.
        StopReason::Refusal if refused && !is(stop.native.as_ref(), CONTENT_FILTER) => "stop",
        StopReason::Refusal => CONTENT_FILTER,
        StopReason::End | StopReason::StopSequence | StopReason::MalformedToolCall => "stop",
    }
}

fn is(native: Option<&Text<'_>>, word: &str) -> bool {
    native.is_some_and(|native| native == word)
}
