//! The conversation as it will be sent: references to the caller's parts, and what had to be made up.

use std::borrow::Cow;

use crate::ir::{FieldNames, Part, Role, ToolCall, ToolResult};

/// A block to be sent. Neighbours of one role are one message.
#[derive(Debug)]
pub(super) struct Block<'r, 'a> {
    /// Who says it; never [`Role::Tool`].
    pub(super) role: Role,
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
    /// Nothing: all there is of a turn whose parts can't be said, and which still separates its neighbours.
    Nothing,
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

impl<'r> Block<'r, '_> {
    /// A text of the user.
    pub(super) fn text(text: impl Into<Cow<'r, str>>, place: Place) -> Self {
        Self {
            role: Role::User,
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

/// The messages that blocks make.
pub(super) fn messages<'b, 'r, 'a>(
    blocks: &'b [Block<'r, 'a>],
) -> impl DoubleEndedIterator<Item = &'b [Block<'r, 'a>]> + Clone {
    blocks.chunk_by(|one, next| one.role == next.role)
}
