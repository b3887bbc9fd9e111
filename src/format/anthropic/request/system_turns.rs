//! System turns in mid-conversation. They stay where they are: hoisted to the top they would change what a prompt
//! cache has, with every new one.

use std::mem;

use crate::ir::{Part, Role};

use super::turns::{Block, Content, Message, push_merged};

/// Brings system turns to where the API takes them, or says them as the user.
pub(super) fn place<'r, 'a>(
    messages: Vec<Message<'r, 'a>>,
    supported: bool,
) -> Vec<Message<'r, 'a>> {
    let mut merged = Vec::with_capacity(messages.len());
    for message in messages {
        if message.is(Role::System) && !supported {
            push_merged(&mut merged, note(message));
        } else {
            push_merged(&mut merged, message);
        }
    }
    if supported { slide(merged) } else { merged }
}

/// The API takes a system turn right behind a user turn, if it is last or an assistant turn follows. One behind an
/// assistant turn slides behind the next user turn; the rest is said as the user.
fn slide<'r, 'a>(messages: Vec<Message<'r, 'a>>) -> Vec<Message<'r, 'a>> {
    let mut placed: Vec<Message<'r, 'a>> = Vec::with_capacity(messages.len());
    let mut waiting: Option<Message<'r, 'a>> = None;
    let mut rest = messages.into_iter().peekable();
    while let Some(mut message) = rest.next() {
        let next = rest.peek().map(|next| next.role);
        let may_stand = matches!(next, None | Some(Role::Assistant));
        if !message.is(Role::System) {
            push_merged(&mut placed, message);
            match waiting.take() {
                Some(system) if may_stand => placed.push(system),
                system => waiting = system,
            }
            continue;
        }
        if let Some(mut before) = waiting.take() {
            before.blocks.append(&mut message.blocks);
            message = before;
        }
        match placed.last().map(|last| last.role) {
            Some(Role::User) if may_stand => placed.push(message),
            Some(Role::Assistant) if next == Some(Role::User) => waiting = Some(message),
            _ => push_merged(&mut placed, note(message)),
        }
    }
    placed
}

/// Says a system turn as the user.
fn note<'r, 'a>(message: Message<'r, 'a>) -> Message<'r, 'a> {
    const PREFIX: &str = "[system note]\n";
    let mut prefix = PREFIX;
    let blocks = message.blocks.into_iter().map(|block| match block.content {
        Content::Part(Part::Text { text, .. }) => {
            let text = format!("{}{}", mem::take(&mut prefix), text.decode());
            Block::text(text, block.place)
        }
        content => Block {
            content,
            place: block.place,
        },
    });
    Message::user(blocks.collect())
}
