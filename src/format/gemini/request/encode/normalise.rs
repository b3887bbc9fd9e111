//! Brings a conversation into the order that the API insists on: turns of the user and the model alternate, and all
//! results of a turn's calls stand in one content behind it, as many as there were calls and in their order.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    mem,
};

use crate::{
    format::gemini::ID,
    ir::{Error, Part, Reasoning, Request, Role, SealPlace, ToolCall, ToolResult, Turn},
    json::Text,
};

use super::Writer;

/// What takes the place of a turn that may not be empty.
const PLACEHOLDER: &str = ".";

/// Says that no seal goes with a call, in base64: the words that the API wants for it. Source: its page about thought
/// signatures.
pub(super) const NO_SEAL: &str = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

/// Why it stands there.
pub(super) const NO_SEAL_REASON: &str = "no seal goes with the call; the check is skipped";

/// A content to be sent.
#[derive(Debug)]
pub(super) struct Content<'r, 'a> {
    pub(super) by: By,
    pub(super) items: Vec<Item<'r, 'a>>,
}

/// Who says a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    User,
    Model,
    /// The user too, who must not say anything else beside.
    Functions,
}

/// A part to be sent.
#[derive(Debug)]
pub(super) struct Item<'r, 'a> {
    pub(super) said: Said<'r, 'a>,
    pub(super) seal: Option<Cow<'r, str>>,
    pub(super) place: Place,
}

/// What a part is.
#[derive(Debug)]
pub(super) enum Said<'r, 'a> {
    /// Text, an image, a document or a recording.
    Part(&'r Part<'a>),
    /// Text that no part has.
    Text(Cow<'r, str>),
    /// A thought of the provider's own.
    Thought(&'r Reasoning<'a>),
    Call(&'r ToolCall<'a>),
    /// A result, and the call that it answers.
    Result(&'r ToolResult<'a>, &'r ToolCall<'a>),
    /// The result that a call lacks.
    NoResult(&'r ToolCall<'a>),
}

/// Where in the caller's request a part was.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    turn: usize,
    part: usize,
}

/// The contents to be sent.
pub(super) fn contents<'r, 'a>(
    request: &'r Request<'a>,
    writer: &mut Writer<'_>,
) -> Result<Vec<Content<'r, 'a>>, Error> {
    let mut normaliser = Normaliser {
        writer,
        contents: Vec::with_capacity(request.turns.len() + 1),
        calls: Vec::new(),
        open: HashMap::new(),
        results: Vec::new(),
        shown: Vec::new(),
        rest: Vec::new(),
        by_user: false,
    };
    for turn in &request.turns {
        normaliser.turn(turn)?;
    }
    normaliser.answer()?;
    if normaliser.contents.is_empty() {
        let losses = &mut normaliser.writer.exchange.losses;
        let reason = "a conversation must not be empty; a turn of the user is added";
        losses.emulated(request.names.turns, reason)?;
        normaliser.say(vec![Item::text(PLACEHOLDER, Place::default())]);
    }
    normaliser.seal_steps()?;
    Ok(normaliser.contents)
}

struct Normaliser<'r, 'a, 'n, 'w> {
    writer: &'n mut Writer<'w>,
    contents: Vec<Content<'r, 'a>>,
    /// The calls of the last turn of the model.
    calls: Vec<(&'r ToolCall<'a>, Place)>,
    /// Where among them a call is that waits for its result, by its id.
    open: HashMap<Cow<'r, str>, VecDeque<usize>>,
    /// Their results so far.
    results: Vec<Option<Item<'r, 'a>>>,
    /// What results show and can't hold.
    shown: Vec<Item<'r, 'a>>,
    /// What the user says besides.
    rest: Vec<Item<'r, 'a>>,
    /// Whether the last turn was not the model's.
    by_user: bool,
}

impl<'r, 'a> Normaliser<'r, 'a, '_, '_> {
    fn turn(&mut self, turn: &'r Turn<'a>) -> Result<(), Error> {
        let path = || format!("{}[{}]", self.writer.names.turns, turn.index);
        if !turn.extra.is_empty() {
            self.writer.exchange.losses.extra(&path(), &turn.extra)?;
        }
        if turn.role != Role::Assistant {
            self.by_user = true;
            return self.user(turn);
        }
        let items = self.model(turn)?;
        if items.is_empty() {
            return Ok(());
        }
        if self.by_user {
            self.answer()?;
            self.by_user = false;
        }
        for item in &items {
            if let Said::Call(call) = item.said {
                let waiting = self.open.entry(call.id.decode()).or_default();
                waiting.push_back(self.calls.len());
                self.calls.push((call, item.place));
                self.results.push(None);
            }
        }
        self.push(By::Model, items);
        Ok(())
    }

