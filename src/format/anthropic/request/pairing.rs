//! Calls and their results. The API insists that each call of a turn is answered at the start of the next, and that
//! nothing else is.

use std::{borrow::Cow, collections::HashSet, mem};

use crate::{
    format::anthropic::names,
    ir::{Error, FieldNames, Losses, Part, Role, ToolResult},
};

use super::turns::{Block, Content, Message, Place};

/// A call that waits for its result.
struct Open<'r> {
    /// Its id as the caller knows it; empty if it has none.
    original: Cow<'r, str>,
    /// Its id as the API shall know it.
    sent: Cow<'r, str>,
    place: Place,
}

pub(super) struct Pairing<'r, 'l> {
    open: Vec<Open<'r>>,
    taken: HashSet<Cow<'r, str>>,
    calls: usize,
    names: &'l FieldNames,
    losses: &'l mut Losses,
}

impl<'r, 'l> Pairing<'r, 'l> {
    pub(super) fn new(names: &'l FieldNames, losses: &'l mut Losses) -> Self {
        Self {
            open: Vec::new(),
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
            let known = self.open.iter().any(|open| open.original == original);
            if known && !original.is_empty() {
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
                original,
                sent,
                place: block.place,
            });
        }
        Ok(Message { blocks, ..message })
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
            let call = self.open.iter().position(|open| open.original == original);
            if let Some(call) = call {
                results.push(Block {
                    content: Content::Result(result, self.open.remove(call).sent),
                    place: block.place,
                });
            } else {
                let path = block.place.path(self.names);
                self.losses
                    .emulated(path, "no call has its id; sent as text")?;
                orphan(result, block.place, &mut rest);
            }
        }
        for open in mem::take(&mut self.open) {
            let path = open.place.path(self.names);
            self.losses
                .emulated(path, "the call has no result; an error is sent for it")?;
            results.push(Block {
                content: Content::NoResult(open.sent),
                place: open.place,
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
