//! The conversation and the instructions, written.

use crate::{
    format::{anthropic::names, common::freeform},
    ir::{Cache, Error, FieldNames, Losses, Part, Request, Role, ToolCall, ToolResult},
    json::{Array, Object},
};

use super::{
    media,
    turns::{self, Block, Content, Place},
};

/// Most cache marks that the API takes.
const MARKS: usize = 4;

/// What stands for a result that nobody recorded.
const NO_RESULT: &str = "[no result recorded]";

/// Writes blocks, and counts their cache marks on the way: the last ones stay.
pub(super) struct Writer<'w> {
    pub(super) own: bool,
    /// How many marks are still to be left out.
    surplus: usize,
    pub(super) losses: &'w mut Losses,
    names: FieldNames,
}

impl<'w> Writer<'w> {
    pub(super) fn new(
        request: &Request<'_>,
        blocks: &[Block<'_, '_>],
        losses: &'w mut Losses,
    ) -> Result<Self, Error> {
        let surplus = marks(request, blocks).saturating_sub(MARKS);
        let mut names = request.names;
        if names.cache.is_empty() {
            names.cache = "cache_control";
        }
        if surplus > 0 {
            losses.dropped(
                names.cache,
                "the target takes four cache marks; the last ones stay",
            )?;
        }
        Ok(Self {
            own: media::is_own(request.format),
            surplus,
            losses,
            names,
        })
    }

    /// Writes a cache mark, unless there are too many.
    pub(super) fn cache(
        &mut self,
        cache: Option<&Cache<'_>>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        let Some(cache) = cache else { return Ok(()) };
        if self.surplus > 0 {
            self.surplus -= 1;
            return Ok(());
        }
        self.mark(cache, o)
    }

    /// Writes a cache mark. Lifetimes that the API lacks become its longest.
    pub(super) fn mark(&mut self, cache: &Cache<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        o.object("cache_control", |o| {
            o.field("type", "ephemeral");
            match &cache.ttl {
                Some(ttl) if self.own || *ttl == "5m" || *ttl == "1h" => o.field("ttl", ttl),
                Some(_) => {
                    o.field("ttl", "1h");
                    self.losses.emulated(
                        self.names.cache,
                        "the target keeps caches for an hour at most",
                    )?;
                }
                None => {}
            }
            Ok(())
        })
    }

