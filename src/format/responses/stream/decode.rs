use std::collections::HashMap;

use crate::{
    format::{
        StreamDecoder, StreamEnd,
        common::alike::Repeats,
        responses::{
            response::{created, error_event, failed, failure, read::Kind, stop, usage},
            wire::{self, event, list, response, some_text, text},
        },
    },
    ir::{Error, Event, Sink, Usage},
    json::{self, Raw, Text},
    sse,
};

use super::{
    incoming::Item,
    output::{Output, Said},
};

/// Reads a streamed answer.
#[derive(Debug, Default)]
pub(in crate::format::responses) struct Decoder {
    started: bool,
    done: bool,
    said: Said,
    items: Vec<Item>,
    by_id: HashMap<String, usize>,
    by_index: HashMap<u64, usize>,
    /// Whether the last event was a piece of something. Others tell all of it, and say what was missing.
    in_pieces: bool,
}

impl StreamDecoder for Decoder {
    fn item(&mut self, item: sse::Item<'_>, sink: &mut dyn Sink) {
        if self.done {
            return;
        }
        match item {
            sse::Item::Comment => sink.event(Event::Ping),
            sse::Item::Event { name, data } => {
                let data = data.trim_ascii();
                if data.starts_with(b"[DONE]") {
                    self.finish(StreamEnd::Clean, sink);
                } else if !data.is_empty() {
                    self.data(name, data, sink);
                }
            }
        }
    }

    fn finish(&mut self, end: StreamEnd, sink: &mut dyn Sink) {
        if self.done {
            return;
        }
        self.fail(end.into_error(), sink);
    }
}

impl Repeats for Decoder {
    const UNREAD: &'static [&'static str] = &["obfuscation", "sequence_number"];

    fn goes_on(&mut self, _: usize, _: &Text<'_>) -> bool {
        self.in_pieces
    }
}

