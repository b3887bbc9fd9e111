//! Calls that wait for their results.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque, hash_map::Entry},
};

use super::super::id;

/// The calls of the last turns of the model.
#[derive(Debug, Default)]
pub(super) struct Open<'r> {
    calls: Vec<Call<'r>>,
    /// Where a call is, by its id as the caller knows it.
    named: HashMap<Cow<'r, str>, usize>,
    /// Where the calls are that the caller gave no id.
    unnamed: VecDeque<usize>,
}

#[derive(Debug)]
struct Call<'r> {
    /// Which of the turns it is in.
    turn: usize,
    /// Its id as the provider shall know it; `None` once it has its result.
    sent: Option<Cow<'r, str>>,
    /// Where the caller has it: the turn and the part.
    place: (usize, usize),
}

impl<'r> Open<'r> {
    /// Notes a call; tells the id that the provider gets. `None` if another call has its id.
    pub(super) fn register(
        &mut self,
        original: Cow<'r, str>,
        turn: usize,
        number: usize,
        place: (usize, usize),
    ) -> Option<Cow<'r, str>> {
        let index = self.calls.len();
        let sent = if original.is_empty() {
            self.unnamed.push_back(index);
            id::minted_call("", 0, number).into()
        } else {
            match self.named.entry(original.clone()) {
                Entry::Occupied(_) => return None,
                Entry::Vacant(entry) => entry.insert(index),
            };
            id::call_id(original)
        };
        self.calls.push(Call {
            turn,
            sent: Some(sent.clone()),
            place,
        });
        Some(sent)
    }

    /// The turn and the sent id of the call that a result answers. Of calls without ids it is the first that has none.
    pub(super) fn close(&mut self, original: &str) -> Option<(usize, Cow<'r, str>)> {
        let index = if original.is_empty() {
            self.unnamed.pop_front()
        } else {
            self.named.remove(original)
        };
        let call = self.calls.get_mut(index?)?;
        Some((call.turn, call.sent.take()?))
    }

    /// The calls that have no result: the turn, the sent id, and where the caller has it.
    pub(super) fn unanswered(self) -> impl Iterator<Item = (usize, Cow<'r, str>, (usize, usize))> {
        self.calls
            .into_iter()
            .filter_map(|call| Some((call.turn, call.sent?, call.place)))
    }
}
