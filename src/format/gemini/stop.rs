//! Why the model stopped: `finishReason`. Source: `FinishReason` of google-genai 3.4.0.

use crate::{
    ir::{Stop, StopReason},
    json::{Object, Text},
};

/// Reads a reason. `called` tells whether a tool was called: this API says `STOP` to that too.
pub(super) fn decode(word: Text<'_>, called: bool) -> Stop<'_> {
    let reason = match &*word.decode() {
        "MAX_TOKENS" => StopReason::MaxTokens,
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "IMAGE_OTHER"
        | "NO_IMAGE"
        | "ESCALATION"
        | "MODEL_ARMOR"
        | "PUP_LIMITED_DISABLED"
        | "OTHER" => StopReason::Refusal,
        "MALFORMED_FUNCTION_CALL"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MISSING_THOUGHT_SIGNATURE"
        | "MALFORMED_RESPONSE" => StopReason::MalformedToolCall,
        "CONTINUATION" => StopReason::Pause,
        // `STOP`, and whatever isn't known yet.
        _ if called => StopReason::ToolUse,
        _ => StopReason::End,
    };
    Stop {
        native: Some(word),
        ..Stop::new(reason)
    }
}

/// Writes why an answer ended. `own` tells that the reason came from this API, and so is said in its own words;
/// `refused`, that the answer is a refusal in words.
pub(super) fn encode(stop: &Stop<'_>, own: bool, refused: bool, object: &mut Object<'_>) {
    let reason = match stop.reason {
        StopReason::End if refused => StopReason::Refusal,
        reason => reason,
    };
    match &stop.native {
        Some(native) if own => object.field("finishReason", native),
        _ => object.field("finishReason", word(reason)),
    }
    let is_refusal = reason == StopReason::Refusal;
    let explanation = stop.explanation.as_ref().filter(|_| is_refusal);
    object.optional("finishMessage", explanation);
}

fn word(reason: StopReason) -> &'static str {
    match reason {
        StopReason::End | StopReason::StopSequence | StopReason::ToolUse => "STOP",
        StopReason::MaxTokens | StopReason::ContextWindow | StopReason::Compaction => "MAX_TOKENS",
        StopReason::Refusal => "SAFETY",
        StopReason::Pause => "CONTINUATION",
        StopReason::MalformedToolCall => "MALFORMED_FUNCTION_CALL",
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::json;

    fn written(stop: &Stop<'_>, own: bool) -> String {
        let mut out = BytesMut::new();
        json::object(&mut out, |o| encode(stop, own, false, o));
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn every_word_that_is_written_is_read_as_the_same() {
        for reason in [
            StopReason::End,
            StopReason::MaxTokens,
            StopReason::Refusal,
            StopReason::Pause,
            StopReason::MalformedToolCall,
        ] {
            assert_eq!(decode(word(reason).into(), false).reason, reason);
        }
    }

    #[test]
    fn trap_069_a_stop_with_calls_waits_for_the_tools() {
        assert_eq!(decode("STOP".into(), true).reason, StopReason::ToolUse);
        for (word, reason) in [
            ("MAX_TOKENS", StopReason::MaxTokens),
            ("SAFETY", StopReason::Refusal),
            ("MALFORMED_FUNCTION_CALL", StopReason::MalformedToolCall),
        ] {
            assert_eq!(decode(word.into(), true).reason, reason, "{word}");
        }
    }

    #[test]
    fn a_filter_is_a_refusal_whatever_it_is_called() {
        for word in ["SAFETY", "RECITATION", "IMAGE_SAFETY", "SPII", "OTHER"] {
            assert_eq!(decode(word.into(), false).reason, StopReason::Refusal);
        }
    }

    #[test]
    fn trap_073_an_unknown_word_is_an_end_and_is_said_only_at_home() {
        let stop = decode("TOMORROW".into(), false);
        assert_eq!(stop.reason, StopReason::End);
        assert_eq!(written(&stop, true), r#"{"finishReason":"TOMORROW"}"#);
        assert_eq!(written(&stop, false), r#"{"finishReason":"STOP"}"#);
    }

    #[test]
    fn only_a_refusal_is_explained() {
        let mut stop = Stop::new(StopReason::Refusal);
        stop.explanation = Some("No.".into());
        assert_eq!(
            written(&stop, false),
            r#"{"finishReason":"SAFETY","finishMessage":"No."}"#
        );
        stop.reason = StopReason::End;
        assert_eq!(written(&stop, false), r#"{"finishReason":"STOP"}"#);
    }
}