    /// What the model says. A seal goes to where it belongs: the call behind it, or the text before it.
    fn model(&mut self, turn: &'r Turn<'a>) -> Result<Vec<Item<'r, 'a>>, Error> {
        let mut items: Vec<Item<'r, 'a>> = Vec::with_capacity(turn.parts.len());
        let mut waiting = VecDeque::new();
        for (index, part) in turn.parts.iter().enumerate() {
            let place = Place::new(turn, index);
            match part {
                Part::Reasoning(thought) => match own_seal(thought) {
                    Some((SealPlace::Call, seal)) => waiting.push_back((seal, place)),
                    Some((SealPlace::Text, seal)) => seal_text(&mut items, seal, place),
                    Some((SealPlace::Thought, seal)) => items.push(Item {
                        said: Said::Thought(thought),
                        seal: Some(seal),
                        place,
                    }),
                    None => self.strip(place)?,
                },
                Part::ToolCall(call) => {
                    self.writer.part_extra(&call.extra, place)?;
                    items.push(Item {
                        said: Said::Call(call),
                        seal: waiting.pop_front().map(|(seal, _)| seal),
                        place,
                    });
                }
                part => self.plain(part, place, &mut items)?,
            }
        }
        for (_, place) in waiting {
            let path = place.path(self.writer);
            let losses = &mut self.writer.exchange.losses;
            losses.dropped(path, "the call that the seal belongs to is not there")?;
        }
        Ok(items)
    }

    fn user(&mut self, turn: &'r Turn<'a>) -> Result<(), Error> {
        let mut items = Vec::new();
        for (index, part) in turn.parts.iter().enumerate() {
            let place = Place::new(turn, index);
            match part {
                Part::ToolResult(result) => self.result(result, place, &mut items)?,
                Part::Reasoning(_) => self.strip(place)?,
                Part::ToolCall(_) => return Err(Error::unsupported(place.path(self.writer))),
                part => self.plain(part, place, &mut items)?,
            }
        }
        if turn.role == Role::System {
            note(&mut items);
        }
        self.rest.append(&mut items);
        Ok(())
    }

    fn strip(&mut self, place: Place) -> Result<(), Error> {
        let path = place.path(self.writer);
        let losses = &mut self.writer.exchange.losses;
        losses.dropped(path, "a thought that the target's provider did not sign")
    }

    fn plain(
        &mut self,
        part: &'r Part<'a>,
        place: Place,
        items: &mut Vec<Item<'r, 'a>>,
    ) -> Result<(), Error> {
        if self.writer.is_sayable(part, place)? {
            self.writer.tell_title(part, place)?;
            items.push(Item {
                said: Said::Part(part),
                seal: None,
                place,
            });
        }
        Ok(())
    }

    /// Takes a result to the call that it answers. One that nobody asked for is said as the user would.
    fn result(
        &mut self,
        result: &'r ToolResult<'a>,
        place: Place,
        items: &mut Vec<Item<'r, 'a>>,
    ) -> Result<(), Error> {
        self.writer.part_extra(&result.extra, place)?;
        let waiting = self.open.get_mut(&*result.call_id.decode());
        let index = waiting.and_then(VecDeque::pop_front);
        let call = index.and_then(|index| self.calls.get(index).map(|(call, _)| *call));
        let mut shown = Vec::new();
        for part in &result.content {
            if self.writer.is_sayable(part, place)? && Writer::is_shown(part) {
                shown.push(Item {
                    said: Said::Part(part),
                    seal: None,
                    place,
                });
            }
        }
        let slot = index.and_then(|index| self.results.get_mut(index));
        if let (Some(call), Some(slot)) = (call, slot) {
            *slot = Some(Item {
                said: Said::Result(result, call),
                seal: None,
                place,
            });
            if !self.writer.caps.media_in_results {
                self.shown.append(&mut shown);
            }
            return Ok(());
        }
        let path = place.path(self.writer);
        let losses = &mut self.writer.exchange.losses;
        losses.emulated(path, "no call has its id; sent as text")?;
        let text = self.writer.result_text(result, place)?;
        if !text.is_empty() {
            items.push(Item::text(format!("Tool result: {text}"), place));
        }
        items.append(&mut shown);
        Ok(())
    }

