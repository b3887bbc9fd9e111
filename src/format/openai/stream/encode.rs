use std::{collections::BTreeMap, sync::Arc};

use bytes::BytesMut;

use crate::{
    format::StreamEncoder,
    format::common::{freeform, mold::Mold},
    format::error_object,
    ir::{BlockKind, Delta, Error, Event, Exchange, Logprobs, Seal, Stop, StopReason, Usage},
    json::{self, Object, Text},
    sse,
};

use super::{
    super::{
        ID, call_seal, id, reasoning,
        response::{service_tier, url_citation, write_logprobs},
        stop, usage,
    },
    encode_call::Payload,
    outgoing::{Answer, Block, Kind, Source},
};

/// Writes a streamed answer.
#[derive(Debug)]
pub(in crate::format::openai) struct Encoder {
    pub(super) exchange: Arc<Exchange>,
    /// What every chunk begins with.
    head: BytesMut,
    /// What every chunk ends with: the price and speed class, if it is known.
    tail: BytesMut,
    /// The chunk that brought text last.
    last: Option<Spoken>,
    blocks: Vec<Block>,
    /// By number, which may be any. Boxed, for the map makes room for eleven at once, and there is nearly always one.
    pub(super) answers: BTreeMap<usize, Box<Answer>>,
    usage: Usage,
    ended: bool,
}

/// A chunk that brings text.
#[derive(Debug)]
struct Spoken {
    choice: usize,
    /// The member that the text is.
    member: &'static str,
    mold: Mold,
}

impl Encoder {
    pub(in crate::format::openai) fn new(exchange: Arc<Exchange>) -> Self {
        Self {
            exchange,
            head: BytesMut::new(),
            tail: BytesMut::new(),
            last: None,
            blocks: Vec::new(),
            answers: BTreeMap::new(),
            usage: Usage::default(),
            ended: false,
        }
    }
}

impl StreamEncoder for Encoder {
    fn can_say(&self, kind: &BlockKind<'_>) -> bool {
        !matches!(kind, BlockKind::Image(_) | BlockKind::Native { .. })
    }

    fn event(&mut self, event: &Event<'_>, out: &mut BytesMut) {
        if self.ended {
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
                self.start(id, model, *created);
                self.begin(0, out);
            }
            Event::BlockStart {
                block,
                choice,
                kind,
            } => self.block_start(*block, *choice, kind, out),
            Event::Delta { block, delta } => self.delta(*block, delta, out),
            Event::BlockStop { block } => self.block_stop(*block, out),
            Event::ServiceTier(tier) => self.service_tier(tier),
            Event::Usage(usage) => self.usage.update(usage),
            Event::Stop { choice, stop } => self.stop(*choice, stop, out),
            Event::Ping => sse::comment(out, "keep-alive"),
            Event::End => self.end(out),
            Event::Error(error) => self.error(error, out),
        }
    }
}

impl Encoder {
    fn start(&mut self, id: &Text<'_>, model: &Text<'_>, created: Option<u64>) {
        self.last = None;
        let id = id::answer(&id.decode(), self.exchange.nonce);
        json::object(&mut self.head, |o| {
            o.field("id", id);
            o.field("object", "chat.completion.chunk");
            o.field("created", created.unwrap_or(self.exchange.now));
            o.field("model", model);
            o.key("choices");
        });
        // The closing brace: chunks go on behind the last key.
        self.head.truncate(self.head.len().saturating_sub(1));
    }

    fn service_tier(&mut self, tier: &Text<'_>) {
        self.last = None;
        self.tail.clear();
        json::object(&mut self.tail, |o| {
            service_tier(tier, self.exchange.provider == ID, o);
        });
        // In place of the opening brace there is a comma, unless there is nothing to say.
        let length = self.tail.len().saturating_sub(1);
        self.tail.truncate(length);
        match self.tail.first_mut() {
            Some(first) if length > 1 => *first = b',',
            _ => self.tail.clear(),
        }
    }

