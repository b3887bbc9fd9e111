//! A provider's stream, read.

use crate::{
    format::{
        StreamDecoder, StreamEnd,
        anthropic::{ID, blocks, error, stop, usage, wire},
        common::alike::Repeats,
    },
    ir::{BlockKind, Delta, Error, Event, Seal, Sink, Stop, StopReason, Usage},
    json::{self, Kind, Raw, Text},
    sse::Item,
};

/// State of one stream.
#[derive(Debug, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says something of its own"
)]
pub(in crate::format::anthropic) struct Decoder {
    started: bool,
    stopped: bool,
    done: bool,
    /// How many blocks there were.
    blocks: usize,
    open: Vec<Block>,
    called: bool,
}

#[derive(Debug)]
struct Block {
    /// Its number on the wire.
    index: u64,
    /// Its number in the events.
    number: usize,
    what: What,
}

#[derive(Debug)]
enum What {
    Plain,
    /// A call, with arguments that came with its start, and whether some came later.
    Call {
        early: Option<String>,
        fed: bool,
    },
    Native,
}

impl StreamDecoder for Decoder {
    fn item(&mut self, item: Item<'_>, sink: &mut dyn Sink) {
        if self.done {
            return;
        }
        match item {
            Item::Event { data, .. } if data.trim_ascii().starts_with(b"[DONE]") => {
                self.finish(StreamEnd::Clean, sink);
            }
            Item::Event { name, data } => self.data(name, data, sink),
            Item::Comment => sink.event(Event::Ping),
        }
    }

    fn finish(&mut self, end: StreamEnd, sink: &mut dyn Sink) {
        if self.done {
            return;
        }
        match end {
            _ if self.stopped => self.end(sink),
            StreamEnd::Clean => self.fail(Error::truncated(), sink),
            StreamEnd::Failed(error) => self.fail(error, sink),
        }
    }
}

impl Repeats for Decoder {
    const UNREAD: &'static [&'static str] = &[];

    fn goes_on(&mut self, _: usize, _: &Text<'_>) -> bool {
        true
    }
}

