//! Blocks, one after the other.
//!
//! The neutral form may have several blocks open at once, and some providers send the calls of one answer interleaved.
//! Not every client can follow that, so that what comes while a call is incomplete waits for its turn.

use std::collections::VecDeque;

use bytes::BytesMut;

use crate::{
    format::anthropic::response,
    ir::Seal,
    json::{Object, Raw, Text, ToJson},
};

use super::{encode::event, progress::Progress};

/// The blocks of one stream.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Number on the wire of the next block.
    next: u64,
    open: Option<Open>,
    waiting: VecDeque<Waiting>,
    /// What each block is, so that a closed one can go on; `None` for one that is left out.
    kinds: Vec<Option<Kind>>,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Thought,
    Redacted,
    Call,
    Freeform,
    Native,
}

/// What a block begins with.
#[derive(Debug, Default)]
pub(super) struct Start {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) native: String,
}

/// More of a block.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece<'p> {
    Text(&'p Text<'p>),
    Arguments(&'p Text<'p>),
    /// A whole `delta`, as JSON text.
    Native(&'p str),
}

#[derive(Debug)]
struct Open {
    block: usize,
    kind: Kind,
    /// How far the arguments of a call are.
    progress: Progress,
    /// Comes last, wherever it came.
    seal: Option<Seal<'static>>,
}

#[derive(Debug)]
struct Waiting {
    block: usize,
    kind: Kind,
    start: Start,
    pieces: Vec<Kept>,
    seal: Option<Seal<'static>>,
    stopped: bool,
}

#[derive(Debug)]
enum Kept {
    Text(String),
    Arguments(String),
    Native(String),
}

impl Lane {
    /// A block begins. Without a kind, all of it is left out.
    pub(super) fn start(
        &mut self,
        block: usize,
        kind: Option<Kind>,
        start: Start,
        out: &mut BytesMut,
    ) {
        if self.kinds.len() <= block {
            self.kinds.resize(block + 1, None);
        }
        if let Some(slot) = self.kinds.get_mut(block) {
            *slot = kind;
        }
        if let Some(kind) = kind {
            self.advance(out);
            self.begin_or_wait(block, kind, start, out);
        }
    }

    /// More of a block comes. One that was closed for another goes on as a block of its own.
    pub(super) fn delta(&mut self, block: usize, piece: Piece<'_>, out: &mut BytesMut) {
        if !self.is_open(block) {
            self.advance(out);
        }
        if let Some(open) = self.open.as_mut().filter(|open| open.block == block) {
            write_piece(open, self.next, piece, out);
            return;
        }
        let is_waiting = self.waiting.iter().any(|waiting| waiting.block == block);
        if !is_waiting {
            match self.kinds.get(block) {
                Some(Some(kind @ (Kind::Text | Kind::Thought))) => {
                    self.begin_or_wait(block, *kind, Start::default(), out);
                }
                _ => return,
            }
        }
        if self.is_open(block) {
            self.delta(block, piece, out);
        } else if let Some(waiting) = self
            .waiting
            .iter_mut()
            .find(|waiting| waiting.block == block)
        {
            keep(&mut waiting.pieces, piece);
        }
    }

    /// The seal of a thought comes.
    pub(super) fn seal(&mut self, block: usize, seal: &Seal<'_>) {
        if let Some(open) = self.open.as_mut().filter(|open| open.block == block) {
            Seal::append(&mut open.seal, seal);
        } else if let Some(waiting) = self
            .waiting
            .iter_mut()
            .find(|waiting| waiting.block == block)
        {
            Seal::append(&mut waiting.seal, seal);
        }
    }

    /// A block ends.
    pub(super) fn stop(&mut self, block: usize, out: &mut BytesMut) {
        if self.is_open(block) {
            self.close(out);
            self.advance(out);
        } else if let Some(waiting) = self
            .waiting
            .iter_mut()
            .find(|waiting| waiting.block == block)
        {
            waiting.stopped = true;
        }
    }

    /// No more comes.
    pub(super) fn flush(&mut self, out: &mut BytesMut) {
        self.close(out);
        while let Some(waiting) = self.waiting.pop_front() {
            self.replay(waiting, out);
            self.close(out);
        }
    }

    fn is_open(&self, block: usize) -> bool {
        self.open.as_ref().is_some_and(|open| open.block == block)
    }

    /// Whether the open block, if any, may be closed for another.
    fn may_switch(&self) -> bool {
        self.open.as_ref().is_none_or(|open| match open.kind {
            Kind::Call | Kind::Freeform => open.progress.is_complete(),
            _ => true,
        })
    }

    /// Gives those that wait their turn.
    fn advance(&mut self, out: &mut BytesMut) {
        while self.may_switch() {
            let Some(waiting) = self.waiting.pop_front() else {
                return;
            };
            let stopped = waiting.stopped;
            self.close(out);
            self.replay(waiting, out);
            if stopped {
                self.close(out);
            }
        }
    }

