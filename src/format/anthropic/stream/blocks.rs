//! Blocks on the wire, one open at a time.

use bytes::BytesMut;

use crate::{
    format::{
        anthropic::response,
        common::{
            lane::{self, Piece},
            progress::Progress,
        },
    },
    ir::Seal,
    json::{Object, Raw, Text, ToJson},
};

use super::encode::event;

/// What a block begins with.
#[derive(Debug)]
pub(super) enum Start {
    Text,
    Thought,
    /// Has its seal in its opening, and so opens when it closes.
    Redacted,
    Call {
        id: String,
        name: String,
        freeform: bool,
    },
    /// The opening of a block of the API itself, as JSON text.
    Native(String),
}

/// A whole `delta`, as JSON text.
pub(super) type Native = String;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Thought,
    Redacted,
    Call,
    Freeform,
    Native,
}

/// The blocks of one stream.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// Number on the wire of the open block, or of the next.
    index: u64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    kind: Kind,
    /// How far the arguments of a call are.
    progress: Progress,
    /// Comes last, wherever it came.
    seal: Option<Seal<'static>>,
}

impl lane::Writer for Blocks {
    type Start = Start;
    type Other = Native;

    fn begin(&mut self, start: Start, out: &mut BytesMut) {
        let index = self.index;
        let kind = kind(&start);
        match &start {
            Start::Redacted => {}
            Start::Native(native) => event("content_block_start", out, |o| {
                o.field("index", index);
                o.optional("content_block", Raw::new(native).ok());
            }),
            start => event("content_block_start", out, |o| {
                o.field("index", index);
                o.object("content_block", |o| opening(start, o));
            }),
        }
        let open = self.open.insert(Open {
            kind,
            progress: Progress::default(),
            seal: None,
        });
        if kind == Kind::Freeform {
            arguments(open, index, "{\"input\":\"", out);
        }
    }

    fn piece(&mut self, piece: Piece<'_, Native>, out: &mut BytesMut) {
        let index = self.index;
        let Some(open) = self.open.as_mut() else {
            return;
        };
        match (open.kind, piece) {
            (_, Piece::Seal(seal)) => Seal::append(&mut open.seal, seal),
            (Kind::Text, Piece::Text(text)) if !text.is_empty() => {
                delta(open, index, "text_delta", "text", text, out);
            }
            (Kind::Thought, Piece::Text(text)) if !text.is_empty() => {
                delta(open, index, "thinking_delta", "thinking", text, out);
            }
            (Kind::Call, Piece::Arguments(text)) if !text.is_empty() => {
                arguments(open, index, text, out);
            }
            (Kind::Freeform, Piece::Arguments(text)) => {
                arguments(open, index, &*inside(text), out);
            }
            (Kind::Text | Kind::Native, Piece::Other(native)) => {
                event("content_block_delta", out, |o| {
                    o.field("index", index);
                    o.optional("delta", Raw::new(&native).ok());
                });
            }
            _ => {}
        }
    }

    fn close(&mut self, out: &mut BytesMut) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        let index = self.index;
        let redacted = open.kind == Kind::Redacted;
        let seal = open.seal.take();
        let seal = seal
            .as_ref()
            .and_then(|seal| response::carried(seal, redacted));
        match (open.kind, &seal) {
            (Kind::Redacted, None) => return,
            (Kind::Redacted, Some(seal)) => event("content_block_start", out, |o| {
                o.field("index", index);
                o.object("content_block", |o| {
                    o.field("type", "redacted_thinking");
                    o.field("data", seal);
                });
            }),
            (Kind::Thought, Some(seal)) => {
                delta(&mut open, index, "signature_delta", "signature", seal, out);
            }
            (Kind::Freeform, _) => arguments(&mut open, index, "\"}", out),
            _ => {}
        }
        event("content_block_stop", out, |o| o.field("index", index));
        self.index += 1;
    }

    fn may_close(&self) -> bool {
        self.open.as_ref().is_none_or(|open| match open.kind {
            Kind::Call | Kind::Freeform => open.progress.is_complete(),
            _ => true,
        })
    }

    fn again(start: &Start) -> Option<Start> {
        match start {
            Start::Text => Some(Start::Text),
            Start::Thought => Some(Start::Thought),
            _ => None,
        }
    }
}

fn kind(start: &Start) -> Kind {
    match start {
        Start::Text => Kind::Text,
        Start::Thought => Kind::Thought,
        Start::Redacted => Kind::Redacted,
        Start::Call { freeform: true, .. } => Kind::Freeform,
        Start::Call { .. } => Kind::Call,
        Start::Native(_) => Kind::Native,
    }
}

fn opening(start: &Start, o: &mut Object<'_>) {
    match start {
        Start::Text => {
            o.field("type", "text");
            o.field("text", "");
        }
        Start::Thought => {
            o.field("type", "thinking");
            o.field("thinking", "");
            o.field("signature", "");
        }
        Start::Call { id, name, .. } => {
            o.field("type", "tool_use");
            o.field("id", &**id);
            o.field("name", &**name);
            o.object("input", |_| ());
        }
        Start::Redacted | Start::Native(_) => {}
    }
}

/// The characters of a text as they are spelled within a JSON string.
fn inside(text: &Text<'_>) -> String {
    let mut literal = BytesMut::new();
    text.decode().write(&mut literal);
    let inner = literal.get(1..literal.len() - 1).unwrap_or_default();
    String::from_utf8_lossy(inner).into_owned()
}

fn arguments(open: &mut Open, index: u64, fragment: impl ToJson, out: &mut BytesMut) {
    delta(
        open,
        index,
        "input_json_delta",
        "partial_json",
        fragment,
        out,
    );
}

fn delta(
    open: &mut Open,
    index: u64,
    kind: &str,
    key: &str,
    value: impl ToJson,
    out: &mut BytesMut,
) {
    event("content_block_delta", out, |o| {
        o.field("index", index);
        o.object("delta", |o| {
            o.field("type", kind);
            let out = o.key(key);
            let start = out.len();
            value.write(out);
            if open.kind == Kind::Call {
                open.progress.feed(out.get(start..).unwrap_or_default());
            }
        });
    });
}