    /// Says what the user said since the last turn of the model: the results first, one for each call.
    fn answer(&mut self) -> Result<(), Error> {
        self.open.clear();
        let calls = mem::take(&mut self.calls);
        let results = mem::take(&mut self.results);
        let had_calls = !calls.is_empty();
        let mut answers = Vec::with_capacity(calls.len());
        for ((call, place), result) in calls.into_iter().zip(results) {
            if let Some(result) = result {
                answers.push(result);
                continue;
            }
            let path = place.path(self.writer);
            let losses = &mut self.writer.exchange.losses;
            losses.emulated(path, "the call has no result; an error is sent for it")?;
            answers.push(Item {
                said: Said::NoResult(call),
                seal: None,
                place,
            });
        }
        if had_calls {
            self.push(By::Functions, answers);
        }
        let mut items = mem::take(&mut self.shown);
        items.append(&mut self.rest);
        if !items.is_empty() {
            self.say(items);
        } else if self.by_user && !had_calls {
            self.say(vec![Item::text(PLACEHOLDER, Place::default())]);
        }
        Ok(())
    }

    fn say(&mut self, items: Vec<Item<'r, 'a>>) {
        self.push(By::User, items);
    }

    /// Adds a content, or adds to the last one if it is of the same speaker.
    fn push(&mut self, by: By, mut items: Vec<Item<'r, 'a>>) {
        match self.contents.last_mut() {
            Some(last) if last.by == by => last.items.append(&mut items),
            _ => self.contents.push(Content { by, items }),
        }
    }

    /// Newer models insist on a seal on the first call of each step since the user last said something.
    fn seal_steps(&mut self) -> Result<(), Error> {
        if !self.writer.caps.signatures {
            return Ok(());
        }
        let mut contents = self.contents.iter().rev();
        let steps = contents
            .by_ref()
            .take_while(|content| content.by != By::User);
        let start = self.contents.len() - steps.count();
        for content in self.contents.iter_mut().skip(start) {
            let mut items = content.items.iter_mut();
            let first = items.find(|item| matches!(item.said, Said::Call(_)));
            if let Some(item) = first.filter(|item| item.seal.is_none()) {
                item.seal = Some(NO_SEAL.into());
                let path = item.place.path(self.writer);
                let losses = &mut self.writer.exchange.losses;
                losses.emulated(path, NO_SEAL_REASON)?;
            }
        }
        Ok(())
    }
}

impl Place {
    fn new(turn: &Turn<'_>, part: usize) -> Self {
        Self {
            turn: turn.index,
            part,
        }
    }

    /// The path in the caller's spelling.
    pub(super) fn path(self, writer: &Writer<'_>) -> String {
        let names = &writer.names;
        format!(
            "{}[{}].{}[{}]",
            names.turns, self.turn, names.parts, self.part
        )
    }
}

impl<'r> Item<'r, '_> {
    fn text(text: impl Into<Cow<'r, str>>, place: Place) -> Self {
        Self {
            said: Said::Text(text.into()),
            seal: None,
            place,
        }
    }
}

fn own_seal<'r>(thought: &'r Reasoning<'_>) -> Option<(SealPlace, Cow<'r, str>)> {
    let seal = thought.seal.as_ref().filter(|seal| seal.is_of(ID))?;
    Some((seal.place, seal.data.decode()))
}

/// Seals the text before, or an empty one.
fn seal_text<'r>(items: &mut Vec<Item<'r, '_>>, seal: Cow<'r, str>, place: Place) {
    let is_open_text = |item: &&mut Item<'_, '_>| {
        item.seal.is_none() && matches!(item.said, Said::Part(Part::Text { .. }))
    };
    if let Some(text) = items.last_mut().filter(is_open_text) {
        text.seal = Some(seal);
        return;
    }
    let mut empty = Item::text("", place);
    empty.seal = Some(seal);
    items.push(empty);
}

/// Says what the operator says in mid-conversation as the user: the API has instructions only before it.
fn note(items: &mut [Item<'_, '_>]) {
    for item in items {
        if let Said::Part(Part::Text { text, .. }) = item.said {
            let text = format!("[system note]\n{}", Text::decode(text));
            item.said = Said::Text(text.into());
            return;
        }
    }
}
