use std::{collections::BTreeMap, sync::Arc};

use bytes::BytesMut;

use crate::{
    format::{
        StreamEncoder,
        gemini::{
            ID, error, logprobs,
            offsets::REMEMBERED,
            response::write::{self, Beside, minted_call_id, minted_id, signature},
            stop, usage,
        },
    },
    ir::{
        BlockKind, Delta, Error, Event, Exchange, Logprobs, Seal, SealPlace, Stop, StopReason,
        Usage,
    },
    json::{self, Object, Raw, Text, compact},
    sse,
};

use super::outgoing::{Answer, Block, Call, Kind, owned};

/// Writes a streamed answer: as events that have nothing but data, or as a JSON array.
#[derive(Debug)]
pub(in crate::format::gemini) struct Encoder {
    exchange: Arc<Exchange>,
    /// Whether the provider speaks this API, so that what is native is so here too.
    own: bool,
    model: Text<'static>,
    id: Text<'static>,
    blocks: Vec<Block>,
    /// By number, which may be any. Boxed, for the map makes room for eleven at once, and there is nearly always one.
    answers: BTreeMap<usize, Box<Answer>>,
    usage: Usage,
    /// Whether the array has an element.
    begun: bool,
    ended: bool,
}

impl Encoder {
    pub(in crate::format::gemini) fn new(exchange: Arc<Exchange>) -> Self {
        Self {
            own: exchange.provider == ID,
            exchange,
            model: Text::default(),
            id: Text::default(),
            blocks: Vec::new(),
            answers: BTreeMap::new(),
            usage: Usage::default(),
            begun: false,
            ended: false,
        }
    }
}

impl StreamEncoder for Encoder {
    fn event(&mut self, event: &Event<'_>, out: &mut BytesMut) {
        if self.ended {
            return;
        }
        match event {
            Event::Start {
                id, model, usage, ..
            } => {
                self.usage.update(usage);
                self.model = model.clone().into_owned();
                self.id = id.clone().into_owned();
                if self.id.is_empty() && !self.own {
                    self.id = minted_id(self.exchange.nonce).into();
                }
            }
            Event::BlockStart {
                block,
                choice,
                kind,
            } => self.block_start(*block, *choice, kind, out),
            Event::Delta { block, delta } => self.delta(*block, delta, out),
            Event::BlockStop { block } => self.block_stop(*block, out),
            Event::Usage(usage) => self.usage.update(usage),
            Event::Stop { choice, stop } => self.stop(*choice, stop, out),
            // Only in headers here.
            Event::ServiceTier(_) => {}
            // Comments break clients; a blank line is nothing, in an array too.
            Event::Ping => out.extend_from_slice(b"\n"),
            Event::End => self.end(out),
            Event::Error(error) => self.error(error, out),
        }
    }
}

impl Encoder {
    /// Writes one value of the stream.
    fn value(&mut self, out: &mut BytesMut, value: impl FnOnce(&mut BytesMut)) {
        if !self.exchange.json_array {
            return sse::event(out, None, value);
        }
        let begun = std::mem::replace(&mut self.begun, true);
        out.extend_from_slice(if begun { b",\n" } else { b"[" });
        value(out);
    }

