use bytes::BytesMut;

use crate::{
    format::responses::ID,
    ir::{Choice, Error, Exchange, Part, Response, Stop, StopReason},
    json::{self, Text},
};

use super::{Envelope, ids, output::Writer, stop::Ending};

/// Writes an answer for a caller.
pub(in crate::format::responses) fn encode(
    response: &Response<'_>,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    let own = response.format == ID;
    let none = Choice::default();
    let choice = response.choices.first().unwrap_or(&none);
    if response.choices.len() > 1 {
        let losses = &mut exchange.losses;
        losses.dropped("choices", "an answer of the caller's format is one")?;
    }
    let ending = ending(choice, own, exchange)?;
    let id = match response.id.decode() {
        id if own && !id.is_empty() => id.into_owned(),
        id => ids::answer(&id, exchange.nonce),
    };
    // What is lost is noted while the answer is written.
    let mut losses = std::mem::take(&mut exchange.losses);
    let tier = response.service_tier.as_ref().map(Text::decode);
    let envelope = Envelope {
        exchange,
        native: own.then_some(&response.extra),
        id: &id,
        created: response.created.unwrap_or(exchange.now),
        model: &response.model,
        ending: &ending,
        error: None,
        service_tier: tier.as_deref().and_then(|tier| service_tier(tier, own)),
        usage: response.usage.as_ref().filter(|usage| !usage.is_empty()),
        usage_extra: Some(&response.usage_extra).filter(|extra| own && !extra.is_empty()),
    };
    let mut writer = Writer {
        own,
        exchange,
        losses: &mut losses,
        answer: &id,
        index: 0,
        is_incomplete: ending.is_incomplete(),
        logprobs: choice.logprobs.as_ref().filter(|_| !own),
        messages: choice.message_extra.iter(),
    };
    let written = json::object(out, |o| envelope.write(o, |a| writer.write(choice, a)));
    exchange.losses = losses;
    written
}

/// The price and speed class in the API's words; it has none for some of the others', such as batches.
pub(in crate::format::responses) fn service_tier(tier: &str, own: bool) -> Option<&str> {
    match tier {
        "standard" if !own => Some("default"),
        "auto" | "default" | "flex" | "scale" | "priority" | "fast" | "ultrafast" => Some(tier),
        _ => Some(tier).filter(|_| own),
    }
}

fn ending(choice: &Choice<'_>, own: bool, exchange: &mut Exchange) -> Result<Ending, Error> {
    let Some(stop) = &choice.stop else {
        return Ok(Ending::completed());
    };
    if stop.reason == StopReason::MalformedToolCall && !own {
        let reason = "a malformed tool call is an end to the caller";
        exchange.losses.emulated("status", reason)?;
    }
    let refused = choice
        .parts
        .iter()
        .any(|part| matches!(part, Part::Refusal(_)));
    Ok(Ending::of(stop, refused, own))
}

/// What a refusal is explained with, if the model did not say it itself.
pub(in crate::format::responses) fn explanation<'s, 'a>(
    stop: Option<&'s Stop<'a>>,
    refused: bool,
) -> Option<&'s Text<'a>> {
    let stop = stop.filter(|stop| stop.reason == StopReason::Refusal && !refused)?;
    stop.explanation.as_ref().filter(|text| !text.is_empty())
}