    /// Writes the instructions, if there are any.
    pub(super) fn system(&mut self, system: &[Part<'_>], o: &mut Object<'_>) -> Result<(), Error> {
        let own = self.own;
        let mut parts = system.iter().filter(|part| match part {
            Part::Text { text, .. } => !text.is_blank(),
            Part::Native { .. } => own,
            _ => false,
        });
        let Some(first) = parts.next() else {
            return Ok(());
        };
        let mut parts = parts.peekable();
        if let (Part::Text { text, .. }, None) = (first, parts.peek())
            && is_plain(first, own)
        {
            o.field("system", text);
            return Ok(());
        }
        o.array("system", |a| {
            std::iter::once(first)
                .chain(parts)
                .try_for_each(|part| self.part(part, a))
        })
    }

    pub(super) fn messages(
        &mut self,
        blocks: &[Block<'_, '_>],
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        o.array("messages", |a| {
            turns::messages(blocks).try_for_each(|message| a.object(|o| self.message(message, o)))
        })
    }

    fn message(&mut self, message: &[Block<'_, '_>], o: &mut Object<'_>) -> Result<(), Error> {
        o.field(
            "role",
            match message.first().map(|first| first.role) {
                Some(Role::Assistant) => "assistant",
                Some(Role::System) => "system",
                _ => "user",
            },
        );
        if let [block] = message {
            match &block.content {
                Content::Part(part @ Part::Text { text, .. }) if is_plain(part, self.own) => {
                    o.field("content", text);
                    return Ok(());
                }
                Content::Text(text) => {
                    o.field("content", text);
                    return Ok(());
                }
                _ => {}
            }
        }
        o.array("content", |a| {
            message.iter().try_for_each(|block| self.block(block, a))
        })
    }

    fn block(&mut self, block: &Block<'_, '_>, a: &mut Array<'_>) -> Result<(), Error> {
        match &block.content {
            Content::Part(part) => self.part(part, a),
            Content::Text(text) => {
                a.object(|o| {
                    o.field("type", "text");
                    o.field("text", text);
                });
                Ok(())
            }
            Content::Call(call, id) => a.object(|o| self.call(call, id, block.place, o)),
            Content::Result(result, id) => a.object(|o| self.result(result, id, o)),
            Content::NoResult(id) => {
                a.object(|o| {
                    o.field("type", "tool_result");
                    o.field("tool_use_id", id);
                    o.field("is_error", true);
                    o.field("content", NO_RESULT);
                });
                Ok(())
            }
            Content::Nothing => Ok(()),
        }
    }

    fn part(&mut self, part: &Part<'_>, a: &mut Array<'_>) -> Result<(), Error> {
        match part {
            Part::Text { .. } => a.object(|o| self.text(part, o)),
            Part::Refusal(text) => {
                a.object(|o| {
                    o.field("type", "text");
                    o.field("text", text);
                });
                Ok(())
            }
            Part::Image(image) => a.object(|o| {
                media::image(image, o);
                if self.own {
                    image.extra.write(o);
                }
                self.cache(image.cache.as_ref(), o)
            }),
            Part::Document(document) => a.object(|o| {
                media::document(document, self.own, o);
                self.cache(document.cache.as_ref(), o)
            }),
            Part::Reasoning(thought) => {
                let seal = thought.seal.as_ref().map(|seal| &seal.data);
                a.object(|o| {
                    if thought.redacted {
                        o.field("type", "redacted_thinking");
                        o.optional("data", seal);
                    } else {
                        o.field("type", "thinking");
                        o.field("thinking", &thought.text);
                        o.optional("signature", seal);
                    }
                    if self.own {
                        thought.extra.write(o);
                    }
                });
                Ok(())
            }
            Part::Native { value, .. } => {
                a.value(*value);
                Ok(())
            }
            Part::Audio(_) | Part::ToolCall(_) | Part::ToolResult(_) => Ok(()),
        }
    }

    fn text(&mut self, part: &Part<'_>, o: &mut Object<'_>) -> Result<(), Error> {
        let Part::Text {
            text,
            citations,
            cache,
            extra,
        } = part
        else {
            return Ok(());
        };
        let brings_all = self.own && extra.iter().any(|member| member.key == "type");
        if !brings_all {
            o.field("type", "text");
            o.field("text", text);
        }
        if self.own {
            let mut native = citations
                .iter()
                .filter_map(|citation| citation.native)
                .peekable();
            if native.peek().is_some() {
                o.array("citations", |a| {
                    native.for_each(|citation| a.value(citation));
                });
            }
            extra.write(o);
        }
        self.cache(cache.as_ref(), o)
    }

    fn call(
        &mut self,
        call: &ToolCall<'_>,
        id: &str,
        place: Place,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        o.field("type", "tool_use");
        o.field("id", id);
        o.field("name", names::tool_name(call.name.decode()));
        if freeform::write_arguments(call, o.key("input")) {
            let path = place.path(&self.names);
            self.losses.emulated(
                path,
                "the arguments are no JSON object; sent as text within one",
            )?;
        }
        if self.own {
            call.extra.write(o);
        }
        self.cache(call.cache.as_ref(), o)
    }

    fn result(
        &mut self,
        result: &ToolResult<'_>,
        id: &str,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        o.field("type", "tool_result");
        o.field("tool_use_id", id);
        if result.is_error {
            o.field("is_error", true);
        }
        let own = self.own;
        let mut parts = result.content.iter().filter(|part| match part {
            Part::Text { text, .. } => !text.is_blank(),
            Part::Native { .. } => own,
            part => matches!(part, Part::Image(_) | Part::Document(_)),
        });
        match (parts.next(), parts.next()) {
            (None, _) => {}
            (Some(only @ Part::Text { text, .. }), None) if is_plain(only, own) => {
                o.field("content", text);
            }
            (first, second) => {
                let all = first.into_iter().chain(second).chain(parts);
                o.array("content", |a| {
                    all.into_iter().try_for_each(|part| self.part(part, a))
                })?;
            }
        }
        if self.own {
            result.extra.write(o);
        }
        self.cache(result.cache.as_ref(), o)
    }
}

/// Whether a text is nothing but text, so that a string says all of it.
fn is_plain(part: &Part<'_>, own: bool) -> bool {
    match part {
        Part::Text {
            citations,
            cache,
            extra,
            ..
        } => {
            cache.is_none()
                && (!own
                    || extra.is_empty()
                        && citations.iter().all(|citation| citation.native.is_none()))
        }
        _ => false,
    }
}

/// How many cache marks there are.
fn marks(request: &Request<'_>, blocks: &[Block<'_, '_>]) -> usize {
    let tools = request
        .tools
        .iter()
        .filter(|tool| tool.cache.is_some())
        .count();
    let system = request.system.iter().map(part_marks).sum::<usize>();
    let blocks = blocks.iter().map(|block| match &block.content {
        Content::Part(part) => part_marks(part),
        Content::Call(call, _) => usize::from(call.cache.is_some()),
        Content::Result(result, _) => {
            usize::from(result.cache.is_some())
                + result.content.iter().map(part_marks).sum::<usize>()
        }
        Content::Text(_) | Content::NoResult(_) | Content::Nothing => 0,
    });
    usize::from(request.cache.is_some()) + tools + system + blocks.sum::<usize>()
}

fn part_marks(part: &Part<'_>) -> usize {
    usize::from(match part {
        Part::Text { cache, text, .. } => cache.is_some() && !text.is_blank(),
        Part::Image(image) => image.cache.is_some(),
        Part::Document(document) => document.cache.is_some(),
        _ => false,
    })
}