    /// Writes a chunk with a piece of one answer.
    fn chunk(&mut self, choice: usize, out: &mut BytesMut, piece: impl FnOnce(&mut Object<'_>)) {
        let (model, id) = (
            std::mem::take(&mut self.model),
            std::mem::take(&mut self.id),
        );
        self.value(out, |out| {
            json::object(out, |o| {
                o.array("candidates", |a| {
                    a.object(|o| {
                        o.field("index", choice as u64);
                        piece(o);
                    });
                });
                named(&model, &id, o);
            });
        });
        (self.model, self.id) = (model, id);
    }

    /// Writes a chunk with one part.
    fn part(&mut self, choice: usize, out: &mut BytesMut, part: impl FnOnce(&mut BytesMut)) {
        self.chunk(choice, out, |o| {
            o.object("content", |o| {
                o.field("role", "model");
                o.array("parts", |a| part(a.element()));
            });
        });
    }

    fn block_start(
        &mut self,
        block: usize,
        choice: usize,
        kind: &BlockKind<'_>,
        out: &mut BytesMut,
    ) {
        let answer = self.answers.entry(choice).or_default();
        answer.refused |= matches!(kind, BlockKind::Refusal);
        let kept = Kind::of(kind, answer);
        match kind {
            BlockKind::Image(image) if write::can_show(image) => {
                let own = self.own;
                self.part(choice, out, |out| {
                    write::image(image, own, Beside::default(), out);
                });
            }
            BlockKind::Native { value } if self.own => {
                let value = compact(*value);
                self.part(choice, out, |out| out.extend_from_slice(value.as_bytes()));
            }
            _ => {}
        }
        debug_assert_eq!(block, self.blocks.len(), "blocks are numbered without gaps");
        self.blocks.push(Block { choice, kind: kept });
    }

    fn delta(&mut self, block: usize, delta: &Delta<'_>, out: &mut BytesMut) {
        let Some(Block { choice, kind }) = self.blocks.get_mut(block) else {
            return;
        };
        let choice = *choice;
        match (kind, delta) {
            (Kind::Text { text: all, .. }, Delta::Text(text)) if !text.is_empty() => {
                if all.len() < REMEMBERED {
                    all.push_str(&text.decode());
                }
                self.say(choice, text, out);
            }
            (Kind::Text { citations, .. }, Delta::Citation(citation)) => {
                citations.push(owned(citation));
            }
            (Kind::Text { .. } | Kind::Refusal, Delta::Logprobs(likely)) => {
                self.logprobs(choice, likely, out);
            }
            (Kind::Thought { shown, .. }, Delta::Text(text)) if !text.is_empty() => {
                *shown = true;
                self.part(choice, out, |out| {
                    write::thought(text, Beside::default(), out);
                });
            }
            (Kind::Thought { seal, .. }, Delta::Seal(more)) => Seal::append(seal, more),
            (Kind::Refusal, Delta::Text(text)) if !text.is_empty() => {
                self.say(choice, text, out);
            }
            (Kind::Call(call), Delta::Arguments(text)) => {
                call.arguments.push_str(&text.decode());
            }
            _ => {}
        }
    }

    fn say(&mut self, choice: usize, text: &Text<'_>, out: &mut BytesMut) {
        if let Some(answer) = self.answers.get_mut(&choice) {
            answer.said += text.decode().len();
        }
        self.part(choice, out, |out| {
            write::text(text, Beside::default(), out);
        });
    }

    fn logprobs(&mut self, choice: usize, likely: &Logprobs<'_>, out: &mut BytesMut) {
        let native = likely.native.filter(|_| self.own);
        if native.is_none() && likely.tokens.is_empty() {
            return;
        }
        self.chunk(choice, out, |o| match native {
            Some(native) => {
                let native = compact(native);
                o.key("logprobsResult").extend_from_slice(native.as_bytes());
            }
            None => o.object("logprobsResult", |o| logprobs::encode(&likely.tokens, o)),
        });
    }

    fn block_stop(&mut self, block: usize, out: &mut BytesMut) {
        let Some(Block { choice, kind }) = self.blocks.get_mut(block) else {
            return;
        };
        let choice = *choice;
        match std::mem::replace(kind, Kind::Unsayable) {
            Kind::Text {
                before,
                text,
                citations,
            } => {
                if let Some(answer) = self.answers.get_mut(&choice) {
                    answer.cite(before, &text, &citations);
                }
            }
            Kind::Thought {
                shown,
                redacted,
                seal: Some(seal),
            } => self.seal(choice, seal, shown, redacted, out),
            Kind::Call(call) => self.call(choice, call, out),
            _ => {}
        }
    }

    /// Writes the seal on a thought, or keeps it for the call that follows.
    fn seal(
        &mut self,
        choice: usize,
        seal: Seal<'static>,
        shown: bool,
        redacted: bool,
        out: &mut BytesMut,
    ) {
        if !shown && seal.is_of(ID) && seal.place == SealPlace::Call {
            self.release(choice, out);
            if let Some(answer) = self.answers.get_mut(&choice) {
                answer.waiting = Some(seal);
            }
        } else if let Some(signature) = signature(&seal, redacted) {
            self.part(choice, out, |out| {
                write::lone_signature(&seal, &signature, out);
            });
        }
    }

    fn call(&mut self, choice: usize, call: Call, out: &mut BytesMut) {
        let Some(answer) = self.answers.get_mut(&choice) else {
            return;
        };
        let number = answer.calls;
        answer.calls += 1;
        let seal = answer.waiting.take();
        let (call, id) = call.finish();
        let minted = || minted_call_id(self.exchange.nonce, choice, number);
        let id = id.or_else(|| (!self.own).then(minted));
        let signature = seal.as_ref().and_then(|seal| signature(seal, false));
        self.part(choice, out, |out| {
            let beside = Beside {
                signature: signature.as_deref(),
                extra: None,
            };
            write::call(&call, id.as_deref(), beside, out);
        });
    }

    /// Writes a signature whose call never came.
    fn release(&mut self, choice: usize, out: &mut BytesMut) {
        let answer = self.answers.get_mut(&choice);
        let Some(seal) = answer.and_then(|answer| answer.waiting.take()) else {
            return;
        };
        if let Some(signature) = signature(&seal, false) {
            self.part(choice, out, |out| {
                write::lone_signature(&seal, &signature, out);
            });
        }
    }

    fn stop(&mut self, choice: usize, stop: &Stop<'_>, out: &mut BytesMut) {
        self.release(choice, out);
        let answer = self.answers.entry(choice).or_default();
        answer.stop(stop, self.own);
    }

    /// Writes the last chunk: why each answer ended, and what all of it took.
    fn end(&mut self, out: &mut BytesMut) {
        self.ended = true;
        let (own, usage) = (self.own, self.usage);
        let (model, id) = (
            std::mem::take(&mut self.model),
            std::mem::take(&mut self.id),
        );
        let mut answers = std::mem::take(&mut self.answers);
        if answers.is_empty() {
            answers.insert(0, Box::default());
        }
        let blocked = answers
            .values_mut()
            .find_map(|answer| answer.blocked.take());
        self.value(out, |out| {
            json::object(out, |o| {
                match blocked.as_deref().and_then(|text| Raw::new(text).ok()) {
                    Some(feedback) => o.field("promptFeedback", feedback),
                    None => o.array("candidates", |a| {
                        for (choice, answer) in &answers {
                            a.object(|o| {
                                o.field("index", *choice as u64);
                                last(answer, own, o);
                            });
                        }
                    }),
                }
                named(&model, &id, o);
                if !usage.is_empty() {
                    o.object("usageMetadata", |o| usage::encode(&usage, o));
                }
            });
        });
        self.close(out);
    }

    fn error(&mut self, error: &Error, out: &mut BytesMut) {
        self.ended = true;
        let mut object = BytesMut::new();
        error::encode(error, &mut object);
        self.value(out, |out| {
            // Without line breaks, which would end the event.
            if let Ok(object) = json::read_bytes::<Raw<'_>>(&object) {
                out.extend_from_slice(compact(object).as_bytes());
            }
        });
        self.close(out);
    }

    fn close(&self, out: &mut BytesMut) {
        if self.exchange.json_array {
            out.extend_from_slice(b"]");
        }
    }
}

/// Writes who answers.
fn named(model: &Text<'_>, id: &Text<'_>, o: &mut Object<'_>) {
    o.optional(
        "modelVersion",
        Some(model).filter(|model| !model.is_empty()),
    );
    o.optional("responseId", Some(id).filter(|id| !id.is_empty()));
}

/// Writes what is last said of an answer.
///
/// With a text, as the API does: the SDKs' chats forget an answer of which a chunk has no content.
fn last(answer: &Answer, own: bool, o: &mut Object<'_>) {
    o.object("content", |o| {
        o.field("role", "model");
        o.array("parts", |a| a.object(|o| o.field("text", "")));
    });
    let end = Stop::new(StopReason::End);
    let stop = answer.stop.as_ref().unwrap_or(&end);
    stop::encode(stop, own, answer.refused, o);
    answer.grounding.write(o);
}
