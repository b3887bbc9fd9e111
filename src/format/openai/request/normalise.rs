//! The order that this API wants: the results of tools stand right behind the message that calls them, each in a message
//! of its own, and hold nothing but text. Each call has a result, and each result a call.

use std::borrow::Cow;

use crate::ir::{
    Document, Error, FieldNames, Losses, Part, Role, Source, ToolCall, ToolResult, Turn,
};

use super::{super::id, pairing::Open};

/// A call, with the id that the provider gets for it.
pub(super) type Call<'r, 'a> = (&'r ToolCall<'a>, Cow<'r, str>);

/// A message to be written.
#[derive(Debug)]
pub(super) enum Message<'r, 'a> {
    /// What is said in a turn, apart from results; and the calls in it.
    Said(&'r Turn<'a>, Vec<Call<'r, 'a>>),
    /// A tool's result: a part of a turn; and the id of its call.
    Result(&'r Turn<'a>, usize, &'r ToolResult<'a>, Cow<'r, str>),
    /// The result that the call of this id lacks.
    NoResult(Cow<'r, str>),
    /// A result that belongs to no call, as the user would say it.
    Orphan(&'r ToolResult<'a>),
    /// What results show and can't hold, said by the user; each with the turn and the position of its result.
    Shown(Vec<(&'r Turn<'a>, usize, &'r Part<'a>)>),
}

/// The messages for a conversation. One of a caller of this API is not mended.
pub(super) fn messages<'r, 'a>(
    turns: &'r [Turn<'a>],
    own: bool,
    names: &FieldNames,
    losses: &mut Losses,
) -> Result<Vec<Message<'r, 'a>>, Error> {
    let mut conversation = Conversation {
        messages: Vec::with_capacity(turns.len() + 1),
        calls: 0,
        mends: !own,
        names,
        losses,
    };
    let is_assistant = |turn: &Turn<'_>| turn.role == Role::Assistant;
    let mut rest = turns;
    while !rest.is_empty() {
        let (callers, after) = split_while(rest, is_assistant);
        let (run, after) = split_while(after, |turn| !is_assistant(turn));
        conversation.exchange(callers, run)?;
        rest = after;
    }
    Ok(conversation.messages)
}

fn split_while<'r, 'a>(
    turns: &'r [Turn<'a>],
    is: impl Fn(&Turn<'_>) -> bool,
) -> (&'r [Turn<'a>], &'r [Turn<'a>]) {
    let end = turns.iter().position(|turn| !is(turn));
    turns.split_at(end.unwrap_or(turns.len()))
}

struct Conversation<'r, 'a, 'l> {
    messages: Vec<Message<'r, 'a>>,
    /// Calls so far.
    calls: usize,
    /// Whether calls and results must match.
    mends: bool,
    names: &'l FieldNames,
    losses: &'l mut Losses,
}

impl<'r, 'a> Conversation<'r, 'a, '_> {
    /// Adds turns of the model and those that follow up to its next.
    fn exchange(&mut self, callers: &'r [Turn<'a>], run: &'r [Turn<'a>]) -> Result<(), Error> {
        let mut open = Open::default();
        let mut said = Vec::with_capacity(callers.len());
        for (caller, turn) in callers.iter().enumerate() {
            said.push(Message::Said(turn, self.register(turn, caller, &mut open)?));
        }
        let mut answers: Vec<Vec<Message<'r, 'a>>> = Vec::new();
        answers.resize_with(callers.len().max(1), Vec::new);
        let mut orphans = Vec::new();
        for (turn, index, result) in run.iter().flat_map(results) {
            let id = result.call_id.decode();
            let (caller, id) = match open.close(&id) {
                Some(call) => call,
                None if self.mends => {
                    let path = path(self.names, (turn.index, index));
                    let reason = "no call has its id; sent as text";
                    self.losses.emulated(path, reason)?;
                    orphans.push((turn.index, result));
                    continue;
                }
                None => (answers.len() - 1, id::call_id(id)),
            };
            if let Some(answers) = answers.get_mut(caller) {
                answers.push(Message::Result(turn, index, result, id));
            }
        }
        if self.mends {
            for (caller, id, place) in open.unanswered() {
                let reason = "the call has no result; an error is sent for it";
                self.losses.emulated(path(self.names, place), reason)?;
                if let Some(answers) = answers.get_mut(caller) {
                    answers.push(Message::NoResult(id));
                }
            }
        }
        let mut said = said.into_iter();
        for answers in answers {
            self.messages.extend(said.next());
            self.messages.extend(answers);
        }
        self.follow(run, &orphans);
        Ok(())
    }

    /// Adds what the results show, and what else is said behind them.
    fn follow(&mut self, run: &'r [Turn<'a>], orphans: &[(usize, &'r ToolResult<'a>)]) {
        let shown: Vec<_> = run.iter().flat_map(shown).collect();
        if !shown.is_empty() {
            self.messages.push(Message::Shown(shown));
        }
        let mut orphans = orphans.iter().peekable();
        for turn in run {
            while let Some((_, result)) = orphans.next_if(|(of, _)| *of == turn.index) {
                self.messages.push(Message::Orphan(result));
            }
            if says(turn) {
                self.messages.push(Message::Said(turn, Vec::new()));
            }
        }
    }

    /// The calls of a turn, which wait for their results. Of two with one id, which no result could tell apart, the first
    /// stays.
    fn register(
        &mut self,
        turn: &'r Turn<'a>,
        caller: usize,
        open: &mut Open<'r>,
    ) -> Result<Vec<Call<'r, 'a>>, Error> {
        let mut calls = Vec::new();
        for (index, part) in turn.parts.iter().enumerate() {
            let Part::ToolCall(call) = part else { continue };
            match open.register(call.id.decode(), caller, self.calls, (turn.index, index)) {
                Some(id) => calls.push((call, id)),
                None if self.mends => {
                    let reason = "another call of the turn has its id";
                    let path = path(self.names, (turn.index, index));
                    self.losses.dropped(path, reason)?;
                }
                None => calls.push((call, id::call_id(call.id.decode()))),
            }
            self.calls += 1;
        }
        Ok(calls)
    }
}

fn path(names: &FieldNames, (turn, part): (usize, usize)) -> String {
    format!("{}[{turn}].{}[{part}]", names.turns, names.parts)
}

fn results<'r, 'a>(
    turn: &'r Turn<'a>,
) -> impl Iterator<Item = (&'r Turn<'a>, usize, &'r ToolResult<'a>)> {
    let parts = turn.parts.iter().enumerate();
    parts.filter_map(move |(index, part)| match part {
        Part::ToolResult(result) => Some((turn, index, result)),
        _ => None,
    })
}

fn shown<'r, 'a>(turn: &'r Turn<'a>) -> impl Iterator<Item = (&'r Turn<'a>, usize, &'r Part<'a>)> {
    results(turn).flat_map(|(turn, index, result)| {
        let shown = result.content.iter().filter(|part| is_shown(part));
        shown.map(move |part| (turn, index, part))
    })
}

/// Whether a part of a result can't be said as text.
pub(super) fn is_shown(part: &Part<'_>) -> bool {
    match part {
        Part::Image(_) | Part::Audio(_) => true,
        Part::Document(Document { source, .. }) => !matches!(source, Source::Text(_)),
        _ => false,
    }
}

/// Whether a turn says anything apart from results. One without parts is a message without content.
pub(super) fn says(turn: &Turn<'_>) -> bool {
    let is_result = |part: &Part<'_>| matches!(part, Part::ToolResult(_));
    turn.parts.is_empty() || !turn.parts.iter().all(is_result)
}
