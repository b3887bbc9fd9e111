//! Brings a conversation into the order that the API insists on.

use crate::{
    format::anthropic::{ID, caps::ModelCaps},
    ir::{Error, Losses, Part, Policy, Request, Role, Turn},
};

use super::{
    media,
    pairing::{PLACEHOLDER, Pairing},
    system_turns,
    turns::{Block, Content, Place},
};

/// The blocks of the messages to be sent.
pub(super) fn blocks<'r, 'a>(
    request: &'r Request<'a>,
    caps: ModelCaps,
    losses: &mut Losses,
) -> Result<Vec<Block<'r, 'a>>, Error> {
    let own = media::is_own(request.format);
    let mut collector = Collector {
        request,
        own,
        losses,
        blocks: Vec::with_capacity(request.turns.iter().map(|turn| turn.parts.len()).sum()),
        moved: Vec::new(),
    };
    collector.collect()?;
    let blocks = system_turns::place(collector.blocks, own || caps.system_turns);
    let mut blocks = Pairing::new(&request.names, losses).pair(blocks)?;
    // Between the API's own blocks the order means something.
    if !own {
        for message in blocks.chunk_by_mut(|one, next| one.role == next.role) {
            if message
                .first()
                .is_some_and(|first| first.role == Role::Assistant)
            {
                message.sort_by_key(|block| !block.is_reasoning());
            }
        }
    }
    first_turn(request, &mut blocks, losses)?;
    last_turn(request, caps, &mut blocks)?;
    Ok(blocks)
}

/// The first turn must be the user's.
fn first_turn(
    request: &Request<'_>,
    blocks: &mut Vec<Block<'_, '_>>,
    losses: &mut Losses,
) -> Result<(), Error> {
    let own = media::is_own(request.format);
    if own || blocks.first().is_some_and(|first| first.role == Role::User) {
        return Ok(());
    }
    losses.emulated(
        request.names.turns,
        "the first turn must be the user's; an empty one is added",
    )?;
    blocks.insert(0, Block::text(PLACEHOLDER, Place::default()));
    Ok(())
}

/// A last turn of the assistant is one to be gone on with; it must not end in white space.
fn last_turn(
    request: &Request<'_>,
    caps: ModelCaps,
    blocks: &mut [Block<'_, '_>],
) -> Result<(), Error> {
    let last = blocks.last_mut();
    let Some(block) = last.filter(|last| last.role == Role::Assistant) else {
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
    blocks: Vec<Block<'r, 'a>>,
    /// Files of an assistant turn, which only a user turn can have.
    moved: Vec<Block<'r, 'a>>,
}

impl<'r, 'a> Collector<'r, 'a, '_> {
    fn collect(&mut self) -> Result<(), Error> {
        for turn in &self.request.turns {
            self.turn(turn)?;
        }
        self.blocks.append(&mut self.moved);
        Ok(())
    }

    fn turn(&mut self, turn: &'r Turn<'a>) -> Result<(), Error> {
        if !self.own && !turn.extra.is_empty() {
            let path = format!("{}[{}]", self.request.names.turns, turn.index);
            self.losses.extra(&path, &turn.extra)?;
        }
        let role = match turn.role {
            Role::Tool => Role::User,
            role => role,
        };
        let start = self.blocks.len();
        if role == Role::User {
            self.blocks.append(&mut self.moved);
        }
        for (index, part) in turn.parts.iter().enumerate() {
            let place = Place {
                turn: turn.index,
                part: index,
            };
            let Some(content) = self.content(part, role, place)? else {
                continue;
            };
            let is_file = matches!(part, Part::Image(_) | Part::Document(_));
            let (role, blocks) = if is_file && role == Role::Assistant && !self.own {
                let reason = "the target takes files of the user only";
                let path = place.path(&self.request.names);
                self.losses.emulated(path, reason)?;
                (Role::User, &mut self.moved)
            } else {
                (role, &mut self.blocks)
            };
            blocks.push(Block {
                role,
                content,
                place,
            });
        }
        // A turn of the assistant may be empty now; one of the user still separates two of the assistant.
        if role == Role::User && self.blocks.len() == start {
            self.blocks.push(Block {
                role,
                content: Content::Nothing,
                place: Place::default(),
            });
        }
        Ok(())
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
            Part::Audio(_) => return Err(Error::unsupported(path())),
            Part::Reasoning(thought)
                if (role != Role::Assistant
                    || !thought.seal.as_ref().is_some_and(|seal| seal.is_of(ID))) =>
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
