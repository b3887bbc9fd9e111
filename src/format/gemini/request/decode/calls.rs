//! Which call a result answers. The API needs no ids: it goes by the order, and by the names of the functions.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
};

use crate::{ir::Role, json::Text};

/// The calls of the last turn of the model.
#[derive(Debug, Default)]
pub(super) struct Calls<'a> {
    /// Whether the turn before was the model's too.
    by_model: bool,
    /// Which content is read.
    content: usize,
    /// How many ids were made up for it.
    made_up: usize,
    /// Each until it is answered.
    open: Vec<Option<Call<'a>>>,
    /// The first that may still be open.
    next: usize,
    by_id: Places<'a>,
    by_name: Places<'a>,
}

/// Where in the list of calls those are that have something in common.
type Places<'a> = HashMap<Cow<'a, str>, VecDeque<usize>>;

/// A call that is to be answered.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
}

impl<'a> Calls<'a> {
    /// Begins a turn.
    pub(super) fn turn(&mut self, role: Role, content: usize) {
        let by_model = role == Role::Assistant;
        if by_model && !self.by_model {
            *self = Self::default();
        }
        self.by_model = by_model;
        self.content = content;
        self.made_up = 0;
    }

    /// Notes a call, and gives it an id if it has none.
    pub(super) fn note(&mut self, id: Option<Text<'a>>, name: &Text<'a>) -> Text<'a> {
        let id = id.unwrap_or_else(|| self.id("call"));
        let index = self.open.len();
        for (places, key) in [(&mut self.by_id, &id), (&mut self.by_name, name)] {
            let key = key.clone().into_chars();
            places.entry(key).or_default().push_back(index);
        }
        self.open.push(Some(Call {
            id: id.clone(),
            name: name.clone(),
        }));
        id
    }

    /// The call that a result answers: the one with its id; else the next one, if it has the result's name or the result
    /// has none; else the next one with its name; else the next one.
    pub(super) fn answer(&mut self, id: Option<&Text<'a>>, name: Option<&Text<'a>>) -> Call<'a> {
        let found = first(&self.open, &mut self.by_id, id)
            .or_else(|| {
                let next = self.next()?;
                let fits =
                    |name: &Text<'_>| self.open_at(next).is_some_and(|call| call.name == *name);
                name.is_none_or(fits).then_some(next)
            })
            .or_else(|| first(&self.open, &mut self.by_name, name))
            .or_else(|| self.next());
        let call = found.and_then(|index| self.open.get_mut(index)?.take());
        call.unwrap_or_else(|| Call {
            id: id.cloned().unwrap_or_else(|| self.id("result")),
            name: name.cloned().unwrap_or_default(),
        })
    }

    /// The first call that is still open.
    fn next(&mut self) -> Option<usize> {
        while self.next < self.open.len() && self.open_at(self.next).is_none() {
            self.next += 1;
        }
        (self.next < self.open.len()).then_some(self.next)
    }

    fn open_at(&self, index: usize) -> Option<&Call<'a>> {
        self.open.get(index)?.as_ref()
    }

    /// An id that depends only on where it is needed, so that a conversation stays as it is when it grows.
    fn id(&mut self, kind: &str) -> Text<'a> {
        let id = format!("{kind}_{}_{}", self.content, self.made_up);
        self.made_up += 1;
        id.into()
    }
}

/// The first open call under a key. Those that were answered meanwhile are forgotten on the way.
fn first<'a>(
    open: &[Option<Call<'a>>],
    places: &mut Places<'a>,
    key: Option<&Text<'a>>,
) -> Option<usize> {
    let places = places.get_mut(&*key?.decode())?;
    std::iter::from_fn(|| places.pop_front())
        .find(|index| open.get(*index).is_some_and(Option::is_some))
}
