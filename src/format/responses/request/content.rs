//! What a message or a call's output contains: text, or a list of parts.

use crate::{
    format::{
        common::{
            media::{address, file_data},
            path::Path,
        },
        responses::wire::{
            self,
            items::{Annotation, CacheBreakpoint, ImageUrl, Part as Wire},
        },
    },
    ir::{Audio, Cache, Citation, Document, Error, Extra, Image, Part, Policy, Source},
    json::{Kind, Raw, Text},
};

use super::{
    items::{TYPE, keep},
    policy,
};

/// Marks a tool's failure, for which this API has no member.
pub(super) const ERROR: &str = "Error: ";
/// The member that keeps all of a part.
pub(super) const WHOLE: &str = "part";

/// Reads the `content` of a message. A part of a list keeps its type, so that a list can be told from a string.
pub(super) fn decode<'a>(raw: Option<Raw<'a>>, path: &Path<'_>) -> Result<Vec<Part<'a>>, Error> {
    let Some(raw) = raw else {
        return Ok(Vec::new());
    };
    if let Some(text) = raw.text() {
        return Ok(vec![Part::text(text)]);
    }
    let parts = path.elements(raw)?.into_iter().enumerate();
    parts
        .map(|(index, raw)| part(raw, &path.element(index)))
        .collect()
}

/// Reads a call's output, and tells whether it begins as that of a failure; the mark is taken off.
pub(super) fn output<'a>(raw: Raw<'a>, path: &Path<'_>) -> Result<(Vec<Part<'a>>, bool), Error> {
    let mut parts = decode(Some(raw), path)?;
    let is_error = match parts.first_mut() {
        Some(Part::Text { text, .. }) => unmark(text),
        _ => false,
    };
    parts.retain(|part| !matches!(part, Part::Text { text, .. } if text.is_empty()));
    Ok((parts, is_error))
}

fn unmark(text: &mut Text<'_>) -> bool {
    if !text.starts_with(ERROR) {
        return false;
    }
    let rest = text.decode().strip_prefix(ERROR).map(str::to_owned);
    let is_error = rest.is_some();
    if let Some(rest) = rest {
        *text = rest.into();
    }
    is_error
}

fn part<'a>(raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let mut wire: Wire<'a> = path.read(raw)?;
    wire.extra.judge(policy::of_part);
    let kind = match wire.kind {
        Some(kind) => path.member(TYPE).read(kind)?,
        None => Text::from("input_text"),
    };
    match &*kind.decode() {
        "input_text" | "output_text" | "text" => text(wire, path),
        "refusal" => {
            let refusal = wire.refusal.or(wire.text);
            path.member("refusal").required(refusal).map(Part::Refusal)
        }
        "input_image" | "image_url" => image(wire, raw, path),
        "input_file" => file(wire, raw, path),
        "input_audio" => audio(wire, raw, path),
        // What comes tomorrow: leaving it out would change the question.
        _ => Ok(Part::Native {
            kind: kind.clone(),
            value: raw,
            policy: Policy::Reject,
        }),
    }
}

fn text<'a>(wire: Wire<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let mut extra = wire.extra;
    let members = [
        (TYPE, wire.kind),
        ("annotations", wire.annotations),
        ("prompt_cache_breakpoint", wire.prompt_cache_breakpoint),
    ];
    for (key, value) in members {
        keep(&mut extra, key, value);
    }
    Ok(Part::Text {
        text: path.member("text").required(wire.text)?,
        citations: wire::list(wire.annotations)
            .into_iter()
            .map(citation)
            .collect(),
        cache: cache(wire.prompt_cache_breakpoint),
        extra,
    })
}

/// A source that an earlier answer cites.
fn citation(raw: Raw<'_>) -> Citation<'_> {
    let wire: Annotation<'_> = raw.parse().unwrap_or_default();
    Citation {
        url: wire.url,
        title: wire.title,
        span: wire::count(wire.start_index).zip(wire::count(wire.end_index)),
        native: Some(raw),
        ..Citation::default()
    }
}

fn cache(raw: Option<Raw<'_>>) -> Option<Cache<'_>> {
    let wire: CacheBreakpoint<'_> = raw?.parse().unwrap_or_default();
    Some(Cache { ttl: wire.ttl })
}

/// Images and files are kept as they were spelled for servers of this API.
fn members<'a>(mut extra: Extra<'a>, raw: Raw<'a>) -> Extra<'a> {
    keep(&mut extra, WHOLE, Some(raw));
    extra
}

/// An image, or a document that somebody sends as one.
fn image<'a>(wire: Wire<'a>, raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let cache = cache(wire.prompt_cache_breakpoint);
    let extra = members(wire.extra, raw);
    let place = path.member("image_url");
    let mut detail = wire.detail;
    let (source, media_type) = match (wire.image_url, wire.file_id) {
        (Some(url), _) if url.kind() == Kind::Object => {
            let wire: ImageUrl<'a> = place.read(url)?;
            detail = wire.detail.or(detail);
            address(place.member("url").required(wire.url)?)
        }
        (Some(url), _) if url.kind() == Kind::String => address(url),
        (Some(_), _) => return Err(place.wrong(&"expected an address")),
        (None, Some(id)) => (Source::File(id), None),
        (None, None) => return place.required(None),
    };
    let is_document = |kind: &Text<'_>| *kind == "application/pdf";
    if media_type.as_ref().is_some_and(is_document) {
        return Ok(Part::Document(Document {
            media_type,
            cache,
            extra,
            ..Document::new(source)
        }));
    }
    Ok(Part::Image(Image {
        media_type,
        detail,
        cache,
        extra,
        ..Image::new(source)
    }))
}

/// A file is what its media type says.
fn file<'a>(wire: Wire<'a>, raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let cache = cache(wire.prompt_cache_breakpoint);
    let extra = members(wire.extra, raw);
    let (source, media_type) = match (wire.file_data, wire.file_url, wire.file_id) {
        (Some(data), _, _) if data.kind() == Kind::String => file_data(data),
        (Some(_), _, _) => return Err(path.member("file_data").wrong(&"expected a string")),
        (None, Some(url), _) => (Source::Url(url), None),
        (None, None, Some(id)) => (Source::File(id), None),
        (None, None, None) => {
            return Err(path.wrong(&"expected file_data, file_url or file_id"));
        }
    };
    let is = |class: &str| {
        let kind = media_type.as_ref();
        kind.is_some_and(|kind| kind.decode().starts_with(class))
    };
    match source {
        Source::Base64 { data } if is("audio/") => Ok(Part::Audio(Audio {
            data,
            media_type: media_type.unwrap_or_default(),
            extra,
        })),
        source @ Source::Base64 { .. } if is("image/") => Ok(Part::Image(Image {
            media_type,
            detail: wire.detail,
            cache,
            extra,
            ..Image::new(source)
        })),
        source => Ok(Part::Document(Document {
            media_type,
            title: wire.filename,
            cache,
            extra,
            ..Document::new(source)
        })),
    }
}

fn audio<'a>(wire: Wire<'a>, raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let place = path.member("input_audio");
    let recording = place.required(wire.input_audio)?;
    let format = place.member("format").required(recording.format)?;
    Ok(Part::Audio(Audio {
        data: place.member("data").required(recording.data)?,
        media_type: format!("audio/{}", format.decode()).into(),
        extra: members(wire.extra, raw),
    }))
}
