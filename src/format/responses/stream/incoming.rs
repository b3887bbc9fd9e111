//! Items of a stream that is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    format::responses::{
        response::read::{self, Kind},
        wire::{event::Event, list, response, some_text, text},
    },
    ir::{BlockKind, Delta},
    json::{Raw, Text, compact},
};

use super::output::Output;

/// An item that is open, or was.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) done: bool,
    /// The item as it was added, until a block tells it.
    header: Option<String>,
    /// The block of a call, a thought, or what only this API has.
    block: Option<usize>,
    /// Whether anything was said in that block.
    fed: bool,
    /// The parts of a message.
    parts: BTreeMap<u64, Part>,
    /// The part of the thought that was said last, and all that were said: in full or not, and their number.
    last: Option<(bool, u64)>,
    thoughts: BTreeSet<(bool, u64)>,
}

/// A part of a message.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says something of its own"
)]
struct Part {
    block: usize,
    closed: bool,
    fed: bool,
    cited: bool,
    scored: bool,
}

/// A whole item, or as much of it as is known.
fn parse(raw: Raw<'_>) -> response::Item<'_> {
    raw.parse().unwrap_or_default()
}

impl Item {
    pub(super) fn new(kind: Kind, raw: Option<Raw<'_>>) -> Self {
        Self {
            kind,
            done: false,
            header: raw.map(|raw| compact(raw).into_owned()),
            block: None,
            fed: false,
            parts: BTreeMap::new(),
            last: None,
            thoughts: BTreeSet::new(),
        }
    }

    /// Opens the block of a call, or of what only this API has. Others open with what is said in them.
    pub(super) fn begin(&mut self, raw: Option<Raw<'_>>, out: &mut Output<'_>) {
        let item = raw.map(parse).unwrap_or_default();
        match self.kind {
            Kind::Function | Kind::Custom => {
                let block = out.open(BlockKind::ToolCall {
                    id: some_text(item.call_id)
                        .or(some_text(item.id))
                        .unwrap_or_default(),
                    name: text(item.name).unwrap_or_default(),
                    freeform: self.kind == Kind::Custom,
                });
                self.block = Some(block);
                out.header(block, self.header.take().as_deref());
            }
            Kind::Native => {
                let value = raw.unwrap_or(Raw::EMPTY_OBJECT);
                self.block = Some(out.open(BlockKind::Native { value }));
            }
            Kind::Message | Kind::Reasoning | Kind::Image => {}
        }
    }

    /// The part of a message of this number; begun if it was not. Nothing if it is closed.
    pub(super) fn part(
        &mut self,
        index: u64,
        refusal: bool,
        out: &mut Output<'_>,
    ) -> Option<usize> {
        if self.kind != Kind::Message || self.done {
            return None;
        }
        let header = &mut self.header;
        let part = self.parts.entry(index).or_insert_with(|| {
            let kind = if refusal {
                BlockKind::Refusal
            } else {
                BlockKind::Text
            };
            let block = out.open(kind);
            out.header(block, header.take().as_deref());
            Part {
                block,
                closed: false,
                fed: false,
                cited: false,
                scored: false,
            }
        });
        (!part.closed).then_some(part.block)
    }

    /// More of a message.
    pub(super) fn say(&mut self, event: &Event<'_>, refusal: bool, out: &mut Output<'_>) {
        let index = event.content();
        let Some(block) = self.part(index, refusal, out) else {
            return;
        };
        let delta = some_text(event.delta);
        let scored = out_text(block, delta.as_ref(), event.logprobs, out);
        if let Some(part) = self.parts.get_mut(&index) {
            part.fed |= delta.is_some();
            part.scored |= scored;
        }
    }

    /// A source that a message cites.
    pub(super) fn cite(&mut self, event: &Event<'_>, out: &mut Output<'_>) {
        let index = event.content();
        let block = self.part(index, false, out);
        let (Some(block), Some(annotation)) = (block, event.annotation) else {
            return;
        };
        out.delta(block, Delta::Citation(read::citation(annotation)));
        if let Some(part) = self.parts.get_mut(&index) {
            part.cited = true;
        }
    }

    /// All of a part of a message: says what was not said of it.
    pub(super) fn complete_part(
        &mut self,
        index: u64,
        whole: &response::Part<'_>,
        close: bool,
        out: &mut Output<'_>,
    ) {
        let refusal = whole.refusal.is_some();
        let Some(block) = self.part(index, refusal, out) else {
            return;
        };
        let Some(part) = self.parts.get_mut(&index) else {
            return;
        };
        let said = some_text(whole.text).or(some_text(whole.refusal));
        let missing = said.filter(|_| !part.fed);
        part.fed |= missing.is_some();
        let logprobs = whole.logprobs.filter(|_| !part.scored);
        part.scored |= out_text(block, missing.as_ref(), logprobs, out);
        if !part.cited {
            for annotation in list(whole.annotations) {
                part.cited = true;
                out.delta(block, Delta::Citation(read::citation(annotation)));
            }
        }
        if close {
            part.closed = true;
            out.stop(block);
        }
    }

    /// More of a thought. Between its parts is an empty line.
    pub(super) fn think(
        &mut self,
        part: (bool, u64),
        thought: Option<Text<'_>>,
        out: &mut Output<'_>,
    ) {
        let Some(thought) = thought.filter(|_| self.kind == Kind::Reasoning && !self.done) else {
            return;
        };
        let header = &mut self.header;
        let block = *self.block.get_or_insert_with(|| {
            let block = out.open(BlockKind::Reasoning);
            out.header(block, header.take().as_deref());
            block
        });
        if self.last.is_some_and(|last| last != part) {
            out.delta(block, Delta::Text("\n\n".into()));
        }
        self.last = Some(part);
        self.thoughts.insert(part);
        out.delta(block, Delta::Text(thought));
    }

    /// All of a part of a thought: says it if it was not said.
    pub(super) fn complete_thought(
        &mut self,
        part: (bool, u64),
        whole: Option<Text<'_>>,
        out: &mut Output<'_>,
    ) {
        if !self.thoughts.contains(&part) {
            self.think(part, whole, out);
        }
    }

    /// More of what a tool is called with.
    pub(super) fn argue(&mut self, arguments: Option<Text<'_>>, out: &mut Output<'_>) {
        let is_call = matches!(self.kind, Kind::Function | Kind::Custom) && !self.done;
        let arguments = arguments.filter(|arguments| is_call && !arguments.is_empty());
        if let (Some(block), Some(arguments)) = (self.block, arguments) {
            self.fed = true;
            out.delta(block, Delta::Arguments(arguments));
        }
    }

    /// All of what a tool is called with: says it if nothing of it was said.
    pub(super) fn complete_arguments(&mut self, whole: Option<Raw<'_>>, out: &mut Output<'_>) {
        if self.fed {
            return;
        }
        let Some(whole) = whole else {
            return;
        };
        // Some say it as an object.
        let arguments = whole.text().unwrap_or_else(|| compact(whole).into());
        self.argue(Some(arguments), out);
    }

    /// An event that only this API has; whether it was one of such an item.
    pub(super) fn native(&self, event: Raw<'_>, out: &mut Output<'_>) -> bool {
        let block = self
            .block
            .filter(|_| self.kind == Kind::Native && !self.done);
        if let Some(block) = block {
            out.delta(block, Delta::Native(event));
        }
        block.is_some()
    }

    /// The item is complete; says what was not said of it. `event` is the one that brings it.
    pub(super) fn end(
        &mut self,
        raw: Option<Raw<'_>>,
        event: Option<Raw<'_>>,
        out: &mut Output<'_>,
    ) {
        if self.done {
            return;
        }
        let item = raw.map(parse).unwrap_or_default();
        match self.kind {
            Kind::Message => self.end_message(&item, out),
            Kind::Reasoning => self.end_thought(&item, raw.is_some(), out),
            Kind::Function => {
                self.complete_arguments(item.arguments, out);
                if !self.fed {
                    self.argue(Some("{}".into()), out);
                }
            }
            Kind::Custom => self.complete_arguments(item.input, out),
            Kind::Image => end_image(item, raw, out),
            Kind::Native => {
                if let Some(event) = event {
                    self.native(event, out);
                }
            }
        }
        self.done = true;
        if let Some(block) = self.block {
            out.stop(block);
        }
    }

    fn end_message(&mut self, item: &response::Item<'_>, out: &mut Output<'_>) {
        for (index, raw) in (0..).zip(list(item.content)) {
            let part: response::Part<'_> = raw.parse().unwrap_or_default();
            if part.text.is_some() || part.refusal.is_some() {
                self.complete_part(index, &part, true, out);
            }
        }
        for part in self.parts.values_mut().filter(|part| !part.closed) {
            part.closed = true;
            out.stop(part.block);
        }
    }

    fn end_thought(&mut self, item: &response::Item<'_>, is_known: bool, out: &mut Output<'_>) {
        if self.block.is_none() {
            self.think((false, 0), some(read::shown(item)), out);
        }
        if self.block.is_none() && is_known {
            let block = out.open(BlockKind::Redacted);
            out.header(block, self.header.take().as_deref());
            self.block = Some(block);
        }
        if let (Some(block), Some(data)) = (self.block, some_text(item.encrypted_content)) {
            out.seal(block, text(item.id), data);
        }
    }
}

fn some(text: Text<'_>) -> Option<Text<'_>> {
    Some(text).filter(|text| !text.is_empty())
}

/// Says more of a message; whether it told how likely the tokens were.
fn out_text(
    block: usize,
    text: Option<&Text<'_>>,
    logprobs: Option<Raw<'_>>,
    out: &mut Output<'_>,
) -> bool {
    if let Some(text) = text {
        out.delta(block, Delta::Text(text.clone()));
    }
    out.logprobs(block, logprobs)
}

fn end_image(item: response::Item<'_>, raw: Option<Raw<'_>>, out: &mut Output<'_>) {
    let kind = match (read::image(item), raw) {
        (Some(image), _) => BlockKind::Image(image),
        (None, Some(value)) => BlockKind::Native { value },
        (None, None) => return,
    };
    let block = out.open(kind);
    out.header(block, raw.map(compact).as_deref());
    out.stop(block);
}
