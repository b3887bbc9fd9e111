//! Thoughts on the wire.

use std::borrow::Cow;

use bytes::BytesMut;

use crate::{
    format::responses::{
        ID,
        response::{ids, write},
    },
    ir::{Exchange, Seal},
    json::{Object, Text},
};

use super::wire::Wire;

/// A thought that is open. It opens on the wire with its text, or else when it is closed.
#[derive(Debug)]
pub(super) struct Thought {
    /// The item's id; empty as long as nobody knows it.
    id: String,
    redacted: bool,
    begun: bool,
    text: String,
    pub(super) seal: Option<Seal<'static>>,
}

impl Thought {
    pub(super) fn new(id: Option<String>, redacted: bool) -> Self {
        Self {
            id: id.unwrap_or_default(),
            redacted,
            begun: false,
            text: String::new(),
            seal: None,
        }
    }

    /// Gives the item an id: its own, the one that its seal was made for, or a new one.
    fn name(&mut self, answer: &str, index: u64) {
        if !self.id.is_empty() {
            return;
        }
        let sealed = self
            .seal
            .as_ref()
            .filter(|seal| seal.is_of(ID) && !seal.id.is_empty());
        self.id = match sealed {
            Some(seal) => seal.id.decode().into_owned(),
            None => ids::item("rs", answer, index),
        };
    }

    fn begin(&mut self, answer: &str, wire: &mut Wire, out: &mut BytesMut) {
        self.name(answer, wire.index);
        self.begun = true;
        wire.added(out, |o| {
            o.field("id", &*self.id);
            o.field("type", "reasoning");
            o.array("summary", |_| ());
        });
    }

    fn event(
        &self,
        name: &str,
        wire: &mut Wire,
        out: &mut BytesMut,
        members: impl FnOnce(&mut Object<'_>),
    ) {
        wire.item_event(name, &self.id, out, |o| {
            o.field("summary_index", 0u64);
            members(o);
        });
    }

    /// Writes more of the text.
    pub(super) fn text(
        &mut self,
        text: &Text<'_>,
        answer: &str,
        wire: &mut Wire,
        out: &mut BytesMut,
    ) {
        if text.is_empty() {
            return;
        }
        if !self.begun {
            self.begin(answer, wire, out);
        }
        if self.text.is_empty() {
            self.event("response.reasoning_summary_part.added", wire, out, |o| {
                o.object("part", |o| write::summary_text("", o));
            });
        }
        self.text.push_str(&text.decode());
        self.event("response.reasoning_summary_text.delta", wire, out, |o| {
            o.field("delta", text);
        });
    }

    /// Ends the thought. One that says nothing to the caller is left out.
    pub(super) fn close(
        mut self,
        own: bool,
        exchange: &Exchange,
        answer: &str,
        wire: &mut Wire,
        out: &mut BytesMut,
    ) {
        self.name(answer, wire.index);
        let encrypted = self.encrypted(exchange).map(Cow::into_owned);
        if !self.begun && encrypted.is_none() && !own {
            return;
        }
        if !self.begun {
            self.begin(answer, wire, out);
        }
        if !self.text.is_empty() {
            self.event("response.reasoning_summary_text.done", wire, out, |o| {
                o.field("text", &*self.text);
            });
            self.event("response.reasoning_summary_part.done", wire, out, |o| {
                o.object("part", |o| write::summary_text(&*self.text, o));
            });
        }
        wire.done(out, |o| {
            o.field("id", &*self.id);
            o.field("type", "reasoning");
            write::summary(&self.text.as_str().into(), o);
            o.optional("encrypted_content", encrypted);
        });
    }

    fn encrypted(&self, exchange: &Exchange) -> Option<Cow<'_, str>> {
        let seal = self.seal.as_ref()?;
        write::encrypted(seal, &self.id, self.redacted, exchange)
    }
}