impl Decoder {
    fn data(&mut self, name: Option<&[u8]>, data: &[u8], sink: &mut dyn Sink) {
        let event: wire::Event<'_> = match json::read_bytes(data) {
            Ok(event) => event,
            Err(error) => return self.fail(Error::undecodable(error), sink),
        };
        let kind = event.kind.as_ref().map(Text::decode);
        let name = name.and_then(|name| std::str::from_utf8(name).ok());
        match kind.as_deref().or(name) {
            Some("message_start") => self.start(event.message, sink),
            Some("content_block_start") => {
                if let Some(block) = event.content_block {
                    self.block_start(event.index, block, sink);
                }
            }
            Some("content_block_delta") => {
                if let Some(delta) = event.delta {
                    self.delta(event.index, delta, sink);
                }
            }
            Some("content_block_stop") => {
                let position = self.position(event.index);
                if let Some(position) = position {
                    self.block_stop(position, sink);
                }
            }
            Some("message_delta") => self.message_delta(event.delta, event.usage, sink),
            Some("message_stop") => self.end(sink),
            Some("ping") => sink.event(Event::Ping),
            Some("error") => self.fail(error::decode_event(data), sink),
            _ => {}
        }
    }

    fn start(&mut self, message: Option<Raw<'_>>, sink: &mut dyn Sink) {
        if self.started {
            return;
        }
        self.started = true;
        let message = message.and_then(|message| message.parse::<wire::MessageStart<'_>>().ok());
        let mut message = message.unwrap_or_default();
        let tier = message
            .usage
            .as_mut()
            .and_then(|counts| counts.service_tier.take());
        if let Some(tier) = tier {
            sink.event(Event::ServiceTier(tier));
        }
        sink.event(Event::Start {
            id: message.id.unwrap_or_default(),
            model: message.model.unwrap_or_default(),
            created: None,
            usage: message
                .usage
                .map(|counts| usage::decode(counts).0)
                .unwrap_or_default(),
        });
    }

    /// The position of the open block with this number, or of the last one.
    fn position(&self, index: Option<u64>) -> Option<usize> {
        match index {
            Some(index) => self.open.iter().position(|open| open.index == index),
            None => self.open.len().checked_sub(1),
        }
    }

    fn block_start(&mut self, index: Option<u64>, raw: Raw<'_>, sink: &mut dyn Sink) {
        if self.stopped {
            return;
        }
        let index = index.unwrap_or(u64::MAX);
        if let Some(position) = self.position(Some(index)) {
            self.block_stop(position, sink);
        }
        let typed: wire::Typed<'_> = raw.parse().unwrap_or_default();
        match typed.kind.as_ref().map(Text::decode).as_deref() {
            Some("text") => self.text_start(index, raw, sink),
            Some("thinking") => self.thinking_start(index, raw, sink),
            Some("redacted_thinking") => {
                let block: wire::ThinkingBlock<'_> = raw.parse().unwrap_or_default();
                let number = self.open(index, What::Plain, BlockKind::Redacted, sink);
                send(number, block.data.map(own_seal), sink);
            }
            Some("tool_use") => self.call_start(index, raw, sink),
            _ => {
                self.open(index, What::Native, BlockKind::Native { value: raw }, sink);
            }
        }
    }

    fn text_start(&mut self, index: u64, raw: Raw<'_>, sink: &mut dyn Sink) {
        let block: wire::TextBlock<'_> = raw.parse().unwrap_or_default();
        let number = self.open(index, What::Plain, BlockKind::Text, sink);
        send(number, filled(block.text).map(Delta::Text), sink);
        let citations = block
            .citations
            .and_then(|list| list.parse::<Vec<Raw<'_>>>().ok());
        for citation in citations.unwrap_or_default() {
            send(
                number,
                Some(Delta::Citation(blocks::citation(citation))),
                sink,
            );
        }
    }

    fn thinking_start(&mut self, index: u64, raw: Raw<'_>, sink: &mut dyn Sink) {
        let block: wire::ThinkingBlock<'_> = raw.parse().unwrap_or_default();
        let number = self.open(index, What::Plain, BlockKind::Reasoning, sink);
        send(number, filled(block.thinking).map(Delta::Text), sink);
        send(number, filled(block.signature).map(own_seal), sink);
    }

    fn call_start(&mut self, index: u64, raw: Raw<'_>, sink: &mut dyn Sink) {
        let block: wire::ToolUse<'_> = raw.parse().unwrap_or_default();
        self.called = true;
        let early = block
            .input
            .filter(|input| input.kind() == Kind::Object && !input.is_empty());
        let what = What::Call {
            early: early.map(|input| json::compact(input).into_owned()),
            fed: false,
        };
        let kind = BlockKind::ToolCall {
            id: block.id.unwrap_or_default(),
            name: block.name.unwrap_or_default(),
            freeform: false,
        };
        self.open(index, what, kind, sink);
    }

    fn open(&mut self, index: u64, what: What, kind: BlockKind<'_>, sink: &mut dyn Sink) -> usize {
        self.start(None, sink);
        let block = self.blocks;
        self.blocks += 1;
        self.open.push(Block {
            index,
            number: block,
            what,
        });
        sink.event(Event::BlockStart {
            block,
            choice: 0,
            kind,
        });
        block
    }

    fn delta(&mut self, index: Option<u64>, raw: Raw<'_>, sink: &mut dyn Sink) {
        let delta: wire::Delta<'_> = match raw.parse() {
            Ok(delta) if !self.stopped => delta,
            _ => return,
        };
        let position = self
            .position(index)
            .or_else(|| self.open_for(index, &delta, sink));
        let Some(open) = position.and_then(|position| self.open.get_mut(position)) else {
            return;
        };
        let delta = match (
            &mut open.what,
            delta.kind.as_ref().map(Text::decode).as_deref(),
        ) {
            (What::Native, _) => Some(Delta::Native(raw)),
            (_, Some("text_delta")) => filled(delta.text).map(Delta::Text),
            (_, Some("thinking_delta")) => filled(delta.thinking).map(Delta::Text),
            (_, Some("signature_delta")) => filled(delta.signature).map(own_seal),
            (_, Some("citations_delta")) => delta
                .citation
                .map(|raw| Delta::Citation(blocks::citation(raw))),
            (What::Call { fed, .. }, Some("input_json_delta")) => {
                let fragment = filled(delta.partial_json);
                *fed |= fragment.is_some();
                fragment.map(Delta::Arguments)
            }
            _ => None,
        };
        send(open.number, delta, sink);
    }

    /// Some vendors leave out the start of a block; what it is shows in its first delta.
    fn open_for(
        &mut self,
        index: Option<u64>,
        delta: &wire::Delta<'_>,
        sink: &mut dyn Sink,
    ) -> Option<usize> {
        let kind = match &*delta.kind.as_ref()?.decode() {
            "text_delta" => BlockKind::Text,
            "thinking_delta" => BlockKind::Reasoning,
            _ => return None,
        };
        self.open(index.unwrap_or(u64::MAX), What::Plain, kind, sink);
        self.open.len().checked_sub(1)
    }

    fn block_stop(&mut self, position: usize, sink: &mut dyn Sink) {
        let Block {
            number: block,
            what,
            ..
        } = self.open.remove(position);
        if let What::Call { early, fed: false } = what {
            let arguments = early.as_deref().unwrap_or("{}");
            send(block, Some(Delta::Arguments(arguments.into())), sink);
        }
        sink.event(Event::BlockStop { block });
    }

    fn message_delta(
        &mut self,
        delta: Option<Raw<'_>>,
        counts: Option<wire::Usage<'_>>,
        sink: &mut dyn Sink,
    ) {
        self.start(None, sink);
        let counts = counts.map(|counts| usage::decode(counts).0);
        if let Some(counts) = counts.filter(|counts| *counts != Usage::default()) {
            sink.event(Event::Usage(counts));
        }
        let delta: wire::Delta<'_> = delta
            .and_then(|delta| delta.parse().ok())
            .unwrap_or_default();
        if let Some(word) = delta.stop_reason {
            self.stop(
                |called| stop::decode(word, delta.stop_sequence, delta.stop_details, called),
                sink,
            );
        }
    }

    fn stop<'a>(&mut self, stop: impl FnOnce(bool) -> Stop<'a>, sink: &mut dyn Sink) {
        if std::mem::replace(&mut self.stopped, true) {
            return;
        }
        while !self.open.is_empty() {
            self.block_stop(0, sink);
        }
        sink.event(Event::Stop {
            choice: 0,
            stop: stop(self.called),
        });
    }

    fn end(&mut self, sink: &mut dyn Sink) {
        self.start(None, sink);
        self.stop(
            |called| Stop::new(stop::infer(StopReason::End, called)),
            sink,
        );
        self.done = true;
        sink.event(Event::End);
    }

    fn fail(&mut self, error: Error, sink: &mut dyn Sink) {
        self.done = true;
        sink.event(Event::Error(error));
    }
}

fn filled(text: Option<Text<'_>>) -> Option<Text<'_>> {
    text.filter(|text| !text.is_empty())
}

fn send(block: usize, delta: Option<Delta<'_>>, sink: &mut dyn Sink) {
    if let Some(delta) = delta {
        sink.event(Event::Delta { block, delta });
    }
}

fn own_seal(seal: Text<'_>) -> Delta<'_> {
    Delta::Seal(Seal::new(ID, seal))
}