    /// Makes sure that an answer's first chunk was written.
    fn begin(&mut self, choice: usize, out: &mut BytesMut) {
        let answer = self.answers.entry(choice).or_default();
        if !std::mem::replace(&mut answer.begun, true) {
            self.chunk(choice, out, |o| {
                o.field("role", "assistant");
                o.field("content", "");
            });
        }
    }

    /// Writes a chunk with text, which is nearly always the last one but for the text.
    fn say(&mut self, choice: usize, member: &'static str, text: &Text<'_>, out: &mut BytesMut) {
        let is_same = |last: &Spoken| last.choice == choice && last.member == member;
        let last = self.last.take().filter(is_same).unwrap_or_else(|| Spoken {
            choice,
            member,
            mold: Mold::of(|gap, out| self.chunk(choice, out, |o| o.field(member, gap))),
        });
        self.last.insert(last).mold.fill(text, out);
    }

    /// Writes a chunk with a piece of one answer.
    pub(super) fn chunk(
        &self,
        choice: usize,
        out: &mut BytesMut,
        delta: impl FnOnce(&mut Object<'_>),
    ) {
        self.whole_chunk(choice, out, delta, None, None);
    }

    fn whole_chunk(
        &self,
        choice: usize,
        out: &mut BytesMut,
        delta: impl FnOnce(&mut Object<'_>),
        logprobs: Option<&Logprobs<'_>>,
        finish_reason: Option<&str>,
    ) {
        sse::event(out, None, |out| {
            out.extend_from_slice(&self.head);
            json::array(out, |a| {
                a.object(|o| {
                    o.field("index", choice as u64);
                    o.object("delta", delta);
                    write_logprobs(logprobs, self.exchange.provider == ID, o);
                    match finish_reason {
                        Some(reason) => o.field("finish_reason", reason),
                        None => o.field("finish_reason", ()),
                    }
                });
            });
            if self.exchange.include_usage {
                out.extend_from_slice(b",\"usage\":null");
            }
            out.extend_from_slice(&self.tail);
            out.extend_from_slice(b"}");
        });
    }

    fn block_start(
        &mut self,
        block: usize,
        choice: usize,
        kind: &BlockKind<'_>,
        out: &mut BytesMut,
    ) {
        self.begin(choice, out);
        let kind = match kind {
            BlockKind::ToolCall { id, name, freeform } => {
                self.call(choice, id, name, *freeform, out)
            }
            kind => {
                let characters = self
                    .answers
                    .get(&choice)
                    .map_or(0, |answer| answer.characters);
                Kind::of(kind, characters)
            }
        };
        debug_assert_eq!(block, self.blocks.len(), "blocks are numbered without gaps");
        self.blocks.push(Block { choice, kind });
    }

    fn delta(&mut self, block: usize, delta: &Delta<'_>, out: &mut BytesMut) {
        let Some(Block { choice, kind }) = self.blocks.get_mut(block) else {
            return;
        };
        let choice = *choice;
        match (kind, delta) {
            (Kind::Text { .. }, Delta::Text(text)) if !text.is_empty() => {
                if let Some(answer) = self.answers.get_mut(&choice) {
                    answer.characters += text.count();
                }
                self.say(choice, "content", text, out);
            }
            (Kind::Text { sources, .. }, Delta::Citation(citation)) => {
                sources.extend(Source::of(citation));
            }
            (Kind::Reasoning { text: all, .. }, Delta::Text(text)) if !text.is_empty() => {
                text.pieces(&mut |piece| all.push_str(piece));
                self.say(choice, "reasoning_content", text, out);
            }
            (Kind::Reasoning { seal, .. } | Kind::Redacted { seal }, Delta::Seal(more)) => {
                Seal::append(seal, more);
            }
            (Kind::Refusal, Delta::Text(text)) if !text.is_empty() => {
                if let Some(answer) = self.answers.get_mut(&choice) {
                    answer.refused = true;
                }
                self.say(choice, "refusal", text, out);
            }
            (Kind::Wrapped { arguments, .. }, Delta::Arguments(text)) => {
                arguments.push_str(&text.decode());
            }
            (kind, Delta::Arguments(text)) if !text.is_empty() => {
                let kind = Payload::of(kind);
                self.arguments(choice, kind, text, out);
            }
            (Kind::Text { .. } | Kind::Refusal, Delta::Logprobs(logprobs)) => {
                self.whole_chunk(choice, out, |_| {}, Some(logprobs), None);
            }
            _ => {}
        }
    }

    fn block_stop(&mut self, block: usize, out: &mut BytesMut) {
        let Some(Block { choice, kind }) = self.blocks.get_mut(block) else {
            return;
        };
        let choice = *choice;
        match std::mem::replace(kind, Kind::Unsayable) {
            Kind::Text { start, sources } => self.cite(choice, start, &sources, out),
            Kind::Reasoning { text, seal } => {
                self.seal(choice, Some(text), seal, out);
            }
            Kind::Redacted { seal } => self.seal(choice, None, seal, out),
            Kind::Wrapped { ordinal, arguments } => {
                let input = freeform::input(&arguments).into();
                self.arguments(choice, Payload::Custom(ordinal), &input, out);
            }
            _ => {}
        }
    }

    fn cite(&mut self, choice: usize, start: u64, sources: &[Source], out: &mut BytesMut) {
        let Some(answer) = self
            .answers
            .get_mut(&choice)
            .filter(|_| !sources.is_empty())
        else {
            return;
        };
        let (first, end) = (answer.citations, answer.characters);
        answer.citations += sources.len() as u64;
        self.chunk(choice, out, |o| {
            o.array("annotations", |a| {
                for (index, source) in (first..).zip(sources) {
                    a.object(|o| {
                        o.field("index", index);
                        url_citation(&source.citation(), start, end, o);
                    });
                }
            });
        });
    }

    /// Writes a thought with its seal, for clients to give back. Numbered, because clients join lists by number.
    fn seal(
        &mut self,
        choice: usize,
        text: Option<String>,
        seal: Option<Seal<'_>>,
        out: &mut BytesMut,
    ) {
        let on_call = seal.as_ref().filter(|seal| call_seal::stands_on_call(seal));
        if let (Some(answer), Some(seal)) = (self.answers.get_mut(&choice), on_call) {
            answer.call_seal = Some(seal.clone().into_owned());
        }
        let seal = seal.filter(reasoning::can_be_carried);
        let (Some(answer), Some(seal)) = (self.answers.get_mut(&choice), seal) else {
            return;
        };
        let index = answer.thoughts;
        answer.thoughts += 1;
        let text = text.map(Text::from);
        self.chunk(choice, out, |o| {
            o.array("thinking_blocks", |a| {
                a.object(|o| {
                    o.field("index", index);
                    reasoning::write_block(o, text.as_ref(), &seal);
                });
            });
        });
    }

    fn stop(&mut self, choice: usize, stop: &Stop<'_>, out: &mut BytesMut) {
        self.begin(choice, out);
        let answer = self.answers.get(&choice);
        let refused = answer.is_some_and(|answer| answer.refused);
        let explanation = stop.explanation.as_ref();
        let explanation = explanation.filter(|_| stop.reason == StopReason::Refusal && !refused);
        if let Some(explanation) = explanation {
            self.chunk(choice, out, |o| o.field("refusal", explanation));
        }
        let word = stop::encode(stop, refused, self.exchange.legacy_functions);
        self.whole_chunk(choice, out, |_| {}, None, Some(word));
    }

    fn end(&mut self, out: &mut BytesMut) {
        self.ended = true;
        if self.exchange.include_usage && !self.usage.is_empty() {
            sse::event(out, None, |out| {
                out.extend_from_slice(&self.head);
                out.extend_from_slice(b"[],\"usage\":");
                json::object(out, |o| usage::encode(&self.usage, o));
                out.extend_from_slice(&self.tail);
                out.extend_from_slice(b"}");
            });
        }
        sse::event(out, None, |out| out.extend_from_slice(b"[DONE]"));
    }

    fn error(&mut self, error: &Error, out: &mut BytesMut) {
        self.ended = true;
        sse::event(out, None, |out| {
            json::object(out, |o| error_object::members(ID, error, o));
        });
    }
}
