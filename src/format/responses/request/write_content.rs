//! What messages and the outputs of calls contain, for a provider.

use crate::{
    format::common::media::write_data_uri,
    ir::{Audio, Cache, Document, Error, Extra, Image, Part, Request, Role, Source, Turn},
    json::{Array, Object, Raw, Text},
};

use super::{
    content::WHOLE,
    encode::Writer,
    items::{ROLE, TYPE},
};

/// Most cache boundaries that the API takes.
const MARKS: usize = 4;

impl Writer<'_> {
    /// Counts the cache boundaries, of which only the last few are sent.
    pub(super) fn count_marks(&mut self, request: &Request<'_>) -> Result<(), Error> {
        if self.own || !self.dialect.supports_prompt_cache_breakpoint {
            return Ok(());
        }
        let takers = request
            .turns
            .iter()
            .filter(|turn| turn.role != Role::Assistant);
        let parts = takers.flat_map(|turn| &turn.parts);
        let marks = parts.filter(|part| cache_of(part).is_some()).count();
        self.unmarked = marks.saturating_sub(MARKS);
        if self.unmarked > 0 {
            let losses = &mut self.exchange.losses;
            losses.dropped(
                self.names.cache,
                "only the last four cache boundaries are sent",
            )?;
        }
        Ok(())
    }

    /// Writes a part of a message.
    pub(super) fn part(
        &mut self,
        turn: &Turn<'_>,
        index: usize,
        part: &Part<'_>,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        if self.own {
            own_part(turn.role, part, a);
            return Ok(());
        }
        let path = |writer: &Self| writer.part_path(turn, index);
        match part {
            Part::Text {
                text,
                citations,
                extra,
                ..
            } => {
                self.foreign_at(extra, path)?;
                if !citations.is_empty() {
                    let path = format!("{}.citations", path(self));
                    let reason = "the target takes none in a request";
                    self.exchange.losses.dropped(path, reason)?;
                }
                a.object(|o| {
                    if turn.role == Role::Assistant {
                        output_text(text, o);
                    } else {
                        input_text(text, o);
                        self.mark(part, o);
                    }
                });
            }
            Part::Refusal(text) if turn.role == Role::Assistant => refusal(text, a),
            Part::Refusal(text) => a.object(|o| input_text(text, o)),
            Part::Image(_) | Part::Document(_) => self.media(part, &path(self), a)?,
            _ => return Err(Error::unsupported(path(self))),
        }
        Ok(())
    }

    /// Writes an image or a document of another format.
    pub(super) fn media(
        &mut self,
        part: &Part<'_>,
        path: &str,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        match part {
            Part::Image(image) => {
                self.foreign(path, &image.extra)?;
                a.object(|o| {
                    image_source(image, path, o)?;
                    self.mark(part, o);
                    Ok(())
                })
            }
            Part::Document(document) => {
                self.foreign(path, &document.extra)?;
                if let Source::Text(text) = &document.source {
                    let text = self.document_text(document, text, path)?;
                    a.object(|o| {
                        input_text(&text.into(), o);
                        self.mark(part, o);
                    });
                    return Ok(());
                }
                a.object(|o| {
                    document_source(document, path, o)?;
                    self.mark(part, o);
                    Ok(())
                })
            }
            _ => Err(Error::unsupported(path.to_owned())),
        }
    }

    pub(super) fn document_text(
        &mut self,
        document: &Document<'_>,
        text: &Text<'_>,
        path: &str,
    ) -> Result<String, Error> {
        let losses = &mut self.exchange.losses;
        losses.emulated(path.to_owned(), "a text document is sent as text")?;
        let title = document.title.as_ref().filter(|title| !title.is_empty());
        Ok(match title {
            Some(title) => format!("{}\n\n{}", title.decode(), text.decode()),
            None => text.decode().into_owned(),
        })
    }

    /// Writes a cache boundary behind a part, where the server takes them.
    fn mark(&mut self, part: &Part<'_>, o: &mut Object<'_>) {
        let Some(cache) = cache_of(part) else { return };
        if !self.dialect.supports_prompt_cache_breakpoint {
            return;
        }
        if self.unmarked > 0 {
            self.unmarked -= 1;
            return;
        }
        o.object("prompt_cache_breakpoint", |o| {
            o.field("mode", "explicit");
            if let Some(ttl) = &cache.ttl {
                let is_long = *ttl == "12h";
                o.field("ttl", if is_long { "12h" } else { "30m" });
            }
        });
    }
}

