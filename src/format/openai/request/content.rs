//! What a message contains: text, or a list of parts.

use crate::{
    format::common::media::{address, file_data},
    ir::{Audio, Cache, Document, Error, Extra, Image, Part, Policy, Source},
    json::{Early, Kind, Raw, Text},
};

use super::{super::wire, bad, path::Path, policy, unreadable};

/// Reads the `content` of the message at `path`.
pub(super) fn decode<'a>(
    content: Option<wire::Content<'a>>,
    path: Path<'_>,
) -> Result<Vec<Part<'a>>, Error> {
    let Some(content) = content else {
        return Ok(Vec::new());
    };
    let raw = content.raw();
    match raw.kind() {
        Kind::String => Ok(raw.text().map(Part::text).into_iter().collect()),
        Kind::Array => parts(content, path.member("content")),
        _ => Err(bad(
            path.member("content"),
            "expected a string or a list of parts",
        )),
    }
}

fn parts<'a>(content: wire::Content<'a>, path: Path<'_>) -> Result<Vec<Part<'a>>, Error> {
    let raw = content.raw();
    let read = |element: Early<'a, wire::Part<'a>>| Ok((element.raw(), element.read()?));
    let parts = content
        .read()
        .and_then(|list| list.into_iter().map(read).collect());
    let parts: Vec<_> = parts.map_err(|error| locate(raw, path, &error))?;
    let parts = parts.into_iter().enumerate();
    parts
        .map(|(index, (raw, wire))| part(wire, raw, path.element(index)))
        .collect()
}

fn locate(list: Raw<'_>, path: Path<'_>, error: &crate::json::ReadError) -> Error {
    let elements: Vec<Raw<'_>> = list.parse().unwrap_or_default();
    let broken = elements.iter().enumerate().find_map(|(index, element)| {
        let error = element.parse::<wire::Part<'_>>().err()?;
        Some(unreadable(path.element(index), &error))
    });
    broken.unwrap_or_else(|| unreadable(path, error))
}

fn part<'a>(mut wire: wire::Part<'a>, raw: Raw<'a>, path: Path<'_>) -> Result<Part<'a>, Error> {
    wire.extra.judge(policy::unless_null);
    let cache = cache(wire.prompt_cache_breakpoint, &mut wire.extra);
    let kind = wire.kind.take().unwrap_or_else(|| Text::from("text"));
    match &*kind.decode() {
        "text" | "input_text" | "output_text" => {
            let text = wire::text(wire.text)
                .ok_or_else(|| bad(path.member("text"), "expected a string"))?;
            Ok(Part::Text {
                text,
                citations: Vec::new(),
                cache,
                extra: wire.extra,
            })
        }
        "refusal" => {
            let refusal = wire::text(wire.refusal)
                .ok_or_else(|| bad(path.member("refusal"), "expected a string"))?;
            Ok(Part::Refusal(refusal))
        }
        "image_url" => image(wire.image_url, cache, wire.extra, path.member("image_url")),
        "file" => file(wire.file, cache, wire.extra, path.member("file")),
        "input_audio" => audio(wire.input_audio, wire.extra, path.member("input_audio")),
        // Film and what comes tomorrow: leaving it out would change the question.
        _ => Ok(Part::Native {
            value: raw,
            policy: Policy::Reject,
            kind: kind.clone(),
        }),
    }
}

fn cache<'a>(raw: Option<Raw<'a>>, extra: &mut Extra<'a>) -> Option<Cache<'a>> {
    let raw = raw?;
    extra.push_with("prompt_cache_breakpoint".into(), raw, Policy::Silent);
    let wire: wire::CacheBreakpoint<'a> = raw.parse().unwrap_or_default();
    Some(Cache { ttl: wire.ttl })
}

