//! What a message contains, for a provider.

use std::borrow::Cow;

use crate::{
    format::common::{data_uri, media::write_data_uri},
    ir::{Audio, Document, Error, Extra, Image, Part, Source, ToolResult},
    json::{Array, Object, Text},
};

use super::{cache, encode::Writer, message::ROLE, normalise, write_message::Parts};

/// Stands in a tool's result for what the next message shows.
const PLACEHOLDER: &str = "[see the next user message]";

impl Writer<'_> {
    /// Writes the `content` of a message: one plain text as a string, anything else as a list of parts.
    pub(super) fn content(
        &mut self,
        mut parts: Parts<'_, '_>,
        path: &str,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        if !self.own {
            self.lose_parts(&mut parts, path)?;
        }
        match parts.as_slice() {
            [] => o.field("content", ""),
            [
                (
                    _,
                    Part::Text {
                        text, extra, cache, ..
                    },
                ),
            ] if !self.marks(cache.as_ref())
                && (!self.own || own_members(extra).next().is_none()) =>
            {
                o.field("content", text);
            }
            parts => o.array("content", |a| {
                parts
                    .iter()
                    .try_for_each(|(index, part)| self.part(part, &format!("{path}[{index}]"), a))
            })?,
        }
        Ok(())
    }

    /// Reports what can't be said of another format's parts, and takes out the parts that can't be said at all.
    fn lose_parts(&mut self, parts: &mut Parts<'_, '_>, path: &str) -> Result<(), Error> {
        for (index, part) in parts.iter() {
            let path = || format!("{path}[{index}]");
            match part {
                Part::Text {
                    citations, extra, ..
                } => {
                    if !extra.is_empty() {
                        self.foreign(&path(), extra)?;
                    }
                    if !citations.is_empty() {
                        let path = format!("{}.citations", path());
                        self.exchange
                            .losses
                            .dropped(path, "the target takes none in a request")?;
                    }
                }
                Part::Native { policy, .. } => self.unsayable(path(), *policy)?,
                _ => {}
            }
        }
        parts.retain(|(_, part)| !matches!(part, Part::Native { .. }));
        Ok(())
    }

    /// Writes one part of a list.
    pub(super) fn part(
        &mut self,
        part: &Part<'_>,
        path: &str,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        match part {
            Part::Text {
                text, extra, cache, ..
            } => {
                a.object(|o| {
                    o.field("type", "text");
                    o.field("text", text);
                    self.part_members(extra, o);
                    self.mark(cache.as_ref(), o);
                });
                Ok(())
            }
            Part::Image(image) => self.image(image, path, a),
            Part::Document(document) => self.document(document, path, a),
            Part::Audio(audio) => self.audio(audio, path, a),
            Part::Native { value, .. } => {
                a.value(value);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn audio(&mut self, audio: &Audio<'_>, path: &str, a: &mut Array<'_>) -> Result<(), Error> {
        if self.own {
            kept("input_audio", &audio.extra, a);
            return Ok(());
        }
        self.foreign(path, &audio.extra)?;
        let format = audio_format(&audio.media_type.decode())
            .ok_or_else(|| Error::unsupported(path.to_owned()))?;
        a.object(|o| {
            o.field("type", "input_audio");
            o.object("input_audio", |o| {
                match data_uri::normal(&audio.data.decode()) {
                    Cow::Borrowed(_) => o.field("data", &audio.data),
                    Cow::Owned(data) => o.field("data", data),
                }
                o.field("format", format);
            });
        });
        Ok(())
    }

    fn part_members(&self, extra: &Extra<'_>, o: &mut Object<'_>) {
        if self.own {
            own_members(extra).for_each(|member| o.field(&member.key, member.value));
        }
    }

    fn image(&mut self, image: &Image<'_>, path: &str, a: &mut Array<'_>) -> Result<(), Error> {
        if self.own {
            kept("image_url", &image.extra, a);
            return Ok(());
        }
        self.foreign(path, &image.extra)?;
        let unsupported = || Error::unsupported(path.to_owned());
        a.object(|o| {
            o.field("type", "image_url");
            o.object("image_url", |o| {
                match &image.source {
                    Source::Url(url) => o.field("url", url),
                    Source::Base64 { data } => {
                        write_data_uri(image.media_type.as_ref(), "image/png", data, o.key("url"));
                    }
                    _ => return Err(unsupported()),
                }
                o.optional("detail", image.detail.as_ref());
                Ok(())
            })?;
            self.mark(image.cache.as_ref(), o);
            Ok(())
        })
    }

    fn document(
        &mut self,
        document: &Document<'_>,
        path: &str,
        a: &mut Array<'_>,
    ) -> Result<(), Error> {
        if self.own {
            let is_image = document
                .extra
                .iter()
                .any(|member| member.key == "image_url");
            kept(
                if is_image { "image_url" } else { "file" },
                &document.extra,
                a,
            );
            return Ok(());
        }
        self.foreign(path, &document.extra)?;
        match &document.source {
            Source::Base64 { data } => a.object(|o| {
                o.field("type", "file");
                o.object("file", |o| {
                    let title = document.title.clone();
                    o.field("filename", title.unwrap_or_else(|| "document.pdf".into()));
                    let media_type = document.media_type.as_ref();
                    write_data_uri(media_type, "application/pdf", data, o.key("file_data"));
                });
                self.mark(document.cache.as_ref(), o);
            }),
            Source::Text(text) => {
                let text = self.document_text(document.title.as_ref(), text, path)?;
                a.object(|o| {
                    o.field("type", "text");
                    o.field("text", text);
                    self.mark(document.cache.as_ref(), o);
                });
            }
            _ => return Err(Error::unsupported(path.to_owned())),
        }
        Ok(())
    }

    fn document_text(
        &mut self,
        title: Option<&Text<'_>>,
        text: &Text<'_>,
        path: &str,
    ) -> Result<String, Error> {
        let losses = &mut self.exchange.losses;
        losses.emulated(path.to_owned(), "a text document is sent as text")?;
        let title = title.filter(|title| !title.is_empty());
        Ok(match title {
            Some(title) => format!("{}\n\n{}", title.decode(), text.decode()),
            None => text.decode().into_owned(),
        })
    }

    /// Writes the `content` of a tool's result, which can only be text.
    pub(super) fn result_content(
        &mut self,
        result: &ToolResult<'_>,
        path: &str,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        let has_members = |part: &Part<'_>| matches!(part, Part::Text { extra, .. } if own_members(extra).next().is_some());
        let texts_only = result
            .content
            .iter()
            .all(|part| matches!(part, Part::Text { .. }));
        match result.content.as_slice() {
            [Part::Text { text, extra, .. }]
                if !result.is_error
                    && !self.marks(cache::of_result(result))
                    && own_members(extra).next().is_none() =>
            {
                o.field("content", text);
                return Ok(());
            }
            parts
                if self.own && texts_only && (parts.len() > 1 || parts.iter().any(has_members)) =>
            {
                return o.array("content", |a| {
                    parts.iter().try_for_each(|part| self.part(part, path, a))
                });
            }
            _ => {}
        }
        let mut all = String::new();
        for (index, part) in result.content.iter().enumerate() {
            self.result_text(part, &format!("{path}.content[{index}]"), &mut all)?;
        }
        if result.is_error && !all.starts_with(ERROR) {
            all.insert_str(0, ERROR);
        }
        let mark = cache::of_result(result);
        if !self.marks(mark) {
            o.field("content", all);
            return Ok(());
        }
        o.array("content", |a| {
            a.object(|o| {
                o.field("type", "text");
                o.field("text", all);
                self.mark(mark, o);
            });
        });
        Ok(())
    }

    fn result_text(&mut self, part: &Part<'_>, path: &str, all: &mut String) -> Result<(), Error> {
        let text = match part {
            Part::Text { text, extra, .. } => {
                self.foreign(path, extra)?;
                text.decode()
            }
            Part::Document(Document {
                source: Source::Text(text),
                title,
                extra,
                ..
            }) => {
                self.foreign(path, extra)?;
                self.document_text(title.as_ref(), text, path)?.into()
            }
            part if normalise::is_shown(part) => PLACEHOLDER.into(),
            Part::Native { policy, .. } => {
                self.unsayable(path.to_owned(), *policy)?;
                return Ok(());
            }
            _ => return Ok(()),
        };
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(&text);
        Ok(())
    }
}

/// Marks a tool's failure, for which this API has no member.
const ERROR: &str = "Error: ";

/// The word for a media type, if the API takes it.
fn audio_format(media_type: &str) -> Option<&'static str> {
    let (essence, _) = media_type.split_once(';').unwrap_or((media_type, ""));
    match &*essence.trim().to_ascii_lowercase() {
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => Some("wav"),
        "audio/mp3" | "audio/mpeg" => Some("mp3"),
        _ => None,
    }
}

/// A part's own members, without those of its message that are kept behind them.
fn own_members<'r, 'a>(extra: &'r Extra<'a>) -> impl Iterator<Item = &'r crate::ir::Member<'a>> {
    extra.iter().take_while(|member| member.key != ROLE)
}

/// Writes a part whose members were all kept.
fn kept(kind: &str, extra: &Extra<'_>, a: &mut Array<'_>) {
    a.object(|o| {
        o.field("type", kind);
        extra.write(o);
    });
}
