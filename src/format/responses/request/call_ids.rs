//! The ids by which the provider knows calls: at most 64 characters. What is too long is replaced by its hash, in the
//! call and in its output alike; what has none gets one that depends only on what came before.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet, VecDeque},
};

use crate::{
    format::common::names::hash,
    ir::{ToolCall, ToolResult},
};

const LIMIT: usize = 64;

/// The calls of a conversation, as far as it is written.
#[derive(Debug, Default)]
pub(super) struct CallIds {
    /// Ids of the calls of tools that take free text.
    freeform: HashSet<String>,
    /// Ids of the calls that came without; `None` once they have their output.
    unnamed: Vec<Option<String>>,
    /// Where in `unnamed` the calls of a tool are.
    of_tool: HashMap<String, VecDeque<usize>>,
    /// Where in `unnamed` the calls are, all in order.
    in_order: VecDeque<usize>,
}

impl CallIds {
    /// The id of a call.
    pub(super) fn of_call<'r>(&mut self, call: &'r ToolCall<'_>) -> Cow<'r, str> {
        let mut id = call.id.decode();
        if id.is_empty() {
            let place = self.unnamed.len();
            id = made_of(&format!("#{place}")).into();
            self.unnamed.push(Some(id.to_string()));
            let name = call.name.decode().into_owned();
            self.of_tool.entry(name).or_default().push_back(place);
            self.in_order.push_back(place);
        }
        let id = within_limit(id);
        if call.freeform {
            self.freeform.insert(id.to_string());
        }
        id
    }

    /// The id of the call that a result answers.
    pub(super) fn of_result<'r>(&mut self, result: &'r ToolResult<'_>) -> Cow<'r, str> {
        let id = result.call_id.decode();
        if !id.is_empty() {
            return within_limit(id);
        }
        let name = result.name.as_ref().map(|name| name.decode());
        let queue = name.as_ref().and_then(|name| self.of_tool.get_mut(&**name));
        let of_tool = queue.and_then(|queue| next(queue, &mut self.unnamed));
        let found = of_tool.or_else(|| next(&mut self.in_order, &mut self.unnamed));
        found
            .unwrap_or_else(|| made_of(&name.unwrap_or_default()))
            .into()
    }

    /// Whether the call of this id was one of a tool that takes free text.
    pub(super) fn is_freeform(&self, id: &str) -> bool {
        self.freeform.contains(id)
    }
}

/// The first call of a queue that has no output yet.
fn next(queue: &mut VecDeque<usize>, unnamed: &mut [Option<String>]) -> Option<String> {
    while let Some(place) = queue.pop_front() {
        if let Some(id) = unnamed.get_mut(place).and_then(Option::take) {
            return Some(id);
        }
    }
    None
}

fn within_limit(id: Cow<'_, str>) -> Cow<'_, str> {
    if id.chars().count() <= LIMIT {
        return id;
    }
    made_of(&id).into()
}

fn made_of(seed: &str) -> String {
    format!("call_{}", hash(seed, 24))
}
