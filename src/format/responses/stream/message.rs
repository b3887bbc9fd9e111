//! Messages on the wire, part by part.

use bytes::BytesMut;

use crate::{
    format::responses::{response::write, wire::response::Item},
    ir::Citation,
    json::{self, Array, Object, Raw, Text},
};

use super::wire::{Wire, append};

/// A message that is open.
#[derive(Debug)]
pub(super) struct Message {
    id: String,
    /// The message as it came from this API.
    header: Option<String>,
    /// The parts that are complete, separated by commas.
    content: BytesMut,
    /// Number of the open part, or of the next.
    index: u64,
    part: Option<Part>,
}

/// A part that is open.
#[derive(Debug)]
struct Part {
    refusal: bool,
    text: String,
    annotations: BytesMut,
    annotated: u64,
    /// Citations that are said when the text is complete, because only then its end is known.
    cited: Vec<Cited>,
    logprobs: BytesMut,
}

/// A source that a text cites.
#[derive(Debug)]
pub(super) struct Cited {
    url: String,
    title: String,
    span: Option<(u64, u64)>,
    /// The annotation as it came from this API.
    native: Option<String>,
}

impl Cited {
    /// The source, if it can be said.
    pub(super) fn of(citation: &Citation<'_>, own: bool) -> Option<Self> {
        let owned = |text: &Option<Text<'_>>| {
            text.as_ref()
                .map(|text| text.decode().into_owned())
                .unwrap_or_default()
        };
        write::is_citable(citation, own).then(|| Self {
            url: owned(&citation.url),
            title: owned(&citation.title),
            span: citation.span,
            native: citation
                .native
                .filter(|_| own)
                .map(|native| native.get().to_owned()),
        })
    }

    fn citation(&self) -> Citation<'_> {
        Citation {
            url: Some(self.url.as_str().into()),
            title: Some(self.title.as_str().into()),
            span: self.span,
            native: self
                .native
                .as_deref()
                .and_then(|native| Raw::new(native).ok()),
            ..Citation::default()
        }
    }
}

impl Message {
    /// Begins a message.
    pub(super) fn open(
        id: String,
        header: Option<String>,
        wire: &mut Wire,
        out: &mut BytesMut,
    ) -> Self {
        let message = Self {
            id,
            header,
            content: BytesMut::new(),
            index: 0,
            part: None,
        };
        wire.added(out, |o| message.write(write::IN_PROGRESS, o));
        message
    }

