//! Whole answers.

use std::borrow::Cow;

use bytes::BytesMut;
use http::StatusCode;

use crate::{
    format::common::{freeform, path::Path},
    ir::{
        Choice, Citation, Error, Exchange, Extra, Losses, Part, Policy, Reasoning, Response, Seal,
        Stop, StopReason,
    },
    json::{self, Array, Early, Object, Text},
};

use super::{ID, blocks, error, names, policy, stop, usage, wire};

pub(super) fn decode(body: &[u8]) -> Result<Response<'_>, Error> {
    let whole: Early<'_, wire::Response<'_>> =
        json::read_bytes(body).map_err(Error::undecodable)?;
    let kind = whole.value().map(|wire| wire.kind.as_ref());
    let may_be_error = kind.is_none_or(|kind| kind.is_some_and(|kind| kind == "error"));
    if may_be_error && error::is_error(whole.raw()) {
        return Err(error::decode(StatusCode::BAD_GATEWAY, body));
    }
    let wire = whole.read().map_err(Error::undecodable)?;
    let content = wire
        .content
        .ok_or_else(|| Error::empty_answer("it has no content"))?;
    let parts: Vec<Part<'_>> = content.into_iter().map(part).collect();
    let called = calls_tools(&parts);
    let stop = wire
        .stop_reason
        .map(|word| stop::decode(word, wire.stop_sequence, wire.stop_details, called));
    let choice = Choice {
        parts,
        stop,
        ..Choice::default()
    };
    let mut response = Response {
        format: ID,
        id: wire.id.unwrap_or_default(),
        model: wire.model.unwrap_or_default(),
        choices: vec![choice],
        extra: wire.extra,
        ..Response::default()
    };
    policy::judge(&mut response.extra, |_, _| Policy::Drop);
    if let Some(mut counts) = wire.usage {
        response.service_tier = counts.service_tier.take();
        let (counts, extra) = usage::decode(counts);
        response.usage = Some(counts);
        response.usage_extra = extra;
    }
    Ok(response)
}

