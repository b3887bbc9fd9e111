//! System turns in mid-conversation. They stay where they are: hoisted to the top they would change what a prompt
//! cache has, with every new one.

use std::mem;

use crate::ir::{Part, Role};

use super::turns::{Block, Content};

/// Brings system turns to where the API takes them, or says them as the user.
pub(super) fn place<'r, 'a>(mut blocks: Vec<Block<'r, 'a>>, supported: bool) -> Vec<Block<'r, 'a>> {
    if !blocks.iter().any(|block| block.role == Role::System) {
        return blocks;
    }
    if supported {
        return slide(blocks);
    }
    for message in blocks.chunk_by_mut(|one, next| one.role == next.role) {
        if message
            .first()
            .is_some_and(|first| first.role == Role::System)
        {
            note(message);
        }
    }
    blocks
}

/// The API takes a system turn right behind a user turn, if it is last or an assistant turn follows. One behind an
/// assistant turn slides behind the next user turn; the rest is said as the user.
fn slide<'r, 'a>(blocks: Vec<Block<'r, 'a>>) -> Vec<Block<'r, 'a>> {
    let mut placed = Vec::with_capacity(blocks.len());
    let mut waiting: Vec<Block<'r, 'a>> = Vec::new();
    let mut rest = blocks.into_iter().peekable();
    while let Some(role) = rest.peek().map(|first| first.role) {
        let is_system = role == Role::System;
        let turn = if is_system { &mut waiting } else { &mut placed };
        while let Some(block) = rest.next_if(|block| block.role == role) {
            turn.push(block);
        }
        let next = rest.peek().map(|next| next.role);
        let may_stand = matches!(next, None | Some(Role::Assistant));
        match placed.last().map(|last| last.role) {
            Some(Role::User) if may_stand => {}
            Some(Role::Assistant) if next == Some(Role::User) => continue,
            _ if is_system => note(&mut waiting),
            _ => continue,
        }
        placed.append(&mut waiting);
    }
    placed
}

/// Says a system turn as the user.
fn note(message: &mut [Block<'_, '_>]) {
    const PREFIX: &str = "[system note]\n";
    let mut prefix = PREFIX;
    for block in message {
        block.role = Role::User;
        if let Content::Part(Part::Text { text, .. }) = &block.content {
            let text = format!("{}{}", mem::take(&mut prefix), text.decode());
            block.content = Content::Text(text.into());
        }
    }
}
