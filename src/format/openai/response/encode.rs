use bytes::BytesMut;

use crate::{
    format::common::{self, freeform},
    ir::{
        Arguments, Choice, Citation, Error, Exchange, Logprobs, Part, Response, Seal, StopReason,
        ToolCall,
    },
    json::{self, Array, Object, Text, ToJson, compact},
};

use super::super::{ID, call_seal, id, reasoning, stop, usage};

/// Writes an answer for a caller.
pub(in crate::format::openai) fn encode(
    response: &Response<'_>,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    let own = response.format == ID;
    json::object(out, |o| {
        if own && !response.id.is_empty() {
            o.field("id", &response.id);
        } else {
            o.field("id", id::answer(&response.id.decode(), exchange.nonce));
        }
        o.field("object", "chat.completion");
        o.field("created", response.created.unwrap_or(exchange.now));
        o.field("model", &response.model);
        o.array("choices", |a| {
            let mut choices = response.choices.iter().enumerate();
            choices.try_for_each(|(index, choice)| write_choice(choice, index, own, exchange, a))
        })?;
        if own && !response.usage_extra.is_empty() {
            o.object("usage", |o| response.usage_extra.write(o));
        } else if let Some(usage) = response.usage.as_ref().filter(|usage| !usage.is_empty()) {
            o.object("usage", |o| usage::encode(usage, o));
        }
        if let Some(tier) = &response.service_tier {
            service_tier(tier, own, o);
        }
        if own {
            response.extra.write(o);
        }
        Ok(())
    })
}

/// Writes the price and speed class, if this API has a word for it.
pub(in crate::format::openai) fn service_tier(tier: &Text<'_>, own: bool, o: &mut Object<'_>) {
    match &*tier.decode() {
        _ if own => o.field("service_tier", tier),
        "standard" => o.field("service_tier", "default"),
        "auto" | "default" | "flex" | "scale" | "priority" | "fast" => {
            o.field("service_tier", tier);
        }
        // This API has no word for others, such as batches.
        _ => {}
    }
}

fn write_choice(
    choice: &Choice<'_>,
    index: usize,
    own: bool,
    exchange: &mut Exchange,
    a: &mut Array<'_>,
) -> Result<(), Error> {
    let path = format!("choices[{index}].message.content");
    for part in &choice.parts {
        if let Part::Image(_) | Part::Document(_) | Part::Audio(_) | Part::Native { .. } = part {
            let losses = &mut exchange.losses;
            losses.dropped(path.clone(), "an answer of this format holds only text")?;
        }
        if let Part::Text { citations, .. } = part {
            for _ in citations.iter().filter(|one| !is_citable(one, own)) {
                let path = format!("choices[{index}].message.annotations");
                exchange
                    .losses
                    .dropped(path, "only web pages can be cited")?;
            }
        }
    }
    a.object(|o| {
        o.field("index", index as u64);
        o.object("message", |o| message(choice, index, own, exchange, o));
        logprobs(choice.logprobs.as_ref(), own, o);
        finish_reason(choice, own, exchange.legacy_functions, o);
        if own {
            choice.extra.write(o);
        }
    });
    Ok(())
}

/// Writes how likely the tokens were.
pub(in crate::format::openai) fn logprobs(
    logprobs: Option<&Logprobs<'_>>,
    own: bool,
    o: &mut Object<'_>,
) {
    let Some(logprobs) = logprobs else {
        return o.field("logprobs", ());
    };
    match logprobs.native.filter(|_| own) {
        // Without line breaks, which would end an event.
        Some(native) => o
            .key("logprobs")
            .extend_from_slice(compact(native).as_bytes()),
        None => o.object("logprobs", |o| {
            o.array("content", |a| common::logprobs::write(&logprobs.tokens, a));
            o.field("refusal", ());
        }),
    }
}

fn finish_reason(choice: &Choice<'_>, own: bool, legacy: bool, o: &mut Object<'_>) {
    let Some(stop) = &choice.stop else {
        return o.field("finish_reason", "stop");
    };
    let respelled = legacy && stop.reason == StopReason::ToolUse;
    if let Some(native) = stop.native.as_ref().filter(|_| own && !respelled) {
        o.field("finish_reason", native);
    } else {
        let refused = choice
            .parts
            .iter()
            .any(|part| matches!(part, Part::Refusal(_)));
        o.field("finish_reason", stop::encode(stop, refused, legacy));
    }
}

