//! Items on the wire, one open at a time.

use std::sync::Arc;

use bytes::BytesMut;

use crate::{
    format::{
        common::{
            freeform,
            lane::{self, Piece},
            progress::Progress,
        },
        responses::{
            response::{
                ids,
                write::{self, Call},
            },
            wire::{event, response::Item as WireItem, text},
        },
    },
    ir::{Exchange, Image, Seal},
    json::{Object, Raw, Text, ToJson as _, compact},
};

use super::{
    message::{Cited, Message},
    thought::Thought,
    wire::{Wire, raw},
};

/// What a block begins with.
#[derive(Debug)]
pub(super) enum Start {
    /// A part of a message: text or refusal.
    Said {
        refusal: bool,
    },
    Thought {
        redacted: bool,
    },
    Call {
        call: Call,
        /// Whether the provider knows the custom tool as a function.
        wrapped: bool,
    },
    Image(Box<Image<'static>>),
    /// An item of this API, as JSON text.
    Native(String),
}

/// What else comes of a block; what is a string is JSON text.
#[derive(Debug)]
pub(super) enum Other {
    /// The item as it came from this API.
    Header(String),
    /// An event of an item that only this API has.
    Event(String),
    Citation(Cited),
    /// Tokens, separated by commas.
    Logprobs(String),
}

#[derive(Debug)]
enum Item {
    Message(Message),
    Thought(Thought),
    Call(OpenCall),
    Native(String),
}

#[derive(Debug)]
struct OpenCall {
    call: Call,
    wrapped: bool,
    payload: String,
    /// How far the arguments are.
    progress: Progress,
}

/// The items of one stream.
#[derive(Debug)]
pub(super) struct Items {
    exchange: Arc<Exchange>,
    /// Whether the provider speaks this API.
    own: bool,
    /// The answer's id.
    pub(super) answer: String,
    pub(super) wire: Wire,
    /// A block of this API's own whose item is not known yet.
    pending: Option<Start>,
    item: Option<Item>,
}

impl Items {
    pub(super) fn new(exchange: Arc<Exchange>, own: bool) -> Self {
        Self {
            exchange,
            own,
            answer: String::new(),
            wire: Wire::default(),
            pending: None,
            item: None,
        }
    }

    /// Ends the open message.
    pub(super) fn close_message(&mut self, complete: bool, out: &mut BytesMut) {
        if let Some(Item::Message(message)) =
            self.item.take_if(|item| matches!(item, Item::Message(_)))
        {
            message.close(complete, &mut self.wire, out);
        }
    }

    fn open(&mut self, start: Start, header: Option<String>, out: &mut BytesMut) {
        let goes_on = header.is_none() && matches!(start, Start::Said { .. });
        if !goes_on {
            self.close_message(true, out);
        }
        let id = |prefix| match id_of(header.as_deref()) {
            Some(id) => id,
            None => ids::item(prefix, &self.answer, self.wire.index),
        };
        match start {
            Start::Said { refusal } => {
                let mut message = match self.item.take() {
                    Some(Item::Message(message)) => message,
                    _ => Message::open(id("msg"), header, &mut self.wire, out),
                };
                message.begin(refusal, &mut self.wire, out);
                self.item = Some(Item::Message(message));
            }
            Start::Thought { redacted } => {
                let id = id_of(header.as_deref());
                self.item = Some(Item::Thought(Thought::new(id, redacted)));
            }
            Start::Call { mut call, wrapped } => {
                call.id = id(call.prefix());
                if call.call_id.is_empty() {
                    call.call_id = ids::call(&self.answer, self.wire.index);
                }
                self.wire
                    .added(out, |o| call.write("", write::IN_PROGRESS, None, o));
                self.item = Some(Item::Call(OpenCall {
                    call,
                    wrapped,
                    payload: String::new(),
                    progress: Progress::default(),
                }));
            }
            Start::Image(image) => {
                let id = id("ig");
                self.image(&image, &id, header.as_deref(), out);
            }
            Start::Native(item) => {
                let index = self.wire.index;
                self.wire.event("response.output_item.added", out, |o| {
                    o.field("output_index", index);
                    o.key("item").extend_from_slice(item.as_bytes());
                });
                self.item = Some(Item::Native(item));
            }
        }
    }

    /// Says a refusal in the open message, or in one of its own.
    pub(super) fn refuse(&mut self, text: &Text<'_>, out: &mut BytesMut) {
        self.open(Start::Said { refusal: true }, None, out);
        if let Some(Item::Message(message)) = &mut self.item {
            message.text(text, &mut self.wire, out);
            message.end(&mut self.wire, out);
        }
    }

    fn image(&mut self, image: &Image<'_>, id: &str, own: Option<&str>, out: &mut BytesMut) {
        self.wire.added(out, |o| {
            o.field("id", id);
            o.field("type", "image_generation_call");
            o.field("status", write::IN_PROGRESS);
            o.field("result", ());
        });
        match own {
            Some(item) => self.wire.done_as(item.as_bytes(), out),
            None => self.wire.done(out, |o| write::image(id, image, false, o)),
        }
    }
}

impl lane::Writer for Items {
    type Start = Start;
    type Other = Other;

    fn begin(&mut self, start: Start, out: &mut BytesMut) {
        // The first that comes of a block from this API itself is the item it is of.
        if self.own && !matches!(start, Start::Native(_)) {
            self.pending = Some(start);
        } else {
            self.open(start, None, out);
        }
    }

