//! Blocks, one after the other.
//!
//! The neutral form may have several blocks open at once, and some providers send the calls of one answer interleaved.
//! Not every client can follow that, so that what comes while a call is incomplete waits for its turn.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
};

use bytes::BytesMut;

use crate::{ir::Seal, json::Text};

/// Writes blocks of which one is open at a time.
pub(crate) trait Writer: fmt::Debug {
    /// What a block begins with.
    type Start: fmt::Debug;
    /// What else may come of a block.
    type Other: fmt::Debug;

    /// Begins a block.
    fn begin(&mut self, start: Self::Start, out: &mut BytesMut);

    /// Writes more of the open block.
    fn piece(&mut self, piece: Piece<'_, Self::Other>, out: &mut BytesMut);

    /// Ends the open block.
    fn close(&mut self, out: &mut BytesMut);

    /// Whether the open block may be closed for another, though more of it may come.
    fn may_close(&self) -> bool;

    /// How a block goes on that was closed for another; nothing if it can't.
    fn again(start: &Self::Start) -> Option<Self::Start>;
}

/// More of a block.
#[derive(Debug)]
pub(crate) enum Piece<'p, O> {
    /// Text, thoughts or refusal.
    Text(&'p Text<'p>),
    /// What a tool is called with.
    Arguments(&'p Text<'p>),
    /// The seal of a thought.
    Seal(&'p Seal<'p>),
    /// What is written in a way of its own.
    Other(O),
}

/// The blocks of one stream.
#[derive(Debug)]
pub(crate) struct Lane<W: Writer> {
    pub(crate) writer: W,
    /// The block that is open.
    open: Option<usize>,
    waiting: VecDeque<Waiting<W>>,
    /// Which ticket a block that waits has drawn. They are served in their order.
    tickets: HashMap<usize, usize>,
    /// How many tickets were served.
    served: usize,
    /// How each block goes on after it was closed; `None` for one that can't, or is left out.
    again: Vec<Option<W::Start>>,
}

#[derive(Debug)]
struct Waiting<W: Writer> {
    block: usize,
    start: W::Start,
    pieces: Vec<Kept<W::Other>>,
    stopped: bool,
}

#[derive(Debug)]
enum Kept<O> {
    Text(String),
    Arguments(String),
    Seal(Seal<'static>),
    Other(O),
}

impl<W: Writer> Lane<W> {
    /// A lane that writes by this writer.
    pub(crate) fn new(writer: W) -> Self {
        Self {
            writer,
            open: None,
            waiting: VecDeque::new(),
            tickets: HashMap::new(),
            served: 0,
            again: Vec::new(),
        }
    }

    /// A block begins. Without a start, all of it is left out.
    pub(crate) fn start(&mut self, block: usize, start: Option<W::Start>, out: &mut BytesMut) {
        while self.again.len() <= block {
            self.again.push(None);
        }
        let Some(start) = start else {
            return;
        };
        if let Some(slot) = self.again.get_mut(block) {
            *slot = W::again(&start);
        }
        self.advance(out);
        self.begin_or_wait(block, start, out);
    }

    /// More of a block comes. One that was closed for another goes on as a block of its own.
    pub(crate) fn piece(&mut self, block: usize, piece: Piece<'_, W::Other>, out: &mut BytesMut) {
        if !self.is_open(block) {
            self.advance(out);
        }
        if !self.is_open(block) && !self.tickets.contains_key(&block) {
            let again = self.again.get(block).and_then(Option::as_ref);
            let Some(start) = again.and_then(W::again) else {
                return;
            };
            // A seal belongs to what it came for, and nothing new begins with one.
            if matches!(piece, Piece::Seal(_)) {
                return;
            }
            self.begin_or_wait(block, start, out);
        }
        if self.is_open(block) {
            self.writer.piece(piece, out);
        } else if let Some(waiting) = self.waiting_mut(block) {
            keep(&mut waiting.pieces, piece);
        }
    }

    /// A block ends.
    pub(crate) fn stop(&mut self, block: usize, out: &mut BytesMut) {
        if self.is_open(block) {
            self.close(out);
            self.advance(out);
        } else if let Some(waiting) = self.waiting_mut(block) {
            waiting.stopped = true;
        }
    }

    /// No more comes.
    pub(crate) fn flush(&mut self, out: &mut BytesMut) {
        self.close(out);
        while let Some(waiting) = self.serve() {
            self.replay(waiting, out);
            self.close(out);
        }
    }

    fn is_open(&self, block: usize) -> bool {
        self.open == Some(block)
    }

    fn waiting_mut(&mut self, block: usize) -> Option<&mut Waiting<W>> {
        let ticket = self.tickets.get(&block)?;
        self.waiting.get_mut(ticket.checked_sub(self.served)?)
    }

    fn may_switch(&self) -> bool {
        self.open.is_none() || self.writer.may_close()
    }

    fn close(&mut self, out: &mut BytesMut) {
        if self.open.take().is_some() {
            self.writer.close(out);
        }
    }

    /// Gives those that wait their turn.
    fn advance(&mut self, out: &mut BytesMut) {
        while self.may_switch() {
            let Some(waiting) = self.serve() else {
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

    fn serve(&mut self) -> Option<Waiting<W>> {
        let waiting = self.waiting.pop_front()?;
        self.served += 1;
        self.tickets.remove(&waiting.block);
        Some(waiting)
    }

    fn replay(&mut self, waiting: Waiting<W>, out: &mut BytesMut) {
        self.open = Some(waiting.block);
        self.writer.begin(waiting.start, out);
        for kept in waiting.pieces {
            match kept {
                Kept::Text(text) => self.writer.piece(Piece::Text(&text.into()), out),
                Kept::Arguments(text) => self.writer.piece(Piece::Arguments(&text.into()), out),
                Kept::Seal(seal) => self.writer.piece(Piece::Seal(&seal), out),
                Kept::Other(other) => self.writer.piece(Piece::Other(other), out),
            }
        }
    }

    fn begin_or_wait(&mut self, block: usize, start: W::Start, out: &mut BytesMut) {
        if self.may_switch() && self.waiting.is_empty() {
            self.close(out);
            self.open = Some(block);
            return self.writer.begin(start, out);
        }
        self.tickets.insert(block, self.served + self.waiting.len());
        self.waiting.push_back(Waiting {
            block,
            start,
            pieces: Vec::new(),
            stopped: false,
        });
    }
}

/// Keeps a piece; fragments that follow each other become one.
fn keep<O>(pieces: &mut Vec<Kept<O>>, piece: Piece<'_, O>) {
    match (pieces.last_mut(), piece) {
        (Some(Kept::Text(kept)), Piece::Text(more))
        | (Some(Kept::Arguments(kept)), Piece::Arguments(more)) => {
            kept.push_str(&more.decode());
        }
        (_, Piece::Text(text)) => pieces.push(Kept::Text(text.decode().into_owned())),
        (_, Piece::Arguments(text)) => pieces.push(Kept::Arguments(text.decode().into_owned())),
        (_, Piece::Seal(seal)) => pieces.push(Kept::Seal(seal.clone().into_owned())),
        (_, Piece::Other(other)) => pieces.push(Kept::Other(other)),
    }
}