/// What can't be read is none of the gateway's business; it must not cost the rest of the answer.
fn part(block: wire::Block<'_>) -> Part<'_> {
    let raw = block.raw();
    let path = Path::root("content");
    blocks::part(block, &path).unwrap_or_else(|_| blocks::native(raw, Policy::Drop))
}

fn calls_tools(parts: &[Part<'_>]) -> bool {
    parts.iter().any(|part| matches!(part, Part::ToolCall(_)))
}

pub(super) fn encode(
    response: &Response<'_>,
    exchange: &mut Exchange,
    out: &mut BytesMut,
) -> Result<(), Error> {
    let own = response.format == ID;
    let mut choices = response.choices.iter();
    let none = Choice::default();
    let choice = choices.next().unwrap_or(&none);
    if choices.next().is_some() {
        exchange
            .losses
            .dropped("choices", "the caller's format has one answer")?;
    }
    let mut writer = Writer {
        own,
        nonce: exchange.nonce,
        losses: &mut exchange.losses,
    };
    json::object(out, |o| {
        let id = response.id.decode();
        match &response.id {
            id if own => o.field("id", id),
            _ => o.field("id", names::message_id(&id, writer.nonce)),
        }
        o.field("type", "message");
        o.field("role", "assistant");
        o.field("model", &response.model);
        o.array("content", |a| {
            let mut parts = choice.parts.iter().enumerate();
            parts.try_for_each(|(index, part)| writer.part(index, part, a))
        })?;
        writer.stop(choice, o)?;
        o.object("usage", |o| {
            let native = own.then_some(&response.usage_extra);
            usage::encode(&response.usage.unwrap_or_default(), native, o);
            o.optional(
                "service_tier",
                response
                    .service_tier
                    .as_ref()
                    .map(|tier| service_tier(tier, own)),
            );
        });
        if own {
            response.extra.write(o);
        }
        Ok(())
    })
}

/// The price and speed class in the API's words.
pub(super) fn service_tier<'r>(tier: &'r Text<'_>, own: bool) -> Cow<'r, str> {
    match tier.decode() {
        word if own || word == "priority" || word == "batch" => word,
        _ => "standard".into(),
    }
}

struct Writer<'w> {
    own: bool,
    nonce: u64,
    losses: &'w mut Losses,
}

impl Writer<'_> {
    fn stop(&mut self, choice: &Choice<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let called = calls_tools(&choice.parts);
        let refused = choice
            .parts
            .iter()
            .any(|part| matches!(part, Part::Refusal(_)));
        let Some(stop) = &choice.stop else {
            if self.own {
                o.field("stop_reason", ());
                o.field("stop_sequence", ());
            } else {
                stop::encode(&Stop::new(stop::infer(StopReason::End, called)), false, o);
            }
            return Ok(());
        };
        let mut stop = stop.clone();
        if stop.reason == StopReason::MalformedToolCall {
            self.losses.emulated(
                "stop_reason",
                "a malformed tool call is an end to the caller",
            )?;
        }
        if !self.own {
            stop.reason = match stop.reason {
                StopReason::End if refused => StopReason::Refusal,
                reason => stop::infer(reason, called),
            };
        }
        stop::encode(&stop, self.own, o);
        Ok(())
    }

    fn part(&mut self, index: usize, part: &Part<'_>, a: &mut Array<'_>) -> Result<(), Error> {
        let path = || format!("content[{index}]");
        match part {
            Part::Text { text, .. } if text.is_empty() && !self.own => {}
            Part::Refusal(text) => a.object(|o| {
                o.field("type", "text");
                o.field("text", text);
            }),
            Part::Text {
                text,
                citations,
                extra,
                ..
            } => {
                self.text(text, citations, extra, a);
                for _ in citations.iter().filter(|one| !is_citable(one, self.own)) {
                    let path = format!("{}.citations", path());
                    self.losses.dropped(path, "only web pages can be cited")?;
                }
            }
            Part::Reasoning(thought) => self.thought(thought, a),
            Part::ToolCall(call) => a.object(|o| {
                o.field("type", "tool_use");
                let id = call.id.decode();
                if id.is_empty() {
                    o.field("id", minted_call_id(self.nonce, index));
                } else {
                    o.field("id", names::call_id(id));
                }
                o.field("name", &call.name);
                if freeform::write_arguments(call, o.key("input")) {
                    self.losses.emulated(
                        format!("{}.input", path()),
                        "the arguments are no JSON object",
                    )?;
                }
                if self.own {
                    call.extra.write(o);
                }
                Ok(())
            })?,
            Part::Native { value, .. } if self.own => a.value(*value),
            _ => self
                .losses
                .dropped(path(), "the caller's format has no such block")?,
        }
        Ok(())
    }

    fn text(
        &self,
        text: &Text<'_>,
        citations: &[Citation<'_>],
        extra: &Extra<'_>,
        a: &mut Array<'_>,
    ) {
        a.object(|o| {
            o.field("type", "text");
            o.field("text", text);
            let mut said = citations.iter().filter(|one| is_citable(one, self.own));
            if let Some(first) = said.next() {
                o.array("citations", |a| {
                    for one in std::iter::once(first).chain(said) {
                        citation(one, self.own, a.element());
                    }
                });
            }
            if self.own {
                extra.write(o);
            }
        });
    }

    fn thought(&mut self, thought: &Reasoning<'_>, a: &mut Array<'_>) {
        let seal = thought
            .seal
            .as_ref()
            .and_then(|seal| carried(seal, thought.redacted));
        let seal = seal.unwrap_or_default();
        let says_nothing = thought.redacted || !self.own && thought.text.is_empty();
        if says_nothing && seal.is_empty() {
            return;
        }
        let is_redacted = thought.redacted
            || thought.text.is_empty() && thought.seal.as_ref().is_some_and(stands_alone);
        a.object(|o| {
            if is_redacted {
                o.field("type", "redacted_thinking");
                o.field("data", seal);
            } else {
                o.field("type", "thinking");
                o.field("thinking", &thought.text);
                o.field("signature", seal);
            }
            if self.own {
                thought.extra.write(o);
            }
        });
    }
}

/// A seal for the caller to keep: a foreign one in its carrier, so that it is known when it comes back. One that nobody
/// claims is no seal.
pub(super) fn carried<'r>(seal: &'r Seal<'_>, redacted: bool) -> Option<Cow<'r, str>> {
    if seal.is_of(ID) {
        return Some(seal.data.decode());
    }
    seal.carrier(redacted).map(Cow::Owned)
}

/// Whether a thought of which nothing is shown is to the caller one that is only in its seal: a foreign one that has an
/// id, and so is a thought and nothing that stands beside another block.
pub(super) fn stands_alone(seal: &Seal<'_>) -> bool {
    !seal.is_of(ID) && !seal.id.is_empty()
}

/// An id for a call that the provider gave none.
pub(super) fn minted_call_id(nonce: u64, index: usize) -> String {
    names::hashed_call_id(&format!("{nonce}/{index}"))
}

/// Whether a citation can be said: as it was, if it came from this API, or as a web page.
pub(super) fn is_citable(citation: &Citation<'_>, own: bool) -> bool {
    (own && citation.native.is_some()) || citation.url.is_some()
}

/// Writes a citation. A foreign one is a search result without a seal.
pub(super) fn citation(citation: &Citation<'_>, own: bool, out: &mut BytesMut) {
    match citation.native {
        Some(native) if own => json::ToJson::write(&native, out),
        _ => json::object(out, |o| {
            o.field("type", "web_search_result_location");
            o.field(
                "cited_text",
                citation.cited_text.clone().unwrap_or_default(),
            );
            o.field("encrypted_index", "");
            match &citation.title {
                Some(title) => o.field("title", title),
                None => o.field("title", ()),
            }
            o.field("url", citation.url.clone().unwrap_or_default());
        }),
    }
}