fn message(choice: &Choice<'_>, index: usize, own: bool, exchange: &Exchange, o: &mut Object<'_>) {
    o.field("role", "assistant");
    let refusal = refusal(choice);
    let calls = || call_seal::calls(&choice.parts);
    let spoken = own
        && choice
            .message_extra
            .iter()
            .any(|member| member.key == "audio");
    let said_otherwise = refusal.is_some() || calls().next().is_some() || spoken;
    content(choice, said_otherwise, o.key("content"));
    match refusal {
        Some(refusal) => o.field("refusal", refusal),
        None => o.field("refusal", ()),
    }
    reasoning::encode(&choice.parts, o);
    annotations(choice, own, o);
    if exchange.legacy_functions {
        if let Some((call, _)) = calls().next() {
            o.object("function_call", |o| function(call, o));
        }
    } else if calls().next().is_some() {
        o.array("tool_calls", |a| {
            for (number, (call, seal)) in (0..).zip(calls()) {
                let given = call.id.decode();
                let id = id::own_call(&given, exchange.nonce, (index, number));
                write_call((call, &id), seal, own, exchange, a);
            }
        });
    }
    if own {
        choice.message_extra.write(o);
    }
}

fn refusal(choice: &Choice<'_>) -> Option<String> {
    let texts = choice.parts.iter().filter_map(|part| match part {
        Part::Refusal(text) => Some(text),
        _ => None,
    });
    let said = texts.map(Text::decode).reduce(|all, text| all + text);
    let explained = || {
        let stop = choice.stop.as_ref()?;
        let refused = stop.reason == StopReason::Refusal;
        stop.explanation
            .as_ref()
            .filter(|_| refused)
            .map(Text::decode)
    };
    said.or_else(explained).map(std::borrow::Cow::into_owned)
}

fn texts<'r, 'a>(
    choice: &'r Choice<'a>,
) -> impl Iterator<Item = (&'r Text<'a>, &'r [Citation<'a>])> {
    choice.parts.iter().filter_map(|part| match part {
        Part::Text {
            text, citations, ..
        } => Some((text, citations.as_slice())),
        _ => None,
    })
}

/// All texts as one string. `null` if there is none but something else to say.
fn content(choice: &Choice<'_>, said_otherwise: bool, out: &mut BytesMut) {
    let mut texts = texts(choice).map(|(text, _)| text);
    let refused = choice
        .stop
        .as_ref()
        .is_some_and(|stop| stop.reason == StopReason::Refusal);
    match (texts.next(), texts.next()) {
        (None, _) if said_otherwise || refused => ().write(out),
        (None, _) => "".write(out),
        (Some(only), None) => only.write(out),
        (Some(first), Some(second)) => {
            let all = [first, second].into_iter().chain(texts).map(Text::decode);
            all.collect::<Vec<_>>().concat().write(out);
        }
    }
}

/// Whether a citation can be said: as it was, if it came from this API, or as a web page.
fn is_citable(citation: &Citation<'_>, own: bool) -> bool {
    (own && citation.native.is_some()) || citation.url.is_some()
}

fn annotations(choice: &Choice<'_>, own: bool, o: &mut Object<'_>) {
    let said = |citation: &Citation<'_>| is_citable(citation, own);
    if !texts(choice).any(|(_, citations)| citations.iter().any(said)) {
        return;
    }
    o.array("annotations", |a| {
        let mut start = 0;
        for (text, citations) in texts(choice) {
            let length = text.decode().chars().count() as u64;
            for citation in citations.iter().filter(|citation| said(citation)) {
                match citation.native.filter(|_| own) {
                    Some(native) => a.value(native),
                    None => a.object(|o| url_citation(citation, start, start + length, o)),
                }
            }
            start += length;
        }
    });
}

/// Writes a web page that a text cites; the text goes from `start` to `end`, in characters.
pub(in crate::format::openai) fn url_citation(
    citation: &Citation<'_>,
    start: u64,
    end: u64,
    o: &mut Object<'_>,
) {
    let span = citation.span.map(|(from, to)| (start + from, start + to));
    let (from, to) = span.unwrap_or((start, end));
    o.field("type", "url_citation");
    o.object("url_citation", |o| {
        o.field("start_index", from);
        o.field("end_index", to);
        o.field("title", citation.title.as_ref().unwrap_or(&Text::default()));
        o.optional("url", citation.url.as_ref());
    });
}

fn write_call(
    (call, id): (&ToolCall<'_>, &str),
    seal: Option<&Seal<'_>>,
    own: bool,
    exchange: &Exchange,
    a: &mut Array<'_>,
) {
    let unwrapped = !call.freeform && freeform::is_freeform(exchange, &call.name.decode());
    a.object(|o| {
        o.field("id", id);
        if call.freeform || unwrapped {
            o.field("type", "custom");
            o.object("custom", |o| {
                o.field("name", &call.name);
                match &call.arguments {
                    arguments if unwrapped => o.field("input", freeform::input_of(arguments)),
                    Arguments::Text(input) => o.field("input", input),
                    Arguments::Json(json) => o.field("input", json.get()),
                }
            });
        } else {
            o.field("type", "function");
            o.object("function", |o| function(call, o));
        }
        match seal {
            _ if own => call.extra.write(o),
            Some(seal) => call_seal::write(seal, o),
            None => {}
        }
    });
}

fn function(call: &ToolCall<'_>, o: &mut Object<'_>) {
    o.field("name", &call.name);
    call.arguments.write_string(o.key("arguments"));
}
