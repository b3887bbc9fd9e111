use http::StatusCode;

use crate::{
    format::{
        error_object,
        responses::{
            ID,
            wire::{count, list, response::Response as Wire, some_text, text},
        },
    },
    ir::{Choice, Error, ErrorKind, Logprobs, Native, Part, Policy, Response},
    json::{self, Early, Kind as JsonKind, Raw, Text},
};

use super::{read, stop, usage};

/// Reads a provider's answer.
pub(in crate::format::responses) fn decode(body: &[u8]) -> Result<Response<'_>, Error> {
    let whole: Early<'_, Wire<'_>> = json::read_bytes(body).map_err(Error::undecodable)?;
    let wire = whole.read().map_err(Error::undecodable)?;
    if let Some(error) = failure(&wire) {
        return Err(error);
    }
    let Some(output) = wire
        .output
        .filter(|output| output.kind() == JsonKind::Array)
    else {
        return Err(Error::empty_answer("it has no output"));
    };
    let mut choice = Choice::default();
    for item in list(Some(output)) {
        if read::item(item, &mut choice.parts) == read::Kind::Message {
            // For callers of this API: the parts don't tell where a message ends.
            let messages = &mut choice.message_extra;
            messages.push_with(read::MESSAGE.into(), item, Policy::Silent);
        }
    }
    choice.logprobs = logprobs(&choice.parts);
    let called = any(&choice.parts, |part| matches!(part, Part::ToolCall(_)));
    let refused = any(&choice.parts, |part| matches!(part, Part::Refusal(_)));
    let status = some_text(wire.status).unwrap_or(stop::COMPLETED.into());
    let details = wire.incomplete_details;
    choice.stop = Some(stop::decode(status, details, called, refused));
    let mut response = Response {
        format: ID,
        id: text(wire.id).unwrap_or_default(),
        model: text(wire.model).unwrap_or_default(),
        created: created(wire.created_at),
        choices: vec![choice],
        service_tier: some_text(wire.service_tier),
        extra: wire.extra,
        ..Response::default()
    };
    // It tells what the caller asked for, or what others have no word for.
    response.extra.judge(|_, _| Policy::Silent);
    if let Some(raw) = wire.usage {
        let (counts, members) = usage::decode(raw);
        response.usage = Some(counts);
        response.usage_extra = members;
    }
    Ok(response)
}

fn any(parts: &[Part<'_>], is: fn(&Part<'_>) -> bool) -> bool {
    parts.iter().any(is)
}

/// The log-probabilities of all texts.
fn logprobs<'a>(parts: &[Part<'a>]) -> Option<Logprobs<'a>> {
    let of_part = |part: &Part<'a>| match part {
        Part::Text { extra, .. } => {
            let member = extra.iter().find(|member| member.key == "logprobs");
            read::tokens(member.map(|member| member.value))
        }
        _ => Vec::new(),
    };
    let tokens: Vec<_> = parts.iter().flat_map(of_part).collect();
    (!tokens.is_empty()).then(|| Logprobs {
        tokens,
        ..Logprobs::default()
    })
}

/// When an answer was made. Some say it with a fraction.
pub(in crate::format::responses) fn created(raw: Option<Raw<'_>>) -> Option<u64> {
    let whole = |number: &str| number.split('.').next()?.parse().ok();
    let number = raw?.number()?;
    count(raw)
        .or_else(|| whole(number.get()))
        .filter(|created| *created > 0)
}

/// Why an answer is none, by its status.
pub(in crate::format::responses) fn failure(wire: &Wire<'_>) -> Option<Error> {
    let status = text(wire.status);
    match status.as_ref().map(Text::decode).as_deref() {
        Some("failed") => Some(failed(wire.error)),
        Some("cancelled") => Some(cancelled()),
        Some("queued" | "in_progress") => Some(Error::undecodable("it is not complete yet")),
        // Some answer 200 and mean an error.
        None if wire.output.is_none() => wire.error.map(|raw| failed(Some(raw))),
        _ => None,
    }
}

/// The error of an answer that failed.
pub(in crate::format::responses) fn failed(raw: Option<Raw<'_>>) -> Error {
    let Some(raw) = raw else {
        return Error::new(ErrorKind::BadGateway, "The provider's answer failed.")
            .with_code("upstream_error");
    };
    error_object::decode_value(ID, None, raw)
}

fn cancelled() -> Error {
    const CLIENT_CLOSED_REQUEST: u16 = 499;
    let error = Error::bad_request("The answer was cancelled.").with_code("response_cancelled");
    match StatusCode::from_u16(CLIENT_CLOSED_REQUEST) {
        Ok(status) => error.with_status(status),
        Err(_) => error,
    }
}

/// Reads an error that came as an event: an object of its own, or all of the event.
pub(in crate::format::responses) fn error_event(event: Raw<'_>) -> Error {
    let mut error = error_object::decode_value(ID, None, event);
    // The type of the event is no type of error, and its number no member of one.
    if error
        .native_to(ID)
        .is_some_and(|native| native.kind == "error")
    {
        error.native = Some(Native::new(ID, ""));
    }
    error
}
