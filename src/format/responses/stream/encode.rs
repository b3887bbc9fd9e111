use std::sync::Arc;

use bytes::BytesMut;

use crate::{
    format::{
        StreamEncoder,
        common::{
            lane::{Lane, Piece},
            logprobs,
        },
        responses::{
            ID,
            response::{
                Envelope, explanation, failure_code, ids, service_tier,
                stop::{Ending, INCOMPLETE},
                write::{self, Call},
            },
        },
    },
    ir::{BlockKind, Delta, Error, Event, Exchange, Source, Stop, StopReason, Usage},
    json::{self, Object, Raw, Text, compact},
    sse,
};

use super::{
    items::{Items, Other, Start},
    message::Cited,
};

/// Writes a streamed answer.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says something of its own"
)]
pub(in crate::format::responses) struct Encoder {
    exchange: Arc<Exchange>,
    /// Whether the provider speaks this API, so that what is native is so here too.
    own: bool,
    started: bool,
    done: bool,
    created: u64,
    model: String,
    service_tier: Option<String>,
    usage: Usage,
    lane: Lane<Items>,
    refused: bool,
    stop: Option<Stop<'static>>,
    ending: Option<Ending>,
}

impl Encoder {
    pub(in crate::format::responses) fn new(exchange: Arc<Exchange>) -> Self {
        let own = exchange.provider == ID;
        Self {
            lane: Lane::new(Items::new(Arc::clone(&exchange), own)),
            exchange,
            own,
            started: false,
            done: false,
            created: 0,
            model: String::new(),
            service_tier: None,
            usage: Usage::default(),
            refused: false,
            stop: None,
            ending: None,
        }
    }
}

impl StreamEncoder for Encoder {
    fn event(&mut self, event: &Event<'_>, out: &mut BytesMut) {
        if self.done {
            return;
        }
        match event {
            Event::Start {
                id,
                model,
                created,
                usage,
            } => {
                self.usage.update(usage);
                self.start(id, model, *created, out);
            }
            Event::BlockStart {
                block,
                choice,
                kind,
            } => {
                self.ensure_started(out);
                let start = self.block(kind).filter(|_| *choice == 0);
                self.lane.start(*block, start, out);
            }
            Event::Delta { block, delta } => self.delta(*block, delta, out),
            Event::BlockStop { block } => self.lane.stop(*block, out),
            Event::Usage(usage) => self.usage.update(usage),
            Event::ServiceTier(tier) => {
                let tier = tier.decode();
                self.service_tier = service_tier(&tier, self.own).map(str::to_owned);
            }
            Event::Stop { choice: 0, stop } => self.stop(stop, out),
            Event::Stop { .. } => {}
            Event::Ping => sse::comment(out, "keep-alive"),
            Event::End => self.end(out),
            Event::Error(error) => self.fail(error, out),
        }
    }
}

impl Encoder {
    fn ensure_started(&mut self, out: &mut BytesMut) {
        self.start(&Text::default(), &Text::default(), None, out);
    }

