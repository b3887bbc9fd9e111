//! The order of a conversation of another format: what calls gave comes right behind them, and each call and each output
//! has its other half.

use std::borrow::Cow;

use crate::{
    ir::{Error, Part, Role, ToolResult, Turn},
    json::Array,
};

use super::{
    calls::{Open, Sent},
    content::ERROR,
    encode::Writer,
    items::TYPE,
};

/// Stands for an output that nobody recorded.
const NO_OUTPUT: &str = "[no result recorded]";

impl Writer<'_> {
    /// Writes the turns of another format.
    pub(super) fn conversation(
        &mut self,
        turns: &[Turn<'_>],
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        let mut open = Open::default();
        let is_assistant = |turn: &Turn<'_>| turn.role == Role::Assistant;
        // Each run of turns of the model, and each between two of them.
        for run in turns.chunk_by(|turn, next| is_assistant(turn) == is_assistant(next)) {
            if run.iter().any(is_assistant) {
                run.iter()
                    .try_for_each(|turn| self.turn(turn, &mut open, a))?;
                continue;
            }
            let orphans = self.results(run, &mut open, a)?;
            self.unanswered(&mut open, a)?;
            let mut orphans = orphans.into_iter().peekable();
            for turn in run {
                while let Some((_, result)) = orphans.next_if(|(of, _)| *of == turn.index) {
                    orphan(result, a);
                }
                self.turn(turn, &mut open, a)?;
            }
        }
        self.unanswered(&mut open, a)
    }

    /// Writes the results of a run of turns; gives back those that no call waits for, each with the index of its turn.
    fn results<'r, 'a>(
        &mut self,
        run: &'r [Turn<'a>],
        open: &mut Open<'_>,
        a: &mut Array<'_>,
    ) -> Result<Vec<(usize, &'r ToolResult<'a>)>, Error> {
        let mut orphans = Vec::new();
        for turn in run {
            for (index, part) in turn.parts.iter().enumerate() {
                let Part::ToolResult(result) = part else {
                    continue;
                };
                let path = self.part_path(turn, index);
                if let Some(call) = open.close(result) {
                    self.result(result, &call, &path, a)?;
                } else {
                    let reason = "no call has its id; sent as text";
                    self.exchange.losses.emulated(path, reason)?;
                    orphans.push((turn.index, result));
                }
            }
        }
        Ok(orphans)
    }

    fn unanswered(&mut self, open: &mut Open<'_>, a: &mut Array<'_>) -> Result<(), Error> {
        for call in open.unanswered() {
            let (turn, part) = call.place;
            let path = format!("{}[{turn}].{}[{part}]", self.names.turns, self.names.parts);
            let reason = "the call has no result; an error is sent for it";
            self.exchange.losses.emulated(path, reason)?;
            a.object(|o| {
                o.field(TYPE, output_type(&call));
                o.field("call_id", &call.id);
                o.field("output", format!("{ERROR}{NO_OUTPUT}"));
            });
        }
        Ok(())
    }
}

/// What the output of a call is.
pub(super) fn output_type(call: &Sent) -> &'static str {
    if call.freeform {
        "custom_tool_call_output"
    } else {
        "function_call_output"
    }
}

/// Says a result as the user would, if it says anything.
fn orphan(result: &ToolResult<'_>, a: &mut Array<'_>) {
    let texts = result.content.iter().filter_map(|part| match part {
        Part::Text { text, .. } if !text.is_blank() => Some(text.decode()),
        _ => None,
    });
    let texts: Vec<Cow<'_, str>> = texts.collect();
    if texts.is_empty() {
        return;
    }
    a.object(|o| {
        o.field(TYPE, "message");
        o.field("role", "user");
        o.array("content", |a| {
            a.object(|o| {
                o.field(TYPE, "input_text");
                o.field("text", format!("Tool result: {}", texts.join("\n")));
            });
        });
    });
}