    fn replay(&mut self, waiting: Waiting, out: &mut BytesMut) {
        self.begin(waiting.block, waiting.kind, &waiting.start, out);
        let Some(open) = self.open.as_mut() else {
            return;
        };
        open.seal = waiting.seal;
        for kept in waiting.pieces {
            match kept {
                Kept::Text(text) => write_piece(open, self.next, Piece::Text(&text.into()), out),
                Kept::Arguments(text) => {
                    write_piece(open, self.next, Piece::Arguments(&text.into()), out);
                }
                Kept::Native(native) => write_piece(open, self.next, Piece::Native(&native), out),
            }
        }
    }

    fn begin_or_wait(&mut self, block: usize, kind: Kind, start: Start, out: &mut BytesMut) {
        if self.may_switch() && self.waiting.is_empty() {
            self.close(out);
            self.begin(block, kind, &start, out);
            return;
        }
        self.waiting.push_back(Waiting {
            block,
            kind,
            start,
            pieces: Vec::new(),
            seal: None,
            stopped: false,
        });
    }

    fn begin(&mut self, block: usize, kind: Kind, start: &Start, out: &mut BytesMut) {
        let members = |o: &mut Object<'_>| match kind {
            Kind::Text => {
                o.field("type", "text");
                o.field("text", "");
            }
            Kind::Thought => {
                o.field("type", "thinking");
                o.field("thinking", "");
                o.field("signature", "");
            }
            _ => {
                o.field("type", "tool_use");
                o.field("id", &*start.id);
                o.field("name", &*start.name);
                o.object("input", |_| ());
            }
        };
        match kind {
            // Has its seal in its opening, and so opens when it closes.
            Kind::Redacted => {}
            Kind::Native => event("content_block_start", out, |o| {
                o.field("index", self.next);
                o.optional("content_block", Raw::new(&start.native).ok());
            }),
            _ => event("content_block_start", out, |o| {
                o.field("index", self.next);
                o.object("content_block", members);
            }),
        }
        let mut open = Open {
            block,
            kind,
            progress: Progress::default(),
            seal: None,
        };
        if kind == Kind::Freeform {
            write_delta(
                &mut open,
                self.next,
                "input_json_delta",
                "partial_json",
                "{\"input\":\"",
                out,
            );
        }
        self.open = Some(open);
    }

    fn close(&mut self, out: &mut BytesMut) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        let index = self.next;
        let redacted = open.kind == Kind::Redacted;
        let seal = open.seal.take();
        let seal = seal
            .as_ref()
            .and_then(|seal| response::carried(seal, redacted));
        match open.kind {
            Kind::Redacted if seal.is_none() => return,
            Kind::Redacted => event("content_block_start", out, |o| {
                o.field("index", index);
                o.object("content_block", |o| {
                    o.field("type", "redacted_thinking");
                    o.optional("data", seal.as_deref());
                });
            }),
            Kind::Thought => {
                if let Some(seal) = &seal {
                    write_delta(
                        &mut open,
                        index,
                        "signature_delta",
                        "signature",
                        &**seal,
                        out,
                    );
                }
            }
            Kind::Freeform => write_delta(
                &mut open,
                index,
                "input_json_delta",
                "partial_json",
                "\"}",
                out,
            ),
            _ => {}
        }
        event("content_block_stop", out, |o| o.field("index", index));
        self.next += 1;
    }
}

fn write_piece(open: &mut Open, index: u64, piece: Piece<'_>, out: &mut BytesMut) {
    match (open.kind, piece) {
        (Kind::Text, Piece::Text(text)) if !text.is_empty() => {
            write_delta(open, index, "text_delta", "text", text, out);
        }
        (Kind::Thought, Piece::Text(text)) if !text.is_empty() => {
            write_delta(open, index, "thinking_delta", "thinking", text, out);
        }
        (Kind::Call, Piece::Arguments(text)) if !text.is_empty() => {
            write_delta(open, index, "input_json_delta", "partial_json", text, out);
        }
        (Kind::Freeform, Piece::Arguments(text)) => {
            let mut literal = BytesMut::new();
            text.decode().write(&mut literal);
            let inner = literal.get(1..literal.len() - 1).unwrap_or_default();
            let inner = String::from_utf8_lossy(inner);
            write_delta(
                open,
                index,
                "input_json_delta",
                "partial_json",
                &*inner,
                out,
            );
        }
        (Kind::Text | Kind::Native, Piece::Native(native)) => {
            event("content_block_delta", out, |o| {
                o.field("index", index);
                o.optional("delta", Raw::new(native).ok());
            });
        }
        _ => {}
    }
}

fn write_delta(
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

/// Keeps a piece; fragments that follow each other become one.
fn keep(pieces: &mut Vec<Kept>, piece: Piece<'_>) {
    match (pieces.last_mut(), piece) {
        (Some(Kept::Text(kept)), Piece::Text(more))
        | (Some(Kept::Arguments(kept)), Piece::Arguments(more)) => {
            kept.push_str(&more.decode());
        }
        (_, Piece::Text(text)) => pieces.push(Kept::Text(text.decode().into_owned())),
        (_, Piece::Arguments(text)) => pieces.push(Kept::Arguments(text.decode().into_owned())),
        (_, Piece::Native(native)) => pieces.push(Kept::Native(native.to_owned())),
    }
}
