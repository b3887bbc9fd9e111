use crate::{
    format::{common, error_object},
    ir::{Arguments, Choice, Error, ErrorKind, Logprobs, Part, Policy, Response, Stop, ToolCall},
    json::{self, Early, Raw, Text},
};

use super::super::{
    ID, call_seal, id, reasoning,
    request::{Piece, arguments, citation, text_of},
    stop, usage, wire,
};

/// Reads a provider's answer.
pub(in crate::format::openai) fn decode(body: &[u8]) -> Result<Response<'_>, Error> {
    let whole: Early<'_, wire::Completion<'_>> =
        json::read_bytes(body).map_err(Error::undecodable)?;
    let raw = whole.raw();
    let wire = whole.read().map_err(Error::undecodable)?;
    let mut choices = wire.choices.unwrap_or_default();
    if choices.is_empty() {
        return Err(match wire.error {
            // Some answer 200 and mean an error.
            Some(_) => error_object::decode_value(ID, None, raw),
            None => Error::empty_answer("it has no choices"),
        });
    }
    choices.sort_by_key(|choice| wire::count(choice.index).unwrap_or(0));
    let mut response = Response {
        format: ID,
        id: wire::text(wire.id).unwrap_or_default(),
        model: wire::text(wire.model).unwrap_or_default(),
        created: created(wire.created),
        service_tier: wire::some_text(wire.service_tier),
        extra: wire.extra,
        ..Response::default()
    };
    if let Some(usage) = wire.usage {
        let (counts, members) = usage::decode(usage);
        response.usage = Some(counts);
        response.usage_extra = members;
    }
    let answer = response.id.decode().into_owned();
    let choices = choices.into_iter().enumerate();
    response.choices = choices
        .map(|(index, wire)| choice(wire, index, &answer))
        .collect::<Result<_, _>>()?;
    Ok(response)
}

/// When an answer was made. Zero, as Azure has it at first, is no time.
pub(in crate::format::openai) fn created(raw: Option<Raw<'_>>) -> Option<u64> {
    wire::count(raw).filter(|created| *created > 0)
}

fn choice<'a>(mut wire: wire::Choice<'a>, index: usize, answer: &str) -> Result<Choice<'a>, Error> {
    let native = wire::some_text(wire.finish_reason);
    if native
        .as_ref()
        .is_some_and(|word| stop::is_failure(&word.decode()))
    {
        return Err(failure(wire.extra.take("error")));
    }
    let mut message = wire.message.or(wire.delta).unwrap_or_default();
    let mut parts = Vec::new();
    reasoning::decode(&message, &mut parts);
    content(&mut message, &mut parts);
    let refused = parts.iter().any(|part| matches!(part, Part::Refusal(_)));
    annotations(&mut message, &mut parts);
    let calls = message.tool_calls.take().into_iter().flatten();
    for (position, wire) in calls.enumerate() {
        if let Some(call) = call(wire, || id::minted_call(answer, index, position)) {
            parts.extend(call_seal::thought(&call.extra));
            parts.push(Part::ToolCall(call));
        }
    }
    if let Some(call) = message.function_call.take() {
        parts.extend(function(&call, id::minted_call(answer, index, 0).into()).map(Part::ToolCall));
    }
    let called = parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
    let reason = native
        .as_ref()
        .and_then(|word| stop::decode(&word.decode()));
    Ok(Choice {
        parts,
        stop: Some(Stop {
            native,
            ..Stop::new(stop::infer(reason, called, refused))
        }),
        logprobs: wire.logprobs.map(logprobs),
        extra: wire.extra,
        message_extra: message.extra,
    })
}

/// An answer that failed half way.
pub(in crate::format::openai) fn failure(error: Option<Raw<'_>>) -> Error {
    match error {
        Some(error) => error_object::decode_value(ID, None, error),
        None => Error::new(ErrorKind::BadGateway, "The provider's answer failed.")
            .with_code("upstream_error"),
    }
}

/// How likely the tokens of an answer were.
pub(in crate::format::openai) fn logprobs(raw: Raw<'_>) -> Logprobs<'_> {
    let wire: wire::Logprobs<'_> = raw.parse().unwrap_or_default();
    Logprobs {
        tokens: wire.content.map(common::logprobs::read).unwrap_or_default(),
        native: Some(raw),
    }
}

fn content<'a>(message: &mut wire::Message<'a>, parts: &mut Vec<Part<'a>>) {
    text_of(message.content.take(), |piece| match piece {
        Piece::Text(text) if text.is_empty() => {}
        Piece::Text(text) => parts.push(Part::text(text)),
        Piece::Thought(text) => parts.push(reasoning::unsealed(text)),
        Piece::Refusal(text) => parts.push(Part::Refusal(text)),
    });
    parts.extend(wire::some_text(message.refusal).map(Part::Refusal));
}

/// Citations belong to the text; without one, they are only for callers of this API.
fn annotations<'a>(message: &mut wire::Message<'a>, parts: &mut [Part<'a>]) {
    let Some(raw) = message.annotations else {
        return;
    };
    let annotations: Vec<Raw<'a>> = raw.parse().unwrap_or_default();
    let text = parts.iter_mut().rev().find_map(|part| match part {
        Part::Text { citations, .. } => Some(citations),
        _ => None,
    });
    match text {
        Some(citations) if !annotations.is_empty() => {
            citations.extend(annotations.into_iter().map(citation));
        }
        _ => message
            .extra
            .push_with("annotations".into(), raw, Policy::Silent),
    }
}

fn call(wire: wire::ToolCall<'_>, mint: impl FnOnce() -> String) -> Option<ToolCall<'_>> {
    let id = wire::some_text(wire.id).unwrap_or_else(|| mint().into());
    let mut call = match (wire.function, wire.custom) {
        (Some(call), _) => function(&call, id)?,
        (None, Some(custom)) => ToolCall {
            id,
            name: wire::some_text(custom.name)?,
            arguments: Arguments::Text(wire::text(custom.input).unwrap_or_default()),
            freeform: true,
            ..ToolCall::default()
        },
        (None, None) => return None,
    };
    call.extra = wire.extra;
    Some(call)
}

fn function<'a>(wire: &wire::Function<'a>, id: Text<'a>) -> Option<ToolCall<'a>> {
    Some(ToolCall {
        id,
        name: wire::some_text(wire.name)?,
        arguments: arguments(wire.arguments),
        ..ToolCall::default()
    })
}
