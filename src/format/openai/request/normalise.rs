//! The order that this API wants: the results of tools stand right behind the message that calls them, each in a message
//! of its own, and hold nothing but text.

use crate::ir::{Document, Part, Role, Source, ToolResult, Turn};

/// A message to be written.
#[derive(Debug)]
pub(super) enum Message<'r, 'a> {
    /// What is said in a turn, apart from results.
    Said(&'r Turn<'a>),
    /// A tool's result: a part of a turn.
    Result(&'r Turn<'a>, usize, &'r ToolResult<'a>),
    /// What results show and can't hold, said by the user; each with the turn and the position of its result.
    Shown(Vec<(&'r Turn<'a>, usize, &'r Part<'a>)>),
}

/// The messages for a conversation.
pub(super) fn messages<'r, 'a>(turns: &'r [Turn<'a>]) -> Vec<Message<'r, 'a>> {
    let mut messages = Vec::with_capacity(turns.len() + 1);
    let is_assistant = |turn: &Turn<'_>| turn.role == Role::Assistant;
    // Each run of turns between two of the model.
    for run in turns.chunk_by(|turn, next| !is_assistant(turn) && !is_assistant(next)) {
        let before = messages.len();
        messages.extend(run.iter().flat_map(results));
        if messages.len() > before {
            let shown: Vec<_> = run.iter().flat_map(shown).collect();
            if !shown.is_empty() {
                messages.push(Message::Shown(shown));
            }
        }
        messages.extend(run.iter().filter(|turn| says(turn)).map(Message::Said));
    }
    messages
}

fn results<'r, 'a>(turn: &'r Turn<'a>) -> impl Iterator<Item = Message<'r, 'a>> {
    let parts = turn.parts.iter().enumerate();
    parts.filter_map(move |(index, part)| match part {
        Part::ToolResult(result) => Some(Message::Result(turn, index, result)),
        _ => None,
    })
}

fn shown<'r, 'a>(turn: &'r Turn<'a>) -> impl Iterator<Item = (&'r Turn<'a>, usize, &'r Part<'a>)> {
    let parts = turn.parts.iter().enumerate();
    parts.flat_map(move |(index, part)| {
        let content = match part {
            Part::ToolResult(result) => result.content.as_slice(),
            _ => &[],
        };
        let shown = content.iter().filter(|part| is_shown(part));
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