/// An image, or a document that somebody sends as one. Kept as it was spelled for servers of this API.
fn image<'a>(
    raw: Option<Raw<'a>>,
    cache: Option<Cache<'a>>,
    mut extra: Extra<'a>,
    path: Path<'_>,
) -> Result<Part<'a>, Error> {
    let raw = raw.ok_or_else(|| bad(path, "expected an address"))?;
    extra.push_with("image_url".into(), raw, Policy::Silent);
    let wire = match raw.kind() {
        Kind::String => wire::ImageUrl {
            url: Some(raw),
            ..wire::ImageUrl::default()
        },
        _ => raw.parse().map_err(|error| unreadable(path, &error))?,
    };
    let url = wire
        .url
        .filter(|url| url.kind() == Kind::String)
        .ok_or_else(|| bad(path.member("url"), "expected an address"))?;
    let (source, media_type) = address(url);
    if media_type
        .as_ref()
        .is_some_and(|kind| kind == "application/pdf")
    {
        return Ok(Part::Document(Document {
            media_type,
            cache,
            extra,
            ..Document::new(source)
        }));
    }
    Ok(Part::Image(Image {
        media_type,
        detail: wire.detail,
        cache,
        extra,
        ..Image::new(source)
    }))
}

fn file<'a>(
    raw: Option<Raw<'a>>,
    cache: Option<Cache<'a>>,
    mut extra: Extra<'a>,
    path: Path<'_>,
) -> Result<Part<'a>, Error> {
    let raw = raw.ok_or_else(|| bad(path, "expected a file"))?;
    extra.push_with("file".into(), raw, Policy::Silent);
    let wire: wire::File<'a> = raw.parse().map_err(|error| unreadable(path, &error))?;
    let (source, media_type) = match (wire.data, wire.id) {
        (Some(data), _) if data.kind() != Kind::String => {
            return Err(bad(path.member("file_data"), "expected a string"));
        }
        (Some(data), _) => file_data(data),
        (None, Some(id)) => (Source::File(id), None),
        (None, None) => return Err(bad(path, "expected file_data or file_id")),
    };
    Ok(Part::Document(Document {
        title: wire.name,
        media_type,
        cache,
        extra,
        ..Document::new(source)
    }))
}

/// A recording. Kept as it was spelled for servers of this API.
fn audio<'a>(
    raw: Option<Raw<'a>>,
    mut extra: Extra<'a>,
    path: Path<'_>,
) -> Result<Part<'a>, Error> {
    let raw = raw.ok_or_else(|| bad(path, "expected a recording"))?;
    extra.push_with("input_audio".into(), raw, Policy::Silent);
    let wire: wire::InputAudio<'a> = raw.parse().map_err(|error| unreadable(path, &error))?;
    let format = wire
        .format
        .ok_or_else(|| bad(path.member("format"), "expected wav or mp3"))?;
    Ok(Part::Audio(Audio {
        data: wire
            .data
            .ok_or_else(|| bad(path.member("data"), "expected a recording in base64"))?,
        media_type: format!("audio/{}", format.decode()).into(),
        extra,
    }))
}

/// The text of a `content` that came from a server: a string, or parts of which only the texts matter.
pub(in crate::format::openai) fn text_of<'a>(
    content: Option<wire::Content<'a>>,
    mut each: impl FnMut(Piece<'a>),
) {
    let Some(content) = content else { return };
    if let Some(text) = content.raw().text() {
        each(Piece::Text(text));
        return;
    }
    // One that can't be read costs all of them.
    let parts = content.read().unwrap_or_default().into_iter();
    let parts: Result<Vec<_>, _> = parts.map(Early::read).collect();
    for part in parts.unwrap_or_default() {
        each_piece(&part, &mut each);
    }
}

/// A piece of what a server says.
pub(in crate::format::openai) enum Piece<'a> {
    /// Text.
    Text(Text<'a>),
    /// Thoughts.
    Thought(Text<'a>),
    /// The text of a refusal.
    Refusal(Text<'a>),
}

fn each_piece<'a>(part: &wire::Part<'a>, each: &mut impl FnMut(Piece<'a>)) {
    if let Some(text) = wire::some_text(part.text) {
        each(Piece::Text(text));
    } else if let Some(refusal) = wire::some_text(part.refusal) {
        each(Piece::Refusal(refusal));
    } else if let Some(thinking) = part.thinking {
        if let Some(text) = thinking.text() {
            each(Piece::Thought(text));
        }
        let thoughts: Vec<wire::Part<'a>> = thinking.parse().unwrap_or_default();
        for text in thoughts
            .into_iter()
            .filter_map(|part| wire::some_text(part.text))
        {
            each(Piece::Thought(text));
        }
    }
}
