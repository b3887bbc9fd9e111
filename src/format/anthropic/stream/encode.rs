//! A stream for a caller, written.

use std::sync::Arc;

use bytes::BytesMut;

use crate::{
    format::{
        StreamEncoder,
        anthropic::{ID, error, names, response, stop, usage},
        common::lane::{Lane, Piece},
    },
    ir::{BlockKind, Delta, Event, Exchange, Stop, StopReason, Usage},
    json::{self, Object, Raw, Text},
    sse,
};

use super::blocks::{Blocks, Start};

/// State of one stream.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says something of its own"
)]
pub(in crate::format::anthropic) struct Encoder {
    exchange: Arc<Exchange>,
    /// Whether the provider speaks this API, so that what is native is so here too.
    own: bool,
    started: bool,
    done: bool,
    usage: Usage,
    /// The price and speed class in the API's words.
    service_tier: Option<String>,
    lane: Lane<Blocks>,
    called: bool,
    refused: bool,
    stop: Option<Stop<'static>>,
    /// Its details, as JSON text.
    details: Option<String>,
}

impl Encoder {
    pub(in crate::format::anthropic) fn new(exchange: Arc<Exchange>) -> Self {
        Self {
            own: exchange.provider == ID,
            lane: Lane::new(Blocks::new(exchange.provider != ID)),
            exchange,
            started: false,
            done: false,
            usage: Usage::default(),
            service_tier: None,
            called: false,
            refused: false,
            stop: None,
            details: None,
        }
    }
}

/// Writes an event; `members` follow its type.
pub(super) fn event(name: &str, out: &mut BytesMut, members: impl FnOnce(&mut Object<'_>)) {
    sse::event(out, Some(name), |out| {
        json::object(out, |o| {
            o.field("type", name);
            members(o);
        });
    });
}

impl StreamEncoder for Encoder {
    fn can_say(&self, kind: &BlockKind<'_>) -> bool {
        !matches!(kind, BlockKind::Image(_) | BlockKind::Native { .. })
    }

    fn event(&mut self, event: &Event<'_>, out: &mut BytesMut) {
        if self.done {
            return;
        }
        match event {
            Event::Start {
                id, model, usage, ..
            } => self.start(id, model, *usage, out),
            Event::BlockStart {
                block,
                choice,
                kind,
            } => {
                self.ensure_started(out);
                self.block_start(*block, *choice, kind, out);
            }
            Event::Delta { block, delta } => self.delta(*block, delta, out),
            Event::BlockStop { block } => self.lane.stop(*block, out),
            Event::Usage(usage) => self.usage.update(usage),
            Event::ServiceTier(tier) => {
                let tier = response::service_tier(tier, self.own);
                self.service_tier = Some(tier.into_owned());
            }
            Event::Stop { choice: 0, stop } => self.stop(stop, out),
            Event::Stop { .. } => {}
            // Nothing may come before the start of the message.
            Event::Ping if !self.started => {}
            Event::Ping => self::event("ping", out, |_| ()),
            Event::End => self.end(out),
            Event::Error(error) => {
                self.done = true;
                sse::event(out, Some("error"), |out| {
                    error::encode(error, out);
                });
            }
        }
    }
}

impl Encoder {
    fn ensure_started(&mut self, out: &mut BytesMut) {
        if !self.started {
            self.start(&Text::default(), &Text::default(), Usage::default(), out);
        }
    }

    fn start(&mut self, id: &Text<'_>, model: &Text<'_>, usage: Usage, out: &mut BytesMut) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        self.usage.update(&usage);
        event("message_start", out, |o| {
            o.object("message", |o| {
                if self.own && !id.is_empty() {
                    o.field("id", id);
                } else {
                    o.field("id", names::message_id(&id.decode(), self.exchange.nonce));
                }
                o.field("type", "message");
                o.field("role", "assistant");
                o.field("model", model);
                o.array("content", |_| ());
                o.field("stop_reason", ());
                o.field("stop_sequence", ());
                o.object("usage", |o| {
                    usage::encode(&self.usage, None, o);
                    o.optional("service_tier", self.service_tier.as_deref());
                });
            });
        });
        // The API's own streams bring it.
        if !self.own {
            event("ping", out, |_| ());
        }
    }

    fn block_start(
        &mut self,
        block: usize,
        choice: usize,
        kind: &BlockKind<'_>,
        out: &mut BytesMut,
    ) {
        let start = match kind {
            _ if choice != 0 => None,
            BlockKind::Text => Some(Start::Text),
            BlockKind::Reasoning => Some(Start::Thought),
            BlockKind::Redacted => Some(Start::Redacted),
            BlockKind::Refusal => {
                self.refused = true;
                Some(Start::Text)
            }
            BlockKind::ToolCall { id, name, freeform } => {
                self.called = true;
                Some(Start::Call {
                    id: match id.decode() {
                        id if id.is_empty() => response::minted_call_id(self.exchange.nonce, block),
                        id => names::call_id(id).into_owned(),
                    },
                    name: name.decode().into_owned(),
                    freeform: *freeform,
                })
            }
            BlockKind::Native { value } if self.own => Some(Start::Native(value.get().to_owned())),
            BlockKind::Image(_) | BlockKind::Native { .. } => None,
        };
        self.lane.start(block, start, out);
    }

    fn delta(&mut self, block: usize, delta: &Delta<'_>, out: &mut BytesMut) {
        let piece = match delta {
            Delta::Text(text) => Piece::Text(text),
            Delta::Arguments(text) => Piece::Arguments(text),
            Delta::Seal(seal) => Piece::Seal(seal),
            Delta::Citation(citation) if !response::is_citable(citation, self.own) => return,
            Delta::Citation(citation) => {
                let mut native = BytesMut::new();
                json::object(&mut native, |o| {
                    o.field("type", "citations_delta");
                    response::citation(citation, self.own, o.key("citation"));
                });
                Piece::Other(String::from_utf8_lossy(&native).into_owned())
            }
            Delta::Native(raw) if self.own => Piece::Other(raw.get().to_owned()),
            Delta::Native(_) | Delta::Logprobs(_) => return,
        };
        self.lane.piece(block, piece, out);
    }

    fn stop(&mut self, stop: &Stop<'_>, out: &mut BytesMut) {
        self.lane.flush(out);
        if self.stop.is_some() {
            return;
        }
        self.details = stop.details.map(|details| details.get().to_owned());
        let mut kept = Stop::new(stop.reason);
        kept.native = stop.native.clone().map(Text::into_owned);
        kept.sequence = stop.sequence.clone().map(Text::into_owned);
        kept.explanation = stop.explanation.clone().map(Text::into_owned);
        self.stop = Some(kept);
    }

    fn end(&mut self, out: &mut BytesMut) {
        self.ensure_started(out);
        self.lane.flush(out);
        self.done = true;
        let mut stop: Stop<'_> = self.stop.take().unwrap_or(Stop::new(StopReason::End));
        stop.details = self
            .details
            .as_deref()
            .and_then(|details| Raw::new(details).ok());
        if !self.own || stop.native.is_none() {
            stop.reason = match stop.reason {
                StopReason::End if self.refused => StopReason::Refusal,
                reason => stop::infer(reason, self.called),
            };
        }
        event("message_delta", out, |o| {
            o.object("delta", |o| stop::encode(&stop, self.own, o));
            o.object("usage", |o| usage::encode(&self.usage, None, o));
        });
        event("message_stop", out, |_| ());
    }
}
