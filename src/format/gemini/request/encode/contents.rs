//! The conversation, written.

use crate::{
    format::{common::freeform, gemini::names},
    ir::{Document, Error, Extra, Part, Policy, Request, Source, ToolCall, ToolResult},
    json::{Array, Object},
};

use super::{
    Writer, media,
    normalise::{self, By, Item, Place, Said},
};

/// What stands for a result that nobody recorded.
const NO_RESULT: &str = "[no result recorded]";

impl Writer<'_> {
    pub(super) fn contents(
        &mut self,
        request: &Request<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        let contents = normalise::contents(request, self)?;
        o.array("contents", |a| {
            contents.iter().try_for_each(|content| {
                a.object(|o| {
                    let is_model = content.by == By::Model;
                    o.field("role", if is_model { "model" } else { "user" });
                    o.array("parts", |a| {
                        let mut items = content.items.iter();
                        items.try_for_each(|item| a.object(|o| self.item(item, o)))
                    })
                })
            })
        })
    }

    fn item(&mut self, item: &Item<'_, '_>, o: &mut Object<'_>) -> Result<(), Error> {
        match &item.said {
            Said::Part(part) => media::part(part, o),
            Said::Text(text) => o.field("text", text),
            Said::Thought(thought) => {
                o.field("text", &thought.text);
                o.field("thought", true);
            }
            Said::Call(call) => self.call(call, item.place, o)?,
            Said::Result(result, call) => self.result(result, call, item.place, o)?,
            Said::NoResult(call) => o.object("functionResponse", |o| {
                self.called(call, o);
                o.object("response", |o| o.field("error", NO_RESULT));
            }),
        }
        o.optional("thoughtSignature", item.seal.as_ref());
        Ok(())
    }

    fn call(&mut self, call: &ToolCall<'_>, place: Place, o: &mut Object<'_>) -> Result<(), Error> {
        let wrapped = o.object("functionCall", |o| {
            self.called(call, o);
            freeform::write_arguments(call, o.key("args"))
        });
        if wrapped {
            let path = place.path(self);
            let reason = "the arguments are no JSON object; sent as text within one";
            self.exchange.losses.emulated(path, reason)?;
        }
        Ok(())
    }

    /// Writes what ties a call and its result together. Older models know no ids.
    fn called(&self, call: &ToolCall<'_>, o: &mut Object<'_>) {
        if self.caps.call_ids && !call.id.is_empty() {
            o.field("id", &call.id);
        }
        o.field("name", names::tool_name(call.name.decode()));
    }

    fn result(
        &mut self,
        result: &ToolResult<'_>,
        call: &ToolCall<'_>,
        place: Place,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        let text = self.result_text(result, place)?;
        o.object("functionResponse", |o| {
            self.called(call, o);
            o.object("response", |o| {
                o.field(if result.is_error { "error" } else { "output" }, text);
            });
            let mut shown = result
                .content
                .iter()
                .filter(|part| Self::is_shown(part))
                .peekable();
            if self.caps.media_in_results && shown.peek().is_some() {
                o.array("parts", |a| shown.for_each(|part| shown_part(part, a)));
            }
        });
        Ok(())
    }

    /// What a result says. Its parts were looked at before.
    pub(super) fn result_text(
        &mut self,
        result: &ToolResult<'_>,
        place: Place,
    ) -> Result<String, Error> {
        let mut all = String::new();
        let mut is_first = true;
        for part in &result.content {
            let text = match part {
                Part::Text { text, .. } | Part::Refusal(text) => text.decode().into_owned(),
                Part::Document(Document {
                    source: Source::Text(text),
                    title,
                    ..
                }) => {
                    let path = place.path(self);
                    let losses = &mut self.exchange.losses;
                    losses.emulated(path, "a text document is sent as text")?;
                    match title.as_ref().filter(|title| !title.is_empty()) {
                        Some(title) => format!("{}\n\n{}", title.decode(), text.decode()),
                        None => text.decode().into_owned(),
                    }
                }
                _ => continue,
            };
            if !std::mem::take(&mut is_first) {
                all.push('\n');
            }
            all.push_str(&text);
        }
        Ok(all)
    }

    /// Whether a part of a result can't be said as text.
    pub(super) fn is_shown(part: &Part<'_>) -> bool {
        match part {
            Part::Image(_) | Part::Audio(_) => true,
            Part::Document(document) => !matches!(document.source, Source::Text(_)),
            _ => false,
        }
    }

    /// Reports what can't be said of a part, and refuses what must not be left out. Tells whether anything is left.
    pub(super) fn is_sayable(&mut self, part: &Part<'_>, place: Place) -> Result<bool, Error> {
        let path = || place.path(self);
        match part {
            Part::Text {
                text,
                citations,
                extra,
                ..
            } => {
                if !citations.is_empty() {
                    let path = format!("{}.citations", path());
                    let losses = &mut self.exchange.losses;
                    losses.dropped(path, "the target takes none in a request")?;
                }
                self.part_extra(extra, place)?;
                return Ok(!text.is_empty());
            }
            Part::Refusal(text) => return Ok(!text.is_empty()),
            Part::Image(image) => {
                media::check_image(image, path)?;
                self.part_extra(&image.extra, place)?;
            }
            Part::Document(document) => {
                media::check_document(document, path)?;
                self.part_extra(&document.extra, place)?;
            }
            Part::Audio(audio) => self.part_extra(&audio.extra, place)?,
            Part::Native { policy, .. } => {
                self.unsayable(place.path(self), *policy)?;
                return Ok(false);
            }
            Part::Reasoning(_) | Part::ToolCall(_) | Part::ToolResult(_) => {
                return Err(Error::unsupported(path()));
            }
        }
        Ok(true)
    }

    /// Reports that the title of a text becomes a part of it.
    pub(super) fn tell_title(&mut self, part: &Part<'_>, place: Place) -> Result<(), Error> {
        match part {
            Part::Document(document) if media::is_titled(document) => {
                let path = place.path(self);
                let reason = "the title of a text is sent as its first line";
                self.exchange.losses.emulated(path, reason)
            }
            _ => Ok(()),
        }
    }

    /// Obeys what another format says of the native members of a part.
    pub(super) fn part_extra(&mut self, extra: &Extra<'_>, place: Place) -> Result<(), Error> {
        if extra.is_empty() {
            return Ok(());
        }
        let path = place.path(self);
        self.exchange.losses.extra(&path, extra)
    }

    /// The policy of a part that only another format can say.
    pub(super) fn unsayable(&mut self, path: String, policy: Policy) -> Result<(), Error> {
        match policy {
            Policy::Silent => Ok(()),
            Policy::Drop => {
                let losses = &mut self.exchange.losses;
                losses.dropped(path, "the target has no such part")
            }
            Policy::Reject => Err(Error::unsupported(path)),
        }
    }
}

/// Writes what a result shows.
fn shown_part(part: &Part<'_>, a: &mut Array<'_>) {
    a.object(|o| media::part(part, o));
}