/// Writes a part of a caller of this API, as it came.
fn own_part(role: Role, part: &Part<'_>, a: &mut Array<'_>) {
    match part {
        Part::Text { text, extra, .. } => a.object(|o| {
            let mut members = extra
                .iter()
                .take_while(|member| member.key != ROLE)
                .peekable();
            if members.peek().is_none() {
                let is_answer = role == Role::Assistant;
                o.field(
                    TYPE,
                    if is_answer {
                        "output_text"
                    } else {
                        "input_text"
                    },
                );
            }
            o.field("text", text);
            members.for_each(|member| o.field(&member.key, member.value));
        }),
        Part::Refusal(text) => refusal(text, a),
        Part::Native { value, .. } => a.value(value),
        Part::Image(Image { extra, .. })
        | Part::Document(Document { extra, .. })
        | Part::Audio(Audio { extra, .. }) => {
            if let Some(whole) = whole(extra) {
                a.value(whole);
            }
        }
        Part::Reasoning(_) | Part::ToolCall(_) | Part::ToolResult(_) => {}
    }
}

pub(super) fn input_text(text: &Text<'_>, o: &mut Object<'_>) {
    o.field(TYPE, "input_text");
    o.field("text", text);
}

fn output_text(text: &Text<'_>, o: &mut Object<'_>) {
    o.field(TYPE, "output_text");
    o.field("text", text);
    o.array("annotations", |_| {});
}

fn refusal(text: &Text<'_>, a: &mut Array<'_>) {
    a.object(|o| {
        o.field(TYPE, "refusal");
        o.field("refusal", text);
    });
}

fn image_source(image: &Image<'_>, path: &str, o: &mut Object<'_>) -> Result<(), Error> {
    o.field(TYPE, "input_image");
    match &image.source {
        Source::Url(url) => o.field("image_url", url),
        Source::Base64 { data } => {
            let media_type = image.media_type.as_ref();
            write_data_uri(media_type, "image/png", data, o.key("image_url"));
        }
        _ => return Err(Error::unsupported(path.to_owned())),
    }
    let detail = image.detail.clone();
    o.field("detail", detail.unwrap_or_else(|| "auto".into()));
    Ok(())
}

fn document_source(document: &Document<'_>, path: &str, o: &mut Object<'_>) -> Result<(), Error> {
    o.field(TYPE, "input_file");
    match &document.source {
        Source::Url(url) => {
            o.field("file_url", url);
            o.optional("filename", document.title.as_ref());
        }
        Source::Base64 { data } => {
            let title = document.title.clone();
            o.field("filename", title.unwrap_or_else(|| "document.pdf".into()));
            let media_type = document.media_type.as_ref();
            write_data_uri(media_type, "application/pdf", data, o.key("file_data"));
        }
        _ => return Err(Error::unsupported(path.to_owned())),
    }
    Ok(())
}

fn cache_of<'r, 'a>(part: &'r Part<'a>) -> Option<&'r Cache<'a>> {
    match part {
        Part::Text { cache, .. }
        | Part::Image(Image { cache, .. })
        | Part::Document(Document { cache, .. }) => cache.as_ref(),
        _ => None,
    }
}

/// All of a part, as a caller of this API spelled it.
fn whole<'a>(extra: &Extra<'a>) -> Option<Raw<'a>> {
    let mut members = extra.iter();
    members
        .find(|member| member.key == WHOLE)
        .map(|member| member.value)
}
