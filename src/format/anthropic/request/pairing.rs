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

use super::turns::{Block, Content, Place};

/// What takes the place of a turn that may not be empty.
pub(super) const PLACEHOLDER: &str = ".";

/// A call that waits for its result.
struct Open<'r> {
    /// Its id as the API shall know it; `None` once it has its result.
    sent: Option<Cow<'r, str>>,
    place: Place,
}

pub(super) struct Pairing<'r, 'a, 'l> {
    /// What is done so far.
    paired: Vec<Block<'r, 'a>>,
    /// What follows the results of a turn.
    rest: Vec<Block<'r, 'a>>,
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

impl<'r, 'a, 'l> Pairing<'r, 'a, 'l> {
    pub(super) fn new(names: &'l FieldNames, losses: &'l mut Losses) -> Self {
        Self {
            paired: Vec::new(),
            rest: Vec::new(),
            open: Vec::new(),
            named: HashMap::new(),
            unnamed: VecDeque::new(),
            taken: HashSet::new(),
            calls: 0,
            names,
            losses,
        }
    }

    /// Pairs the calls and results of a conversation.
    pub(super) fn pair(mut self, blocks: Vec<Block<'r, 'a>>) -> Result<Vec<Block<'r, 'a>>, Error> {
        self.paired.reserve(blocks.len() + 1);
        let mut blocks = blocks.into_iter().peekable();
        while let Some(role) = blocks.peek().map(|first| first.role) {
            let turn = std::iter::from_fn(|| blocks.next_if(|block| block.role == role));
            if role == Role::User {
                self.answer(turn)?;
                continue;
            }
            self.answer_open()?;
            if role == Role::Assistant {
                self.register(turn)?;
            } else {
                self.paired.extend(turn);
            }
        }
        self.answer_open()?;
        Ok(self.paired)
    }

    /// Answers the calls of a turn that no turn of the user follows.
    fn answer_open(&mut self) -> Result<(), Error> {
        if self.open.is_empty() {
            return Ok(());
        }
        self.answer(std::iter::empty())
    }

    /// Notes the calls of an assistant turn. Of two with one id, which no result could tell apart, the first stays.
    fn register(&mut self, turn: impl Iterator<Item = Block<'r, 'a>>) -> Result<(), Error> {
        for mut block in turn {
            let Content::Call(call, original) = block.content else {
                self.paired.push(block);
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
            self.open.push(Open {
                sent: Some(sent.clone()),
                place: block.place,
            });
            block.content = Content::Call(call, sent);
            self.paired.push(block);
        }
        Ok(())
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
    fn answer(&mut self, turn: impl Iterator<Item = Block<'r, 'a>>) -> Result<(), Error> {
        let start = self.paired.len();
        for mut block in turn {
            let Content::Result(result, original) = block.content else {
                if !matches!(block.content, Content::Nothing) {
                    self.rest.push(block);
                }
                continue;
            };
            if let Some(sent) = self.close(&original) {
                block.content = Content::Result(result, sent);
                self.paired.push(block);
            } else {
                let path = block.place.path(self.names);
                self.losses
                    .emulated(path, "no call has its id; sent as text")?;
                orphan(result, block.place, &mut self.rest);
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
            self.paired.push(Block {
                role: Role::User,
                content: Content::NoResult(sent),
                place,
            });
        }
        self.paired.append(&mut self.rest);
        if self.paired.len() == start {
            self.paired.push(Block::text(PLACEHOLDER, Place::default()));
        }
        Ok(())
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
                role: Role::User,
                content: Content::Part(part),
                place,
            }),
    );
}
