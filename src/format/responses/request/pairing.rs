//! Outputs that don't tell which call they answer: that of the tool they name, else the first that waits.

use crate::ir::{Part, Role, ToolResult, Turn};

use super::calls::{Open, Place};

/// Gives each output without an id the id of the call that it answers.
pub(super) fn identify(turns: &mut [Turn<'_>]) {
    let mut all = turns.iter().flat_map(|turn| &turn.parts);
    if !all.any(|part| matches!(part, Part::ToolResult(result) if result.call_id.is_empty())) {
        return;
    }
    for (output, call) in answered(turns) {
        let Some(Part::ToolCall(call)) = part_at(turns, call) else {
            continue;
        };
        let id = call.id.clone();
        if let Some(Part::ToolResult(result)) = part_at(turns, output) {
            result.call_id = id;
        }
    }
}

fn part_at<'t, 'a>(turns: &'t mut [Turn<'a>], (turn, part): Place) -> Option<&'t mut Part<'a>> {
    turns.get_mut(turn)?.parts.get_mut(part)
}

/// The outputs without an id, each with the call that it answers.
fn answered(turns: &[Turn<'_>]) -> Vec<(Place, Place)> {
    let is_assistant = |turn: &Turn<'_>| turn.role == Role::Assistant;
    let (mut open, mut answered, mut next) = (Open::default(), Vec::new(), 0);
    for run in turns.chunk_by(|turn, next| is_assistant(turn) == is_assistant(next)) {
        let first = next;
        next += run.len();
        let parts = || {
            let turns = run.iter().enumerate();
            turns.flat_map(move |(turn, said)| {
                let parts = said.parts.iter().enumerate();
                parts.map(move |(part, it)| ((first + turn, part), it))
            })
        };
        for (place, part) in parts() {
            if let Part::ToolCall(call) = part {
                open.register(call, place);
            }
        }
        if run.iter().any(is_assistant) {
            continue;
        }
        let results = || {
            parts().filter_map(|(place, part)| match part {
                Part::ToolResult(result) => Some((place, result)),
                _ => None,
            })
        };
        let is_named = |result: &ToolResult<'_>| !result.call_id.is_empty();
        // What others answer by its id is not to be had.
        for (_, result) in results().filter(|(_, result)| is_named(result)) {
            open.close(result);
        }
        for (place, result) in results().filter(|(_, result)| !is_named(result)) {
            answered.extend(open.close(result).map(|call| (place, call.place)));
        }
        open.unanswered();
    }
    answered
}
