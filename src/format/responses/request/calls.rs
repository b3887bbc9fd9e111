//! Calls that wait for their outputs. The API knows a call by an id of at most 64 characters, and insists that each call
//! has an output and each output a call.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque, hash_map::Entry},
};

use crate::{
    format::common::names::hash,
    ir::{ToolCall, ToolResult},
};

const LIMIT: usize = 64;

/// Where in the caller's conversation a call is: the turn and the part.
pub(super) type Place = (usize, usize);

/// A call as the provider knows it.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) id: String,
    /// Whether it is one of a tool that takes free text.
    pub(super) freeform: bool,
    pub(super) place: Place,
}

/// The calls of the last turns of the model.
#[derive(Debug, Default)]
pub(super) struct Open<'r> {
    /// `None` once it has its output.
    calls: Vec<Option<Sent>>,
    /// Where in `calls` a call is, by its id as the caller knows it.
    named: HashMap<Cow<'r, str>, usize>,
    /// Where the calls of a tool are, for outputs that tell no id.
    of_tool: HashMap<Cow<'r, str>, VecDeque<usize>>,
    /// Where the calls are that wait, for outputs that tell nothing.
    in_order: VecDeque<usize>,
    /// Calls of the whole conversation.
    total: usize,
}

impl<'r> Open<'r> {
    /// Notes a call; tells what the provider gets. `None` if another that waits has its id.
    pub(super) fn register(&mut self, call: &'r ToolCall<'_>, place: Place) -> Option<Sent> {
        let original = call.id.decode();
        let index = self.calls.len();
        let id = if original.is_empty() {
            made_of(&format!("#{}", self.total))
        } else {
            let id = sent_id(&original).into_owned();
            match self.named.entry(original) {
                Entry::Occupied(_) => return None,
                Entry::Vacant(entry) => entry.insert(index),
            };
            id
        };
        let sent = Sent {
            id,
            freeform: call.freeform,
            place,
        };
        self.total += 1;
        self.calls.push(Some(sent.clone()));
        let of_tool = self.of_tool.entry(call.name.decode()).or_default();
        of_tool.push_back(index);
        self.in_order.push_back(index);
        Some(sent)
    }

    /// The call that a result answers: that of its id; without one, the first of its tool, or of all.
    pub(super) fn close(&mut self, result: &ToolResult<'_>) -> Option<Sent> {
        let original = result.call_id.decode();
        if !original.is_empty() {
            let index = self.named.remove(&*original)?;
            return self.calls.get_mut(index)?.take();
        }
        let name = result.name.as_ref().map(|name| name.decode());
        let of_tool = name.and_then(|name| self.of_tool.get_mut(&*name));
        let first = of_tool.and_then(|queue| next(queue, &mut self.calls));
        first.or_else(|| next(&mut self.in_order, &mut self.calls))
    }

    /// The calls that have no output. None waits any more.
    pub(super) fn unanswered(&mut self) -> Vec<Sent> {
        self.named.clear();
        self.of_tool.clear();
        self.in_order.clear();
        self.calls.drain(..).flatten().collect()
    }
}

/// The first call of a queue that has no output yet.
fn next(queue: &mut VecDeque<usize>, calls: &mut [Option<Sent>]) -> Option<Sent> {
    while let Some(index) = queue.pop_front() {
        if let Some(sent) = calls.get_mut(index).and_then(Option::take) {
            return Some(sent);
        }
    }
    None
}

/// The id by which the provider knows a call. What is too long is replaced by its hash.
fn sent_id(id: &str) -> Cow<'_, str> {
    if id.chars().count() <= LIMIT {
        return id.into();
    }
    made_of(id).into()
}

fn made_of(seed: &str) -> String {
    format!("call_{}", hash(seed, 24))
}
