//! Brings a conversation into the order that the API insists on.

use crate::{
    format::anthropic::{ID, caps::ModelCaps},
    ir::{Error, Losses, Part, Policy, Request, Role, Turn},
};

use super::{
    media,
    pairing::Pairing,
    system_turns,
    turns::{Block, Content, Message, Place, push_merged},
};

/// What takes the place of a turn that may not be empty.
const PLACEHOLDER: &str = ".";

/// The messages to be sent.
pub(super) fn messages<'r, 'a>(
    request: &'r Request<'a>,
    caps: ModelCaps,
    losses: &mut Losses,
) -> Result<Vec<Message<'r, 'a>>, Error> {
    let own = media::is_own(request.format);
    let mut collector = Collector {
        request,
        own,
        losses,
        moved: Vec::new(),
    };
    let messages = collector.collect()?;
    let messages = system_turns::place(messages, own || caps.system_turns);
    let mut messages = Pairing::new(&request.names, losses).pair(messages)?;
    for message in &mut messages {
        match message.role {
            // Between the API's own blocks the order means something.
            Role::Assistant if !own => message.blocks.sort_by_key(|block| !block.is_reasoning()),
            Role::User if message.blocks.is_empty() => {
                message
                    .blocks
                    .push(Block::text(PLACEHOLDER, Place::default()));
            }
            _ => {}
        }
    }
    first_turn(request, &mut messages, losses)?;
    last_turn(request, caps, &mut messages)?;
    Ok(messages)
}

/// The first turn must be the user's.
fn first_turn(
    request: &Request<'_>,
    messages: &mut Vec<Message<'_, '_>>,
    losses: &mut Losses,
) -> Result<(), Error> {
    let own = media::is_own(request.format);
    if own || messages.first().is_some_and(|first| first.is(Role::User)) {
        return Ok(());
    }
    losses.emulated(
        request.names.turns,
        "the first turn must be the user's; an empty one is added",
    )?;
    let filler = Message::user(vec![Block::text(PLACEHOLDER, Place::default())]);
    messages.insert(0, filler);
    Ok(())
}

/// A last turn of the assistant is one to be gone on with; it must not end in white space.
fn last_turn(
    request: &Request<'_>,
    caps: ModelCaps,
    messages: &mut [Message<'_, '_>],
) -> Result<(), Error> {
    let Some(last) = messages.last_mut().filter(|last| last.is(Role::Assistant)) else {
        return Ok(());
    };
    let Some(block) = last.blocks.last_mut() else {
        return Ok(());
    };
    if !caps.prefill && !media::is_own(request.format) {
        let path = format!("{}[{}]", request.names.turns, block.place.turn);
        let message =
            "prefill not supported: this model does not go on with a last turn of the assistant";
        return Err(Error::bad_request(format!("{path}: {message}.")).with_param(path));
    }
    if let Content::Part(Part::Text {
        text,
        citations,
        cache,
        ..
    }) = &block.content
        && citations.is_empty()
        && cache.is_none()
    {
        let text = text.decode();
        if text.ends_with(char::is_whitespace) {
            block.content = Content::Text(text.trim_end().to_owned().into());
        }
    }
    Ok(())
}

struct Collector<'r, 'a, 'l> {
    request: &'r Request<'a>,
    own: bool,
    losses: &'l mut Losses,
    /// Files of an assistant turn, which only a user turn can have.
    moved: Vec<Block<'r, 'a>>,
}

impl<'r, 'a> Collector<'r, 'a, '_> {
    fn collect(&mut self) -> Result<Vec<Message<'r, 'a>>, Error> {
        let mut messages = Vec::with_capacity(self.request.turns.len());
        for turn in &self.request.turns {
            let message = self.message(turn)?;
            // A turn of the assistant may be empty now; one of the user still separates two of the assistant.
            if !message.blocks.is_empty() || message.is(Role::User) {
                push_merged(&mut messages, message);
            }
        }
        if !self.moved.is_empty() {
            push_merged(
                &mut messages,
                Message::user(std::mem::take(&mut self.moved)),
            );
        }
        Ok(messages)
    }

    fn message(&mut self, turn: &'r Turn<'a>) -> Result<Message<'r, 'a>, Error> {
        if !self.own && !turn.extra.is_empty() {
            let path = format!("{}[{}]", self.request.names.turns, turn.index);
            self.losses.extra(&path, &turn.extra)?;
        }
        let role = match turn.role {
            Role::Tool => Role::User,
            role => role,
        };
        let mut blocks = match role {
            Role::User => std::mem::take(&mut self.moved),
            _ => Vec::new(),
        };
        for (index, part) in turn.parts.iter().enumerate() {
            let place = Place {
                turn: turn.index,
                part: index,
            };
            if let Some(content) = self.content(part, role, place)? {
                let block = Block { content, place };
                let is_file = matches!(part, Part::Image(_) | Part::Document(_));
                if is_file && role == Role::Assistant && !self.own {
                    self.moved.push(block);
                } else {
                    blocks.push(block);
                }
            }
        }
        Ok(Message { role, blocks })
    }

    /// What is sent for a part, if anything.
    fn content(
        &mut self,
        part: &'r Part<'a>,
        role: Role,
        place: Place,
    ) -> Result<Option<Content<'r, 'a>>, Error> {
        let path = || place.path(&self.request.names);
        match part {
            Part::Text { text, .. } if text.is_blank() => return Ok(None),
            Part::Refusal(text) if text.is_blank() => return Ok(None),
            Part::Text {
                citations, extra, ..
            } if !self.own => {
                if !citations.is_empty() {
                    self.losses.dropped(
                        format!("{}.citations", path()),
                        "the target can't say foreign citations",
                    )?;
                }
                self.foreign_extra(extra, place)?;
            }
            Part::Image(image) => {
                media::check_image(image, self.own, &path())?;
                self.foreign_extra(&image.extra, place)?;
            }
            Part::Document(document) => {
                media::check_document(document, self.own, &path())?;
                self.foreign_extra(&document.extra, place)?;
            }
            Part::Reasoning(thought)
                if (role != Role::Assistant
                    || thought.minter != Some(ID)
                    || thought.signature.is_none()) =>
            {
                self.losses
                    .dropped(path(), "a thought that the target's provider did not sign")?;
                return Ok(None);
            }
            Part::ToolCall(call) => {
                self.foreign_extra(&call.extra, place)?;
                return Ok(Some(Content::Call(call, call.id.decode())));
            }
            Part::ToolResult(result) => {
                self.result(result, place)?;
                return Ok(Some(Content::Result(result, result.call_id.decode())));
            }
            Part::Native { policy, .. } if !self.own => {
                match policy {
                    Policy::Silent => {}
                    Policy::Drop => self
                        .losses
                        .dropped(path(), "only its own format can say it")?,
                    Policy::Reject => return Err(Error::unsupported(path())),
                }
                return Ok(None);
            }
            _ => {}
        }
        Ok(Some(Content::Part(part)))
    }

    /// Looks at what is within a result; it is written later.
    fn result(&mut self, result: &'r crate::ir::ToolResult<'a>, place: Place) -> Result<(), Error> {
        self.foreign_extra(&result.extra, place)?;
        for part in &result.content {
            self.content(part, Role::User, place)?;
        }
        Ok(())
    }

    fn foreign_extra(&mut self, extra: &crate::ir::Extra<'_>, place: Place) -> Result<(), Error> {
        if self.own || extra.is_empty() {
            return Ok(());
        }
        self.losses.extra(&place.path(&self.request.names), extra)
    }
}
