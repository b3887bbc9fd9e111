//! Events on the wire, numbered.

use bytes::BytesMut;

use crate::{
    json::{self, Object, Raw},
    sse,
};

/// Counts what was written of one stream.
#[derive(Debug, Default)]
pub(super) struct Wire {
    /// Number of the next event.
    sequence: u64,
    /// Number of the open item, or of the next.
    pub(super) index: u64,
    /// The items that are complete, separated by commas.
    pub(super) output: BytesMut,
}

impl Wire {
    /// Writes an event; `members` follow its type and number.
    pub(super) fn event(
        &mut self,
        name: &str,
        out: &mut BytesMut,
        members: impl FnOnce(&mut Object<'_>),
    ) {
        let sequence = self.sequence;
        self.sequence += 1;
        sse::event(out, Some(name), |out| {
            json::object(out, |o| {
                o.field("type", name);
                o.field("sequence_number", sequence);
                members(o);
            });
        });
    }

    /// Writes an event of the open item.
    pub(super) fn item_event(
        &mut self,
        name: &str,
        item: &str,
        out: &mut BytesMut,
        members: impl FnOnce(&mut Object<'_>),
    ) {
        let index = self.index;
        self.event(name, out, |o| {
            o.field("item_id", item);
            o.field("output_index", index);
            members(o);
        });
    }

    /// An item begins.
    pub(super) fn added(&mut self, out: &mut BytesMut, item: impl FnOnce(&mut Object<'_>)) {
        let index = self.index;
        self.event("response.output_item.added", out, |o| {
            o.field("output_index", index);
            o.object("item", item);
        });
    }

    /// The open item is complete.
    pub(super) fn done(&mut self, out: &mut BytesMut, item: impl FnOnce(&mut Object<'_>)) {
        let mut whole = BytesMut::new();
        json::object(&mut whole, item);
        self.done_as(&whole, out);
    }

    /// The open item is complete, and this is all of it.
    pub(super) fn done_as(&mut self, item: &[u8], out: &mut BytesMut) {
        let index = self.index;
        self.event("response.output_item.done", out, |o| {
            o.field("output_index", index);
            o.key("item").extend_from_slice(item);
        });
        append(&mut self.output, item);
        self.index += 1;
    }
}

/// Appends an element to a list.
pub(super) fn append(list: &mut BytesMut, element: &[u8]) {
    if !list.is_empty() {
        list.extend_from_slice(b",");
    }
    list.extend_from_slice(element);
}

/// JSON text that is part of an object, without a line break.
pub(super) fn raw(json: &str) -> Raw<'_> {
    Raw::new(json).unwrap_or(Raw::EMPTY_OBJECT)
}
