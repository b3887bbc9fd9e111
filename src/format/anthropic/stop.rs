//! Why an answer ends.

use crate::{
    ir::{Stop, StopReason},
    json::{Object, Raw, Text},
};

use super::wire;

/// Each reason and the API's word for it. Of two words for one reason, the first is written.
const WORDS: &[(StopReason, &str)] = &[
    (StopReason::End, "end_turn"),
    (StopReason::StopSequence, "stop_sequence"),
    (StopReason::ToolUse, "tool_use"),
    (StopReason::MaxTokens, "max_tokens"),
    (StopReason::ContextWindow, "model_context_window_exceeded"),
    (StopReason::Refusal, "refusal"),
    (StopReason::Pause, "pause_turn"),
    (StopReason::Compaction, "compaction"),
    (StopReason::MalformedToolCall, "end_turn"),
];

/// Reads a reason. A word that isn't known yet is an end like any other. `called` tells whether a tool was called: an
/// answer that calls a tool waits for its result, whatever the provider says.
pub(super) fn decode<'a>(
    word: Text<'a>,
    sequence: Option<Text<'a>>,
    details: Option<Raw<'a>>,
    called: bool,
) -> Stop<'a> {
    let mut stop = Stop::new(read(&word, called));
    stop.native = Some(word);
    stop.sequence = sequence;
    stop.explanation = details
        .and_then(|details| details.parse::<wire::StopDetails<'_>>().ok())
        .and_then(|details| details.explanation);
    stop.details = details;
    stop
}

/// The same without the details.
pub(super) fn read(word: &Text<'_>, called: bool) -> StopReason {
    let known = WORDS.iter().find(|(_, known)| word == known);
    let reason = known.map_or(StopReason::End, |(reason, _)| *reason);
    infer(reason, called)
}

/// What an end is, given whether a tool was called.
pub(super) fn infer(reason: StopReason, called: bool) -> StopReason {
    match reason {
        StopReason::End if called => StopReason::ToolUse,
        reason => reason,
    }
}

/// Writes the members that tell why an answer ends. `native` tells that the reason came from this API, and so is said
/// in its own words.
pub(super) fn encode(stop: &Stop<'_>, native: bool, object: &mut Object<'_>) {
    match &stop.native {
        Some(word) if native => object.field("stop_reason", word),
        _ => object.field("stop_reason", word(stop.reason)),
    }
    match &stop.sequence {
        Some(sequence) => object.field("stop_sequence", sequence),
        None => object.field("stop_sequence", ()),
    }
    match stop.details {
        Some(details) if native => object.field("stop_details", details),
        _ if stop.reason == StopReason::Refusal && !native => object.object("stop_details", |o| {
            o.field("type", "refusal");
            o.field("category", ());
            match &stop.explanation {
                Some(explanation) => o.field("explanation", explanation),
                None => o.field("explanation", ()),
            }
        }),
        _ => {}
    }
}

fn word(reason: StopReason) -> &'static str {
    let known = WORDS.iter().find(|(known, _)| *known == reason);
    known.map_or("end_turn", |(_, word)| word)
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::json;

    fn written(stop: &Stop<'_>, native: bool) -> String {
        let mut out = BytesMut::new();
        json::object(&mut out, |o| encode(stop, native, o));
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn every_word_is_read_and_written() {
        for (reason, word) in WORDS
            .iter()
            .filter(|(reason, _)| *reason != StopReason::MalformedToolCall)
        {
            let stop = decode((*word).into(), None, None, false);
            assert_eq!(stop.reason, *reason);
            let text = written(&Stop::new(*reason), false);
            assert!(
                text.starts_with(&format!(r#"{{"stop_reason":"{word}","stop_sequence":null"#)),
                "{text}"
            );
        }
    }

    #[test]
    fn trap_073_an_unknown_word_is_an_end_and_is_said_only_at_home() {
        let stop = decode("tomorrow".into(), None, None, false);
        assert_eq!(stop.reason, StopReason::End);
        assert_eq!(
            written(&stop, true),
            r#"{"stop_reason":"tomorrow","stop_sequence":null}"#
        );
        assert_eq!(
            written(&stop, false),
            r#"{"stop_reason":"end_turn","stop_sequence":null}"#
        );
    }

    #[test]
    fn trap_072_a_refusal_tells_why() {
        let details =
            Raw::new(r#"{"type":"refusal","category":"bio","explanation":"No."}"#).unwrap();
        let stop = decode("refusal".into(), None, Some(details), false);
        assert_eq!(stop.explanation.as_ref().unwrap(), "No.");
        assert!(written(&stop, true).contains(r#""category":"bio""#));
        assert_eq!(
            written(&stop, false),
            r#"{"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":null,"explanation":"No."}}"#
        );
    }

    #[test]
    fn an_end_with_a_tool_call_waits_for_the_tool() {
        assert_eq!(
            decode("end_turn".into(), None, None, true).reason,
            StopReason::ToolUse
        );
        assert_eq!(
            decode("max_tokens".into(), None, None, true).reason,
            StopReason::MaxTokens
        );
    }
}
