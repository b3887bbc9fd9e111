//! Thoughts of other providers that come back in pieces.
//!
//! A stream tells a thought piece by piece and has the seal behind the last one. Clients give the pieces back as they
//! came, some of them each in a content of its own; but the seal is on all of them together.

use crate::{
    format::gemini::ID,
    ir::{Part, Reasoning, Role, Turn},
    json::Text,
};

/// Puts the pieces of each thought together.
pub(super) fn join(turns: &mut Vec<Turn<'_>>) {
    // Where the pieces are that wait for their seal.
    let mut pieces: Vec<(usize, usize)> = Vec::new();
    let mut joined = false;
    for turn in 0..turns.len() {
        for part in 0..turns.get(turn).map_or(0, |turn| turn.parts.len()) {
            match thought(turns, (turn, part)) {
                Some(thought) if thought.seal.is_none() => pieces.push((turn, part)),
                Some(thought) if seals_others(thought) && !pieces.is_empty() => {
                    let text = gather(turns, &mut pieces);
                    if let Some(sealed) = self::thought(turns, (turn, part)) {
                        sealed.text = text;
                    }
                    joined = true;
                }
                _ => pieces.clear(),
            }
        }
    }
    if joined {
        for turn in turns.iter_mut() {
            turn.parts.retain(|part| !is_gathered(part));
        }
        turns.retain(|turn| turn.role != Role::Assistant || !turn.parts.is_empty());
    }
}

fn thought<'t, 'a>(
    turns: &'t mut [Turn<'a>],
    (turn, part): (usize, usize),
) -> Option<&'t mut Reasoning<'a>> {
    let turn = turns.get_mut(turn)?;
    match turn.parts.get_mut(part)? {
        Part::Reasoning(thought) if turn.role == Role::Assistant => Some(thought),
        _ => None,
    }
}

/// Whether the seal on an empty thought is on those before.
fn seals_others(thought: &Reasoning<'_>) -> bool {
    let is_foreign = thought.seal.as_ref().is_some_and(|seal| !seal.is_of(ID));
    is_foreign && thought.text.is_empty() && !thought.redacted
}

/// Takes the text out of the pieces.
fn gather(turns: &mut [Turn<'_>], pieces: &mut Vec<(usize, usize)>) -> Text<'static> {
    let mut all = String::new();
    for place in pieces.drain(..) {
        if let Some(piece) = thought(turns, place) {
            all.push_str(&std::mem::take(&mut piece.text).decode());
        }
    }
    all.into()
}

fn is_gathered(part: &Part<'_>) -> bool {
    matches!(part, Part::Reasoning(thought) if thought.seal.is_none() && thought.text.is_empty())
}
