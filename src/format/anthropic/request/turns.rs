//! The conversation as it will be sent: references to the caller's parts, and what had to be made up.

use std::borrow::Cow;

use crate::ir::{FieldNames, Part, Role, ToolCall, ToolResult};

/// A message to be sent. Its role is never [`Role::Tool`].
#[derive(Debug)]
pub(super) struct Message<'r, 'a> {
    pub(super) role: Role,
    pub(super) blocks: Vec<Block<'r, 'a>>,
}

/// A block to be sent.
#[derive(Debug)]
pub(super) struct Block<'r, 'a> {
    pub(super) content: Content<'r, 'a>,
    pub(super) place: Place,
}

/// What a block is.
#[derive(Debug)]
pub(super) enum Content<'r, 'a> {
    /// A part that is sent as it is.
    Part(&'r Part<'a>),
    /// Text that no part has.
    Text(Cow<'r, str>),
    /// A call, under the id by which the API shall know it.
    Call(&'r ToolCall<'a>, Cow<'r, str>),
    /// A result, under that id.
    Result(&'r ToolResult<'a>, Cow<'r, str>),
    /// The result that a call lacks.
    NoResult(Cow<'r, str>),
}

/// Where in the caller's request a block was.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) turn: usize,
    pub(super) part: usize,
}

impl Place {
    /// The path in the caller's spelling.
    pub(super) fn path(self, names: &FieldNames) -> String {
        format!(
            "{}[{}].{}[{}]",
            names.turns, self.turn, names.parts, self.part
        )
    }
}

impl<'r, 'a> Message<'r, 'a> {
    pub(super) fn user(blocks: Vec<Block<'r, 'a>>) -> Self {
        Self {
            role: Role::User,
            blocks,
        }
    }

    pub(super) fn is(&self, role: Role) -> bool {
        self.role == role
    }
}

impl<'r> Block<'r, '_> {
    pub(super) fn text(text: impl Into<Cow<'r, str>>, place: Place) -> Self {
        Self {
            content: Content::Text(text.into()),
            place,
        }
    }

    pub(super) fn is_call(&self) -> bool {
        matches!(self.content, Content::Call(..))
    }

    pub(super) fn is_reasoning(&self) -> bool {
        matches!(self.content, Content::Part(Part::Reasoning(_)))
    }
}

/// Adds a message, to the last one if the same speaks.
pub(super) fn push_merged<'r, 'a>(messages: &mut Vec<Message<'r, 'a>>, message: Message<'r, 'a>) {
    match messages.last_mut() {
        Some(last) if last.role == message.role => last.blocks.extend(message.blocks),
        _ => messages.push(message),
    }
}
