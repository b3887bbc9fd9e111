//! Blocks on the wire, one open at a time.

use bytes::BytesMut;

use crate::{
    format::{
        anthropic::response,
        common::{
            lane::{self, Piece},
            mold::Mold,
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
    /// Whether the provider speaks another API.
    foreign: bool,
    /// Number on the wire of the open block, or of the next.
    index: u64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    kind: Kind,
    /// Whether its start was written.
    begun: bool,
    /// How far the arguments of a call are.
    progress: Progress,
    /// Comes last, wherever it came.
    seal: Option<Seal<'static>>,
    /// The event that brought text last.
    last: Option<Mold>,
}

impl Blocks {
    /// For a provider that speaks this API or another.
    pub(super) fn new(foreign: bool) -> Self {
        Self {
            foreign,
            ..Self::default()
        }
    }
}

impl lane::Writer for Blocks {
    type Start = Start;
    type Other = Native;

    fn begin(&mut self, start: Start, out: &mut BytesMut) {
        let index = self.index;
        let kind = kind(&start);
        let begun = match kind {
            Kind::Redacted => false,
            // There may be nothing of a foreign thought but its seal.
            Kind::Thought => !self.foreign,
            _ => true,
        };
        if begun {
            begin(&start, index, out);
        }
        let open = self.open.insert(Open {
            kind,
            begun,
            progress: Progress::default(),
            seal: None,
            last: None,
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
                open.say(index, ("text_delta", "text"), text, out);
            }
            (Kind::Thought, Piece::Text(text)) if !text.is_empty() => {
                open.begin_thought(index, out);
                open.say(index, ("thinking_delta", "thinking"), text, out);
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
        let seal = open.seal.take();
        let is_alone = seal.as_ref().is_some_and(response::stands_alone);
        let redacted = !open.begun && (open.kind == Kind::Redacted || is_alone);
        let seal = seal
            .as_ref()
            .and_then(|seal| response::carried(seal, redacted));
        match (open.kind, &seal) {
            (_, None) if !open.begun => return,
            (_, Some(seal)) if redacted => event("content_block_start", out, |o| {
                o.field("index", index);
                o.object("content_block", |o| {
                    o.field("type", "redacted_thinking");
                    o.field("data", seal);
                });
            }),
            (Kind::Thought, Some(seal)) => {
                open.begin_thought(index, out);
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

impl Open {
    /// Writes text, each time in the same event but for the text.
    fn say(&mut self, index: u64, (kind, key): (&str, &str), text: &Text<'_>, out: &mut BytesMut) {
        let mold = self.last.take();
        let mold =
            mold.unwrap_or_else(|| Mold::of(|gap, out| delta(self, index, kind, key, gap, out)));
        self.last.insert(mold).fill(text, out);
    }

    /// Writes the start of a thought, unless that was done.
    fn begin_thought(&mut self, index: u64, out: &mut BytesMut) {
        if !std::mem::replace(&mut self.begun, true) {
            begin(&Start::Thought, index, out);
        }
    }
}

fn begin(start: &Start, index: u64, out: &mut BytesMut) {
    event("content_block_start", out, |o| {
        o.field("index", index);
        match start {
            Start::Native(native) => o.optional("content_block", Raw::new(native).ok()),
            start => o.object("content_block", |o| opening(start, o)),
        }
    });
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
