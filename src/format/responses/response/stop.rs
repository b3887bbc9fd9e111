//! Why the model stopped: `status` and `incomplete_details`.

use crate::{
    format::responses::wire::{response::IncompleteDetails, text},
    ir::{Stop, StopReason},
    json::{Object, Raw, Text, ToJson as _, compact},
};

pub(in crate::format::responses) const COMPLETED: &str = "completed";
pub(in crate::format::responses) const INCOMPLETE: &str = "incomplete";

const CONTENT_FILTER: &str = "content_filter";

/// What a status says, corrected by what was said: calls are tool use and a refusal is a refusal.
pub(in crate::format::responses) fn decode<'a>(
    status: Text<'a>,
    details: Option<Raw<'a>>,
    called: bool,
    refused: bool,
) -> Stop<'a> {
    let reason = if status == INCOMPLETE {
        incomplete(details)
    } else {
        StopReason::End
    };
    Stop {
        native: Some(status),
        details,
        ..Stop::new(infer(reason, called, refused))
    }
}

fn incomplete(details: Option<Raw<'_>>) -> StopReason {
    let details: IncompleteDetails<'_> = details
        .and_then(|details| details.parse().ok())
        .unwrap_or_default();
    match text(details.reason).as_ref().map(Text::decode).as_deref() {
        Some(CONTENT_FILTER) => StopReason::Refusal,
        // Somebody else's turn has come; nothing is missing.
        Some("max_messages" | "steered") => StopReason::End,
        _ => StopReason::MaxTokens,
    }
}

/// Corrects a plain end by what was said.
fn infer(reason: StopReason, called: bool, refused: bool) -> StopReason {
    match reason {
        StopReason::End if called => StopReason::ToolUse,
        StopReason::End if refused => StopReason::Refusal,
        reason => reason,
    }
}

fn is_filter(stop: &Stop<'_>) -> bool {
    stop.native
        .as_ref()
        .is_some_and(|word| word == CONTENT_FILTER)
}

/// How an answer ends in this API's words.
#[derive(Debug, Clone)]
pub(in crate::format::responses) struct Ending {
    pub(in crate::format::responses) status: String,
    /// `incomplete_details`, as JSON text.
    details: Option<String>,
}

impl Ending {
    /// The words for a stop, and whether the model refused in words; `own` if it came from this API, which then says it
    /// as it did.
    pub(in crate::format::responses) fn of(stop: &Stop<'_>, refused: bool, own: bool) -> Self {
        if let Some(native) = stop.native.as_ref().filter(|_| own) {
            return Self {
                status: native.decode().into_owned(),
                details: stop.details.map(|details| compact(details).into_owned()),
            };
        }
        match stop.reason {
            StopReason::MaxTokens
            | StopReason::ContextWindow
            | StopReason::Pause
            | StopReason::Compaction => Self::incomplete("max_output_tokens"),
            // A model that refuses in words stops as usual; a filter doesn't.
            StopReason::Refusal if refused && !is_filter(stop) => Self::completed(),
            StopReason::Refusal => Self::incomplete(CONTENT_FILTER),
            StopReason::End
            | StopReason::StopSequence
            | StopReason::ToolUse
            | StopReason::MalformedToolCall => Self::completed(),
        }
    }

    pub(in crate::format::responses) fn completed() -> Self {
        Self {
            status: COMPLETED.to_owned(),
            details: None,
        }
    }

    /// Of an answer that has only begun.
    pub(in crate::format::responses) fn in_progress() -> Self {
        Self {
            status: "in_progress".to_owned(),
            details: None,
        }
    }

    /// Of an answer that failed.
    pub(in crate::format::responses) fn failed() -> Self {
        Self {
            status: "failed".to_owned(),
            details: None,
        }
    }

    fn incomplete(reason: &str) -> Self {
        Self {
            status: INCOMPLETE.to_owned(),
            details: Some(format!(r#"{{"reason":"{reason}"}}"#)),
        }
    }

    /// Whether something is missing at the end.
    pub(in crate::format::responses) fn is_incomplete(&self) -> bool {
        self.status == INCOMPLETE
    }

    /// Writes `incomplete_details`.
    pub(in crate::format::responses) fn write_details(&self, o: &mut Object<'_>) {
        let out = o.key("incomplete_details");
        match &self.details {
            Some(details) => out.extend_from_slice(details.as_bytes()),
            None => ().write(out),
        }
    }
}