    fn piece(&mut self, piece: Piece<'_, Other>, out: &mut BytesMut) {
        if let Some(start) = self.pending.take() {
            if let Piece::Other(Other::Header(header)) = piece {
                return self.open(start, Some(header), out);
            }
            self.open(start, None, out);
        }
        let wire = &mut self.wire;
        match (self.item.as_mut(), piece) {
            (Some(Item::Message(message)), Piece::Text(text)) => message.text(text, wire, out),
            (Some(Item::Message(message)), Piece::Other(Other::Citation(cited))) => {
                message.cite(cited, wire, out);
            }
            (Some(Item::Message(message)), Piece::Other(Other::Logprobs(tokens))) => {
                message.logprobs(&tokens, wire, out);
            }
            (Some(Item::Thought(thought)), Piece::Text(text)) => {
                thought.text(text, &self.answer, wire, out);
            }
            (Some(Item::Thought(thought)), Piece::Seal(seal)) => {
                Seal::append(&mut thought.seal, seal);
            }
            (Some(Item::Call(call)), Piece::Arguments(text)) => call.arguments(text, wire, out),
            (Some(Item::Native(item)), Piece::Other(Other::Event(event))) => {
                native_event(item, &event, wire, out);
            }
            _ => {}
        }
    }

    fn close(&mut self, out: &mut BytesMut) {
        if let Some(start) = self.pending.take() {
            self.open(start, None, out);
        }
        match self.item.take() {
            Some(Item::Message(mut message)) => {
                message.end(&mut self.wire, out);
                self.item = Some(Item::Message(message));
            }
            Some(Item::Thought(thought)) => {
                thought.close(self.own, &self.exchange, &self.answer, &mut self.wire, out);
            }
            Some(Item::Call(call)) => call.close(&mut self.wire, out),
            Some(Item::Native(item)) => self.wire.done_as(item.as_bytes(), out),
            None => {}
        }
    }

    fn may_close(&self) -> bool {
        match &self.item {
            Some(Item::Call(call)) => call.progress.is_complete(),
            _ => !matches!(self.pending, Some(Start::Call { .. })),
        }
    }

    fn again(start: &Start) -> Option<Start> {
        match start {
            Start::Said { refusal } => Some(Start::Said { refusal: *refusal }),
            Start::Thought { redacted: false } => Some(Start::Thought { redacted: false }),
            _ => None,
        }
    }
}

impl OpenCall {
    fn name(&self, what: &str) -> String {
        let kind = if self.call.custom {
            "custom_tool_call_input"
        } else {
            "function_call_arguments"
        };
        format!("response.{kind}.{what}")
    }

    fn arguments(&mut self, fragment: &Text<'_>, wire: &mut Wire, out: &mut BytesMut) {
        if fragment.is_empty() {
            return;
        }
        self.payload.push_str(&fragment.decode());
        if !self.call.custom || self.wrapped {
            let mut literal = BytesMut::new();
            fragment.write(&mut literal);
            self.progress.feed(&literal);
        }
        if !self.wrapped {
            self.delta(fragment, wire, out);
        }
    }

    fn delta(&self, fragment: &Text<'_>, wire: &mut Wire, out: &mut BytesMut) {
        wire.item_event(&self.name("delta"), &self.call.id, out, |o| {
            o.field("delta", fragment);
        });
    }

    fn close(mut self, wire: &mut Wire, out: &mut BytesMut) {
        if self.wrapped {
            self.payload = freeform::input(&self.payload);
            if !self.payload.is_empty() {
                self.delta(&self.payload.as_str().into(), wire, out);
            }
        } else if self.payload.is_empty() && !self.call.custom {
            "{}".clone_into(&mut self.payload);
            self.delta(&"{}".into(), wire, out);
        }
        let payload = &*self.payload;
        wire.item_event(&self.name("done"), &self.call.id, out, |o| {
            o.field(
                if self.call.custom {
                    "input"
                } else {
                    "arguments"
                },
                payload,
            );
        });
        let status = write::status(self.call.custom || write::is_json(payload));
        wire.done(out, |o| self.call.write(payload, status, None, o));
    }
}

/// The id of an item as it came from this API.
fn id_of(header: Option<&str>) -> Option<String> {
    let item: WireItem<'_> = Raw::new(header?).and_then(Raw::parse).ok()?;
    text(item.id).map(|id| id.decode().into_owned())
}

/// Whether this is an event, and no item.
pub(super) fn is_event(raw: Raw<'_>) -> bool {
    let event: event::Event<'_> = raw.parse().unwrap_or_default();
    text(event.kind).is_some_and(|kind| kind.decode().starts_with("response."))
}

/// Writes an event of an item that only this API has, under numbers of its own here. The last one has all of the item.
fn native_event(item: &mut String, json: &str, wire: &mut Wire, out: &mut BytesMut) {
    let event: event::Event<'_> = raw(json).parse().unwrap_or_default();
    let name = text(event.kind).map(|name| name.decode().into_owned());
    match (name, event.item) {
        (Some(name), Some(whole)) if name == "response.output_item.done" => {
            *item = compact(whole).into_owned();
        }
        (Some(name), _) => {
            let index = wire.index;
            wire.event(&name, out, |o| {
                o.field("output_index", index);
                members(json, o);
            });
        }
        (None, _) => {}
    }
}

/// Writes the members of an event that are its own.
fn members(json: &str, o: &mut Object<'_>) {
    const NOT: [&str; 4] = ["type", "sequence_number", "output_index", "obfuscation"];
    let members: event::Members<'_> = raw(json).parse().unwrap_or_default();
    for member in members
        .extra
        .iter()
        .filter(|member| !NOT.contains(&&*member.key))
    {
        o.key(&member.key)
            .extend_from_slice(compact(member.value).as_bytes());
    }
}
