use http::StatusCode;

use crate::{
    format::gemini::{
        ID, error, grounding, logprobs, seals, stop, time, usage,
        wire::{content, response as wire},
    },
    ir::{
        Arguments, Choice, Error, Extra, Part, Policy, Reasoning, Response, SealPlace, Stop,
        StopReason, ToolCall,
    },
    json::{self, Early, Kind, Raw, Text},
};

use super::piece::{Piece, mark, native, parts, piece};

/// Reads a provider's answer.
pub(in crate::format::gemini) fn decode(body: &[u8]) -> Result<Response<'_>, Error> {
    let whole: Early<'_, wire::Answer<'_>> = json::read_bytes(body).map_err(Error::undecodable)?;
    let is_error = match whole.value() {
        Some(wire) => wire.error.is_some(),
        None => error::is_error(whole.raw()),
    };
    if is_error {
        return Err(error::decode(StatusCode::BAD_GATEWAY, body));
    }
    let wire = whole.read().map_err(Error::undecodable)?;
    let mut response = Response {
        format: ID,
        id: wire::text(wire.response_id).unwrap_or_default(),
        model: wire::text(wire.model_version).unwrap_or_default(),
        created: created(wire.create_time),
        extra: wire.extra,
        ..Response::default()
    };
    if let Some(raw) = wire.usage_metadata {
        let (counts, members) = usage::decode(raw);
        response.usage = Some(counts);
        response.service_tier = usage::service_tier(&members);
        response.usage_extra = members;
    }
    if let Some(time) = wire.create_time {
        keep(&mut response.extra, "createTime", time);
    }
    let mut candidates = wire.candidates.unwrap_or_default();
    candidates.sort_by_key(|candidate| wire::count(candidate.index).unwrap_or(0));
    response.choices = candidates.into_iter().map(choice).collect();
    match wire.prompt_feedback {
        Some(feedback) if !response.choices.is_empty() => {
            keep(&mut response.extra, "promptFeedback", feedback);
        }
        Some(feedback) => response
            .choices
            .extend(blocked(feedback).map(|stop| Choice {
                stop: Some(stop),
                ..Choice::default()
            })),
        None => {}
    }
    if response.choices.is_empty() {
        return Err(Error::empty_answer("it has no candidates"));
    }
    Ok(response)
}

/// When an answer was made.
pub(in crate::format::gemini) fn created(time: Option<Raw<'_>>) -> Option<u64> {
    time::seconds(&wire::text(time)?.decode())
}

/// The end of an answer that never began, because its prompt was refused.
pub(in crate::format::gemini) fn blocked(feedback: Raw<'_>) -> Option<Stop<'_>> {
    let wire: wire::PromptFeedback<'_> = feedback.parse().ok()?;
    let reason = wire.block_reason?;
    let message = wire.block_reason_message.filter(|text| !text.is_empty());
    let explanation =
        message.unwrap_or_else(|| format!("Prompt blocked: {}", reason.decode()).into());
    Some(Stop {
        explanation: Some(explanation),
        details: Some(feedback),
        ..Stop::new(StopReason::Refusal)
    })
}

/// Keeps a member that says nothing to others.
fn keep<'a>(extra: &mut Extra<'a>, key: &'static str, value: Raw<'a>) {
    extra.push_with(key.into(), value, Policy::Silent);
}

fn choice(wire: wire::Candidate<'_>) -> Choice<'_> {
    let mut choice = Choice {
        extra: wire.extra,
        ..Choice::default()
    };
    // Where in the parts of the wire the texts are, and where here.
    let mut texts = Vec::new();
    for (index, raw) in parts(wire.content).into_iter().enumerate() {
        let before = choice.parts.len();
        read(raw, &mut choice.parts);
        if let Some(Part::Text { .. }) = choice.parts.get(before) {
            texts.push((index, before));
        }
    }
    if let Some(content) = wire
        .content
        .filter(|content| content.kind() == Kind::Object)
    {
        let content: content::Content<'_> = content.parse().unwrap_or_default();
        choice.message_extra = content.extra;
    }
    if let Some(raw) = wire.grounding_metadata {
        grounding::cite(raw, &texts, &mut choice.parts);
        keep(&mut choice.extra, "groundingMetadata", raw);
    }
    choice.logprobs = wire.logprobs_result.map(logprobs::decode);
    let called = choice
        .parts
        .iter()
        .any(|part| matches!(part, Part::ToolCall(_)));
    let message = wire::text(wire.finish_message);
    choice.stop = wire::text(wire.finish_reason).map(|word| stop::decode(word, called));
    match &mut choice.stop {
        Some(stop) if stop.reason == StopReason::Refusal => stop.explanation = message,
        _ => {
            if let Some(raw) = wire.finish_message {
                keep(&mut choice.extra, "finishMessage", raw);
            }
        }
    }
    if let Some(index) = wire.index {
        keep(&mut choice.extra, "index", index);
    }
    choice
}

/// Reads one part; a signature becomes one of its own.
fn read<'a>(raw: Raw<'a>, parts: &mut Vec<Part<'a>>) {
    let (piece, signature) = piece(raw);
    match piece {
        Piece::Thought(text, extra) => {
            if !text.is_empty() || signature.is_some() {
                let (seal, redacted) = signature.map(seals::read).unzip();
                parts.push(Part::Reasoning(Reasoning {
                    text,
                    seal,
                    redacted: redacted.unwrap_or(false),
                    extra,
                }));
            }
        }
        Piece::Call(call, extra) => {
            let mark = signature.map(|signature| mark(signature, SealPlace::Call));
            parts.extend(mark.map(Part::Reasoning));
            parts.push(Part::ToolCall(self::call(call, extra)));
        }
        Piece::Text(text, extra) => said(text, extra, signature, parts),
        Piece::Image(image) => {
            parts.push(Part::Image(image));
            let mark = signature.map(|signature| mark(signature, SealPlace::Text));
            parts.extend(mark.map(Part::Reasoning));
        }
        Piece::Native(kind, value) => parts.push(native(kind, value)),
    }
}

/// An empty text is none, but its signature counts, and stays on a part of its own.
fn said<'a>(
    text: Text<'a>,
    extra: Extra<'a>,
    signature: Option<Text<'a>>,
    parts: &mut Vec<Part<'a>>,
) {
    let mut mark = signature.map(|signature| mark(signature, SealPlace::Text));
    if text.is_empty() {
        if let (Some(mark), Ok(empty)) = (&mut mark, Raw::new("\"\"")) {
            keep(&mut mark.extra, "text", empty);
        }
    } else {
        parts.push(Part::Text {
            text,
            citations: Vec::new(),
            cache: None,
            extra,
        });
    }
    parts.extend(mark.map(Part::Reasoning));
}

fn call<'a>(wire: content::FunctionCall<'a>, extra: Extra<'a>) -> ToolCall<'a> {
    ToolCall {
        id: wire.id.unwrap_or_default(),
        name: wire.name.unwrap_or_default(),
        arguments: Arguments::Json(arguments(wire.args)),
        extra,
        ..ToolCall::default()
    }
}

/// What a function is called with: always an object.
pub(in crate::format::gemini) fn arguments(args: Option<Raw<'_>>) -> Raw<'_> {
    args.filter(|args| args.kind() == Kind::Object)
        .unwrap_or(Raw::EMPTY_OBJECT)
}
