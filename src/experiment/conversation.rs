//! What all requests of a conversation have in common, and where in it they are.

use std::ops::ControlFlow;

use sha2::{Digest, Sha256};

use crate::{
    format::ApiFormat,
    json::{Raw, Text},
};

use super::{
    body::Members,
    hash::{Domain, Fields},
    parts,
    turns::{self, Speaker},
};

/// The beginning of a text that Claude Code puts before its instructions, and that is another one in each request.
const BILLING: &str = "x-anthropic-billing-header";

/// The hash of how a conversation begins, up to the end of the user's first turn. `None` if that can't be read, or is not
/// in this request.
pub(super) fn beginning(members: &Members<'_>) -> Option<[u8; 32]> {
    let turns = members.turns.filter(|_| !members.has_earlier)?;
    let mut beginning = Beginning {
        fields: Fields::new(Domain::Conversation),
        has_question: false,
    };
    if let Some(instructions) = members.instructions {
        beginning.instruct(instructions);
    }
    let mut has_begun = false;
    turns::each(turns, |turn| {
        match turn.speaker() {
            Speaker::User => {
                has_begun = true;
                turn.content
                    .into_iter()
                    .for_each(|content| beginning.ask(content));
            }
            _ if has_begun => return ControlFlow::Break(()),
            Speaker::System => turn
                .content
                .into_iter()
                .for_each(|content| beginning.instruct(content)),
            Speaker::Model | Speaker::Tool => {}
        }
        ControlFlow::Continue(())
    });
    beginning.has_question.then(|| beginning.fields.digest())
}

/// A conversation's beginning that is being hashed: each part is a field with who says it and one with the hash of what is
/// said.
struct Beginning {
    fields: Fields,
    /// Whether the user has said anything.
    has_question: bool,
}

impl Beginning {
    fn instruct(&mut self, content: Raw<'_>) {
        parts::each(content, &mut |said| {
            if !said.starts_with(BILLING) {
                self.add("system", &said);
            }
        });
    }

    fn ask(&mut self, content: Raw<'_>) {
        parts::each(content, &mut |said| {
            self.has_question |= !said.is_empty();
            self.add("user", &said);
        });
    }

    fn add(&mut self, speaker: &str, said: &Text<'_>) {
        // An empty text is no text: some clients leave it out, and some don't.
        if said.is_empty() {
            return;
        }
        let mut hash = Sha256::new();
        said.pieces(&mut |piece| hash.update(piece));
        self.fields.add(speaker.as_bytes());
        self.fields.add(&hash.finalize());
    }
}

/// Whether a request brings what tools have answered since the model spoke last, so that the model goes on with what it was
/// about: another one would not know it.
pub fn is_in_tool_loop(format: ApiFormat, body: &[u8]) -> bool {
    let Some(turns) = Members::read(format, body).turns else {
        return false;
    };
    let mut has_result = false;
    // Who speaks last is known at the end only, so what users say is looked into then.
    let mut said = Vec::new();
    turns::each(turns, |turn| {
        match turn.speaker() {
            Speaker::Model => {
                has_result = false;
                said.clear();
            }
            Speaker::Tool => has_result = true,
            Speaker::User => said.push(turn),
            Speaker::System => {}
        }
        ControlFlow::Continue(())
    });
    has_result || said.iter().any(turns::Turn::has_tool_result)
}
