//! Blocks of the neutral form, opened and closed.

use crate::{
    format::responses::{response::read, seals},
    ir::{BlockKind, Delta, Event, Logprobs, Sink},
    json::{Raw, Text},
};

/// Where events go, and what was said so far.
pub(super) struct Output<'s> {
    pub(super) sink: &'s mut dyn Sink,
    pub(super) said: &'s mut Said,
}

/// What was said so far.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// How many blocks there were.
    blocks: usize,
    pub(super) called: bool,
    pub(super) refused: bool,
}

impl Output<'_> {
    /// Begins a block; tells its number.
    pub(super) fn open(&mut self, kind: BlockKind<'_>) -> usize {
        self.said.called |= matches!(kind, BlockKind::ToolCall { .. });
        self.said.refused |= matches!(kind, BlockKind::Refusal);
        let block = self.said.blocks;
        self.said.blocks += 1;
        self.sink.event(Event::BlockStart {
            block,
            choice: 0,
            kind,
        });
        block
    }

    pub(super) fn delta(&mut self, block: usize, delta: Delta<'_>) {
        self.sink.event(Event::Delta { block, delta });
    }

    pub(super) fn stop(&mut self, block: usize) {
        self.sink.event(Event::BlockStop { block });
    }

    /// Tells the item that a block is of, for callers of this API.
    pub(super) fn header(&mut self, block: usize, header: Option<&str>) {
        let header = header.and_then(|header| Raw::new(header).ok());
        if let Some(header) = header {
            self.delta(block, Delta::Native(header));
        }
    }

    /// Tells how likely the tokens were; whether there were any.
    pub(super) fn logprobs(&mut self, block: usize, raw: Option<Raw<'_>>) -> bool {
        let tokens = read::tokens(raw);
        if tokens.is_empty() {
            return false;
        }
        let logprobs = Logprobs {
            tokens,
            ..Logprobs::default()
        };
        self.delta(block, Delta::Logprobs(logprobs));
        true
    }

    /// Tells the seal of a thought.
    pub(super) fn seal(&mut self, block: usize, id: Option<Text<'_>>, data: Text<'_>) {
        let (seal, _) = seals::read(id, data);
        self.delta(block, Delta::Seal(seal));
    }
}
