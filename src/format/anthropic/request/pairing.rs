//! Calls and their results. The API insists that each call of a turn is answered at the start of the next, and that
//! nothing else is.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet, VecDeque, hash_map::Entry},
};

use crate::{
    format::anthropic::names,
    ir::{Error, FieldNames, Losses, Part, Role, ToolResult},
};

use super::turns::{Block, Content, Message, Place};

/// A call that waits for its result.
struct Open<'r> {
    /// Its id as the API shall know it; `None` once it has its result.
    sent: Option<Cow<'r, str>>,
    place: Place,
}

pub(super) struct Pairing<'r, 'l> {
    /// The calls of the last turn, in order.
    open: Vec<Open<'r>>,
    /// Where in `open` a call is, by its id as the caller knows it.
    named: HashMap<Cow<'r, str>, usize>,
    /// Where the calls are that the caller gave no id.
    unnamed: VecDeque<usize>,
    taken: HashSet<Cow<'r, str>>,
    calls: usize,
    names: &'l FieldNames,
    losses: &'l mut Losses,
}

impl<'r, 'l> Pairing<'r, 'l> {
    pub(super) fn new(names: &'l FieldNames, losses: &'l mut Losses) -> Self {
        Self {
            open: Vec::new(),
            named: HashMap::new(),
            unnamed: VecDeque::new(),
            taken: HashSet::new(),
            calls: 0,
            names,
            losses,
        }
    }

    /// Pairs calls and results of a conversation in which neighbours never have the same role.
    pub(super) fn pair<'a>(
        mut self,
        messages: Vec<Message<'r, 'a>>,
    ) -> Result<Vec<Message<'r, 'a>>, Error> {
        let mut paired = Vec::with_capacity(messages.len() + 1);
        for message in messages {
            if message.is(Role::User) {
                paired.push(self.answer(message)?);
                continue;
            }
            if !self.open.is_empty() {
                paired.push(self.answer(Message::user(Vec::new()))?);
            }
            paired.push(if message.is(Role::Assistant) {
                self.register(message)?
            } else {
                message
            });
        }
        if !self.open.is_empty() {
            paired.push(self.answer(Message::user(Vec::new()))?);
        }
        Ok(paired)
    }

    /// Notes the calls of an assistant turn. Of two with one id, which no result could tell apart, the first stays.
    fn register<'a>(&mut self, message: Message<'r, 'a>) -> Result<Message<'r, 'a>, Error> {
        let mut blocks = Vec::with_capacity(message.blocks.len());
        for block in message.blocks {
            let Content::Call(call, original) = block.content else {
                blocks.push(block);
                continue;
            };
            if !self.note(original.clone()) {
                let path = block.place.path(self.names);
                self.losses
                    .dropped(path, "another call of the turn has its id")?;
                continue;
            }
            let sent = self.id_for(&original);
            self.calls += 1;
            blocks.push(Block {
                content: Content::Call(call, sent.clone()),
                place: block.place,
            });
            self.open.push(Open {
                sent: Some(sent),
                place: block.place,
            });
        }
        Ok(Message { blocks, ..message })
    }

    /// Notes under which id the next open call is known; tells whether no other of the turn is known under it.
    fn note(&mut self, original: Cow<'r, str>) -> bool {
        let index = self.open.len();
        if original.is_empty() {
            self.unnamed.push_back(index);
            return true;
        }
        match self.named.entry(original) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(index);
                true
            }
        }
    }

    /// The id as sent of the call that a result answers. Of calls without ids it is the first that has none yet.
    fn close(&mut self, original: &str) -> Option<Cow<'r, str>> {
        let index = if original.is_empty() {
            self.unnamed.pop_front()
        } else {
            self.named.remove(original)
        };
        self.open.get_mut(index?)?.sent.take()
    }

    /// An id that the API takes and no earlier call has. It depends only on what came before, so that the bytes of a
    /// conversation stay as they are when it grows.
    fn id_for(&mut self, original: &Cow<'r, str>) -> Cow<'r, str> {
        let mut id = if original.is_empty() {
            names::hashed_call_id(&format!("#{}", self.calls)).into()
        } else {
            names::call_id(original.clone())
        };
        if self.taken.contains(&id) {
            id = names::hashed_call_id(&format!("{original}#{}", self.calls)).into();
        }
        self.taken.insert(id.clone());
        id
    }

    /// Puts the results to the start of a user turn, adds those that are missing, and turns those that nobody asked
    /// for into text.
    fn answer<'a>(&mut self, message: Message<'r, 'a>) -> Result<Message<'r, 'a>, Error> {
        let mut results = Vec::with_capacity(message.blocks.len());
        let mut rest = Vec::new();
        for block in message.blocks {
            let Content::Result(result, original) = block.content else {
                rest.push(block);
                continue;
            };
            if let Some(sent) = self.close(&original) {
                results.push(Block {
                    content: Content::Result(result, sent),
                    place: block.place,
                });
            } else {
                let path = block.place.path(self.names);
                self.losses
                    .emulated(path, "no call has its id; sent as text")?;
                orphan(result, block.place, &mut rest);
            }
        }
        self.named.clear();
        self.unnamed.clear();
        for Open { sent, place } in self.open.drain(..) {
            let Some(sent) = sent else { continue };
            self.losses.emulated(
                place.path(self.names),
                "the call has no result; an error is sent for it",
            )?;
            results.push(Block {
                content: Content::NoResult(sent),
                place,
            });
        }
        results.append(&mut rest);
        Ok(Message {
            blocks: results,
            ..message
        })
    }
}

/// Says a result as the user would.
fn orphan<'r, 'a>(result: &'r ToolResult<'a>, place: Place, blocks: &mut Vec<Block<'r, 'a>>) {
    let texts = result.content.iter().filter_map(|part| match part {
        Part::Text { text, .. } if !text.is_blank() => Some(text.decode()),
        _ => None,
    });
    let texts: Vec<Cow<'_, str>> = texts.collect();
    if !texts.is_empty() {
        let text = format!("Tool result: {}", texts.join("\n"));
        blocks.push(Block::text(text, place));
    }
    let media = result.content.iter();
    blocks.extend(
        media
            .filter(|part| matches!(part, Part::Image(_) | Part::Document(_)))
            .map(|part| Block {
                content: Content::Part(part),
                place,
            }),
    );
}
