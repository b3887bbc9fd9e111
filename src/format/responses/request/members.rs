//! The members of messages, which callers of this API get back beside their parts.

use std::{iter::Peekable, slice};

use crate::{
    ir::{Extra, Member, Part, Role, Turn},
    json::Raw,
};

use super::items::ROLE;

/// The members of a message of instructions, which are kept behind those of its first part.
pub(super) fn of_instructions<'r>(part: &'r Part<'_>) -> impl Iterator<Item = (&'r str, Raw<'r>)> {
    let extra = match part {
        Part::Text { extra, .. } => Some(extra),
        _ => None,
    };
    let members = extra.into_iter().flat_map(Extra::iter);
    members
        .skip_while(|member| member.key != ROLE)
        .map(|member| (&*member.key, member.value))
}

/// The members of the messages in a turn of a caller of this API.
pub(super) struct Members<'r, 'a> {
    /// Those of the one message that a turn is.
    whole: slice::Iter<'r, Member<'a>>,
    /// Those of the messages in a turn of the model, each under the number of the part that its message begins with.
    numbered: Peekable<slice::Iter<'r, Member<'a>>>,
}

pub(super) type MessageMembers<'r> = Vec<(&'r str, Raw<'r>)>;

impl<'r, 'a> Members<'r, 'a> {
    pub(super) fn of(turn: &'r Turn<'a>, own: bool) -> Self {
        let (mut whole, mut numbered) = (slice::Iter::default(), slice::Iter::default());
        match turn.role {
            _ if !own => {}
            Role::Assistant => numbered = turn.extra.iter(),
            _ => whole = turn.extra.iter(),
        }
        Self {
            whole,
            numbered: numbered.peekable(),
        }
    }

    pub(super) fn of_whole(&self) -> MessageMembers<'r> {
        let members = self.whole.clone();
        members.map(|member| (&*member.key, member.value)).collect()
    }

    /// The members of the message that begins with this part, if one does.
    pub(super) fn beginning_at(&mut self, part: usize) -> Option<MessageMembers<'r>> {
        let mut members = MessageMembers::new();
        let is_of_part =
            |member: &&Member<'_>| numbered(&member.key).is_some_and(|(of, _)| of == part);
        while let Some(member) = self.numbered.next_if(is_of_part) {
            members.extend(numbered(&member.key).map(|(_, key)| (key, member.value)));
        }
        (!members.is_empty()).then_some(members)
    }
}

/// The number of the part that a message begins with, and the message's own name of the member.
fn numbered(key: &str) -> Option<(usize, &str)> {
    let (number, key) = key.strip_prefix("content[")?.split_once("].")?;
    Some((number.parse().ok()?, key))
}