    fn start(&mut self, id: &Text<'_>, model: &Text<'_>, created: Option<u64>, out: &mut BytesMut) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        self.lane.writer.answer = match id.decode() {
            id if self.own && !id.is_empty() => id.into_owned(),
            id => ids::answer(&id, self.exchange.nonce),
        };
        self.created = created.unwrap_or(self.exchange.now);
        self.model = model.decode().into_owned();
        let begun = Ending::in_progress();
        self.answer("response.created", &begun, None, None, out);
        self.answer("response.in_progress", &begun, None, None, out);
    }

    /// Writes an event that has the whole answer so far.
    fn answer(
        &mut self,
        name: &str,
        ending: &Ending,
        error: Option<(&str, &str)>,
        usage: Option<&Usage>,
        out: &mut BytesMut,
    ) {
        let Items { answer, wire, .. } = &mut self.lane.writer;
        let output = wire.output.clone();
        let envelope = Envelope {
            exchange: &self.exchange,
            native: None,
            id: answer,
            created: self.created,
            model: &self.model.as_str().into(),
            ending,
            error,
            service_tier: self.service_tier.as_deref(),
            usage,
            usage_extra: None,
        };
        let members = |o: &mut Object<'_>| {
            let written: Result<(), ()> = envelope.write(o, |a| {
                if !output.is_empty() {
                    a.element().extend_from_slice(&output);
                }
                Ok(())
            });
            written.unwrap_or_default();
        };
        wire.event(name, out, |o| o.object("response", members));
    }

    fn block(&mut self, kind: &BlockKind<'_>) -> Option<Start> {
        Some(match kind {
            BlockKind::Text => Start::Said { refusal: false },
            BlockKind::Refusal => {
                self.refused = true;
                Start::Said { refusal: true }
            }
            BlockKind::Reasoning => Start::Thought { redacted: false },
            BlockKind::Redacted => Start::Thought { redacted: true },
            BlockKind::ToolCall { id, name, freeform } => {
                let name = name.decode();
                let wrapped = !freeform && write::is_wrapped(&self.exchange, &name);
                let mut call = Call::new(&self.exchange, name, *freeform || wrapped);
                call.call_id = id.decode().into_owned();
                Start::Call { call, wrapped }
            }
            BlockKind::Image(image) if matches!(image.source, Source::Base64 { .. }) => {
                Start::Image(Box::new(image.clone().into_owned()))
            }
            BlockKind::Native { value } if self.own => Start::Native(compact(*value).into_owned()),
            BlockKind::Image(_) | BlockKind::Native { .. } => return None,
        })
    }

    fn delta(&mut self, block: usize, delta: &Delta<'_>, out: &mut BytesMut) {
        let piece = match delta {
            Delta::Text(text) => Piece::Text(text),
            Delta::Arguments(text) => Piece::Arguments(text),
            Delta::Seal(seal) => Piece::Seal(seal),
            Delta::Citation(citation) => match Cited::of(citation, self.own) {
                Some(cited) => Piece::Other(Other::Citation(cited)),
                None => return,
            },
            Delta::Logprobs(tokens) => {
                let mut list = BytesMut::new();
                json::array(&mut list, |a| logprobs::write_spelled(&tokens.tokens, a));
                let inner = list.get(1..list.len() - 1).unwrap_or_default();
                if inner.is_empty() {
                    return;
                }
                Piece::Other(Other::Logprobs(String::from_utf8_lossy(inner).into_owned()))
            }
            Delta::Native(raw) if self.own => Piece::Other(native(*raw)),
            Delta::Native(_) => return,
        };
        self.lane.piece(block, piece, out);
    }

    fn stop(&mut self, stop: &Stop<'_>, out: &mut BytesMut) {
        self.ensure_started(out);
        self.lane.flush(out);
        if self.ending.is_none() {
            self.ending = Some(Ending::of(stop, self.refused, self.own));
            self.stop = Some(Stop {
                explanation: stop.explanation.clone().map(Text::into_owned),
                ..Stop::new(stop.reason)
            });
        }
    }

    fn end(&mut self, out: &mut BytesMut) {
        self.ensure_started(out);
        self.lane.flush(out);
        self.done = true;
        let stop = self.stop.take().unwrap_or(Stop::new(StopReason::End));
        if let Some(text) = explanation(Some(&stop), self.refused) {
            let items = &mut self.lane.writer;
            items.refuse(text, out);
        }
        let ending = self.ending.take().unwrap_or(Ending::completed());
        let complete = !ending.is_incomplete();
        self.lane.writer.close_message(complete, out);
        let name = match &*ending.status {
            INCOMPLETE => "response.incomplete",
            _ => "response.completed",
        };
        let usage = self.usage;
        let usage = Some(&usage).filter(|usage| !usage.is_empty());
        self.answer(name, &ending, None, usage, out);
    }

    fn fail(&mut self, error: &Error, out: &mut BytesMut) {
        self.done = true;
        let code = failure_code(error);
        if !self.started {
            // Somebody else's stream is cut short; its id is not known here.
            return self.lane.writer.wire.event("error", out, |o| {
                o.field("code", code);
                o.field("message", &error.message);
                match &error.param {
                    Some(param) => o.field("param", param),
                    None => o.field("param", ()),
                }
            });
        }
        let usage = self.usage;
        let usage = Some(&usage).filter(|usage| !usage.is_empty());
        let failed = Ending::failed();
        let said = Some((code, &*error.message));
        self.answer("response.failed", &failed, said, usage, out);
    }
}

/// What this API itself says of a block: its item, or an event.
fn native(raw: Raw<'_>) -> Other {
    let text = compact(raw).into_owned();
    if super::items::is_event(raw) {
        Other::Event(text)
    } else {
        Other::Header(text)
    }
}