impl Decoder {
    fn data(&mut self, name: Option<&[u8]>, data: &[u8], sink: &mut dyn Sink) {
        let read = json::read_bytes(data).and_then(|raw: Raw<'_>| Ok((raw, raw.parse()?)));
        let (raw, event): (Raw<'_>, event::Event<'_>) = match read {
            Ok(event) => event,
            Err(error) => return self.fail(Error::undecodable(error), sink),
        };
        let kind = text(event.kind);
        let kind = kind.as_ref().map(Text::decode);
        let name = name.and_then(|name| std::str::from_utf8(name).ok());
        match kind.as_deref().or(name).unwrap_or_default() {
            "response.created" => self.start(event.response, sink),
            "response.in_progress" | "response.queued" => {
                self.start(event.response, sink);
                sink.event(Event::Ping);
            }
            "response.completed" => self.end(&event, stop::COMPLETED, sink),
            "response.incomplete" => self.end(&event, stop::INCOMPLETE, sink),
            "response.failed" | "response.cancelled" => self.end(&event, "failed", sink),
            "error" => self.fail(error_event(raw), sink),
            _ if event.is_error() => self.fail(error_event(raw), sink),
            "keepalive" | "ping" => sink.event(Event::Ping),
            "response.output_item.added" => self.added(&event, sink),
            "response.output_item.done" => self.item_done(&event, raw, sink),
            word => self.piece(word, &event, raw, sink),
        }
    }

    fn start(&mut self, answer: Option<Raw<'_>>, sink: &mut dyn Sink) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        let answer: Option<response::Response<'_>> = answer.and_then(|raw| raw.parse().ok());
        let answer = answer.unwrap_or_default();
        if let Some(tier) = some_text(answer.service_tier) {
            sink.event(Event::ServiceTier(tier));
        }
        sink.event(Event::Start {
            id: text(answer.id).unwrap_or_default(),
            model: text(answer.model).unwrap_or_default(),
            created: created(answer.created_at),
            usage: Usage::default(),
        });
    }

    /// The item that an event is about. Its id tells; where that changes on the way, its number.
    fn find(&self, id: Option<Raw<'_>>, index: Option<u64>) -> Option<usize> {
        let by_id = some_text(id).and_then(|id| self.by_id.get(&*id.decode()));
        by_id.or_else(|| self.by_index.get(&index?)).copied()
    }

    /// Notes an item, and opens its block.
    fn open(
        &mut self,
        kind: Kind,
        id: Option<Raw<'_>>,
        index: Option<u64>,
        raw: Option<Raw<'_>>,
        sink: &mut dyn Sink,
    ) -> usize {
        self.start(None, sink);
        let position = self.items.len();
        if let Some(id) = some_text(id) {
            self.by_id.insert(id.decode().into_owned(), position);
        }
        if let Some(index) = index {
            self.by_index.insert(index, position);
        }
        let mut item = Item::new(kind, raw);
        let said = &mut self.said;
        item.begin(raw, &mut Output { sink, said });
        self.items.push(item);
        position
    }

    fn added(&mut self, event: &event::Event<'_>, sink: &mut dyn Sink) {
        let Some(raw) = event.item else {
            return;
        };
        let item: response::Item<'_> = raw.parse().unwrap_or_default();
        self.open(Kind::of(&item), item.id, event.index(), Some(raw), sink);
    }

    fn item_done(&mut self, event: &event::Event<'_>, whole: Raw<'_>, sink: &mut dyn Sink) {
        if let Some(raw) = event.item {
            self.complete(raw, event.index(), Some(whole), sink);
        }
    }

    /// An item that is complete, whether it was streamed or not. `event` is the one that brings it.
    fn complete(
        &mut self,
        raw: Raw<'_>,
        index: Option<u64>,
        event: Option<Raw<'_>>,
        sink: &mut dyn Sink,
    ) {
        let item: response::Item<'_> = raw.parse().unwrap_or_default();
        let kind = Kind::of(&item);
        let known = self.find(item.id, index).filter(|position| {
            let known = self.items.get(*position);
            known.is_some_and(|known| known.kind == kind)
        });
        let position = known.unwrap_or_else(|| self.open(kind, item.id, index, Some(raw), sink));
        let said = &mut self.said;
        if let Some(item) = self.items.get_mut(position) {
            item.end(Some(raw), event, &mut Output { sink, said });
        }
    }

    /// More of an item.
    fn piece(&mut self, word: &str, event: &event::Event<'_>, raw: Raw<'_>, sink: &mut dyn Sink) {
        self.in_pieces = word.rsplit('.').next() == Some("delta");
        let index = event.index();
        let position = self.find(event.item_id, index).or_else(|| {
            // Some leave out where an item begins; what it is shows in its first piece.
            let kind = kind_of(word)?;
            Some(self.open(kind, event.item_id, index, None, sink))
        });
        let Some(item) = position.and_then(|position| self.items.get_mut(position)) else {
            if is_sign_of_life(word) {
                sink.event(Event::Ping);
            }
            return;
        };
        let mut out = Output {
            sink,
            said: &mut self.said,
        };
        apply(item, word, event, &mut out);
        if item.kind == Kind::Native {
            item.native(raw, &mut out);
        }
        if is_sign_of_life(word) {
            out.sink.event(Event::Ping);
        }
    }

    fn end(&mut self, event: &event::Event<'_>, word: &str, sink: &mut dyn Sink) {
        let answer = event.response.and_then(|raw| raw.parse().ok());
        let answer: response::Response<'_> = answer.unwrap_or_default();
        let status = some_text(answer.status);
        match status.as_ref().map(Text::decode).as_deref() {
            Some("failed" | "cancelled") => {
                let error = failure(&answer).unwrap_or_else(|| failed(answer.error));
                return self.fail(error, sink);
            }
            _ if word == "failed" => return self.fail(failed(answer.error), sink),
            _ => {}
        }
        self.start(event.response, sink);
        for (index, raw) in (0..).zip(list(answer.output)) {
            self.complete(raw, Some(index), None, sink);
        }
        let said = &mut self.said;
        for item in &mut self.items {
            item.end(None, None, &mut Output { sink, said });
        }
        if let Some(tier) = some_text(answer.service_tier) {
            sink.event(Event::ServiceTier(tier));
        }
        if let Some(raw) = answer.usage {
            sink.event(Event::Usage(usage::decode(raw).0));
        }
        let Said {
            called, refused, ..
        } = self.said;
        let details = answer.incomplete_details;
        sink.event(Event::Stop {
            choice: 0,
            stop: stop::decode(word.into(), details, called, refused),
        });
        self.done = true;
        sink.event(Event::End);
    }

    fn fail(&mut self, error: Error, sink: &mut dyn Sink) {
        self.done = true;
        sink.event(Event::Error(error));
    }
}

/// Whether an event only says that work goes on.
fn is_sign_of_life(word: &str) -> bool {
    const SIGNS: [&str; 6] = [
        "in_progress",
        "searching",
        "interpreting",
        "generating",
        "compacting",
        "partial_image",
    ];
    let state = word.rsplit('.').next().unwrap_or_default();
    SIGNS.contains(&state) || word.contains(".steer")
}

/// The item that an event is a piece of, if only one can be meant.
fn kind_of(word: &str) -> Option<Kind> {
    let (of, _) = word.strip_prefix("response.")?.split_once('.')?;
    Some(match of {
        "output_text" | "refusal" => Kind::Message,
        "reasoning_text" | "reasoning_summary_text" => Kind::Reasoning,
        _ => return None,
    })
}

/// Says what an event tells of its item.
fn apply(item: &mut Item, word: &str, event: &event::Event<'_>, out: &mut Output<'_>) {
    let whole = || response::Part {
        text: event.text,
        refusal: event.refusal,
        logprobs: event.logprobs,
        ..response::Part::default()
    };
    let part = || -> response::Part<'_> {
        event
            .part
            .and_then(|raw| raw.parse().ok())
            .unwrap_or_default()
    };
    let content = event.content();
    match word {
        "response.content_part.added" => match part() {
            part if part.refusal.is_some() => {
                item.part(content, true, out);
            }
            part if part.text.is_some() => {
                item.part(content, false, out);
            }
            _ => {}
        },
        "response.content_part.done" => item.complete_part(content, &part(), true, out),
        "response.output_text.delta" => item.say(event, false, out),
        "response.refusal.delta" => item.say(event, true, out),
        "response.output_text.done" | "response.refusal.done" => {
            item.complete_part(content, &whole(), false, out);
        }
        "response.output_text.annotation.added" => item.cite(event, out),
        "response.reasoning_summary_text.delta" => {
            item.think((false, event.summary()), some_text(event.delta), out);
        }
        "response.reasoning_text.delta" => {
            item.think((true, content), some_text(event.delta), out);
        }
        "response.reasoning_summary_text.done" => {
            item.complete_thought((false, event.summary()), some_text(event.text), out);
        }
        "response.reasoning_text.done" => {
            item.complete_thought((true, content), some_text(event.text), out);
        }
        "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
            item.argue(wire::text(event.delta), out);
        }
        "response.function_call_arguments.done" => item.complete_arguments(event.arguments, out),
        "response.custom_tool_call_input.done" => item.complete_arguments(event.input, out),
        _ => {}
    }
}