    fn write(&self, status: &str, o: &mut Object<'_>) {
        let content = |a: &mut Array<'_>| {
            if !self.content.is_empty() {
                a.element().extend_from_slice(&self.content);
            }
        };
        write::message(&self.id, status, o, content);
        let header = self
            .header
            .as_deref()
            .and_then(|header| Raw::new(header).ok());
        if let Some(Ok(item)) = header.map(Raw::parse::<Item<'_>>) {
            write::others(&item.extra, &["role", "status"], o);
        }
    }

    /// Ends the message.
    pub(super) fn close(self, complete: bool, wire: &mut Wire, out: &mut BytesMut) {
        wire.done(out, |o| self.write(write::status(complete), o));
    }

    /// Begins a part.
    pub(super) fn begin(&mut self, refusal: bool, wire: &mut Wire, out: &mut BytesMut) {
        let part = Part {
            refusal,
            text: String::new(),
            annotations: BytesMut::new(),
            annotated: 0,
            cited: Vec::new(),
            logprobs: BytesMut::new(),
        };
        self.event("response.content_part.added", wire, out, |o| {
            o.object("part", |o| part.write(o));
        });
        self.part = Some(part);
    }

    fn event(
        &self,
        name: &str,
        wire: &mut Wire,
        out: &mut BytesMut,
        members: impl FnOnce(&mut Object<'_>),
    ) {
        wire.item_event(name, &self.id, out, |o| {
            o.field("content_index", self.index);
            members(o);
        });
    }

    /// Writes more of the open part.
    pub(super) fn text(&mut self, text: &Text<'_>, wire: &mut Wire, out: &mut BytesMut) {
        let Some(part) = self.part.as_mut().filter(|_| !text.is_empty()) else {
            return;
        };
        part.text.push_str(&text.decode());
        if part.refusal {
            self.event("response.refusal.delta", wire, out, |o| {
                o.field("delta", text);
            });
        } else {
            self.event("response.output_text.delta", wire, out, |o| {
                o.field("delta", text);
                o.array("logprobs", |_| ());
            });
        }
    }

    /// Writes how likely the tokens were; `tokens` is a list without its brackets.
    pub(super) fn logprobs(&mut self, tokens: &str, wire: &mut Wire, out: &mut BytesMut) {
        let Some(part) = self.part.as_mut().filter(|part| !part.refusal) else {
            return;
        };
        append(&mut part.logprobs, tokens.as_bytes());
        self.event("response.output_text.delta", wire, out, |o| {
            o.field("delta", "");
            list(o, "logprobs", tokens.as_bytes());
        });
    }

    /// Notes a citation, and writes it if it says itself where it is.
    pub(super) fn cite(&mut self, cited: Cited, wire: &mut Wire, out: &mut BytesMut) {
        let Some(part) = self.part.as_mut().filter(|part| !part.refusal) else {
            return;
        };
        if cited.native.is_some() || cited.span.is_some() {
            self.annotate(&cited, 0, wire, out);
        } else {
            part.cited.push(cited);
        }
    }

    fn annotate(&mut self, cited: &Cited, length: u64, wire: &mut Wire, out: &mut BytesMut) {
        let mut annotation = BytesMut::new();
        write::annotation(&cited.citation(), length, true, &mut annotation);
        let Some(part) = self.part.as_mut() else {
            return;
        };
        append(&mut part.annotations, &annotation);
        let index = part.annotated;
        part.annotated += 1;
        self.event("response.output_text.annotation.added", wire, out, |o| {
            o.field("annotation_index", index);
            o.key("annotation").extend_from_slice(&annotation);
        });
    }

    /// Ends the open part.
    pub(super) fn end(&mut self, wire: &mut Wire, out: &mut BytesMut) {
        let cited = self
            .part
            .as_mut()
            .map(|part| std::mem::take(&mut part.cited));
        let cited = cited.unwrap_or_default();
        if !cited.is_empty() {
            let text = self
                .part
                .as_ref()
                .map(|part| part.text.chars().count() as u64);
            for cited in &cited {
                self.annotate(cited, text.unwrap_or(0), wire, out);
            }
        }
        let Some(part) = self.part.take() else {
            return;
        };
        if part.refusal {
            self.event("response.refusal.done", wire, out, |o| {
                o.field("refusal", &*part.text);
            });
        } else {
            self.event("response.output_text.done", wire, out, |o| {
                o.field("text", &*part.text);
                list(o, "logprobs", &part.logprobs);
            });
        }
        let mut whole = BytesMut::new();
        json::object(&mut whole, |o| part.write(o));
        self.event("response.content_part.done", wire, out, |o| {
            o.key("part").extend_from_slice(&whole);
        });
        append(&mut self.content, &whole);
        self.index += 1;
    }
}

impl Part {
    fn write(&self, o: &mut Object<'_>) {
        if self.refusal {
            return write::refusal(&*self.text, o);
        }
        o.field("type", "output_text");
        o.field("text", &*self.text);
        list(o, "annotations", &self.annotations);
        list(o, "logprobs", &self.logprobs);
    }
}

/// Writes a list whose elements are written already.
fn list(o: &mut Object<'_>, key: &str, elements: &[u8]) {
    let out = o.key(key);
    out.extend_from_slice(b"[");
    out.extend_from_slice(elements);
    out.extend_from_slice(b"]");
}
