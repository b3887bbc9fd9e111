//! Images and documents: what the API takes, and how they are written.

use std::borrow::Cow;

use crate::{
    format::anthropic::ID,
    ir::{Document, Error, Image, Source},
    json::{Object, Text},
};

/// Media types of images that the API takes.
const IMAGES: &[&str] = &["image/jpeg", "image/png", "image/gif", "image/webp"];

/// First characters in base64 of the files that the API takes as images.
const MAGIC: &[(&str, &str)] = &[
    ("/9j/", "image/jpeg"),
    ("iVBORw0KGgo", "image/png"),
    ("R0lGOD", "image/gif"),
    ("UklGR", "image/webp"),
];

const PDF: &str = "application/pdf";

/// Refuses an image that the API does not take. `own` tells that it came from a caller of this API.
pub(super) fn check_image(image: &Image<'_>, own: bool, path: &str) -> Result<(), Error> {
    match &image.source {
        _ if own => Ok(()),
        Source::Url(_) => Ok(()),
        Source::Base64 { data } if IMAGES.contains(&&*image_type(image, data)) => Ok(()),
        _ => Err(Error::unsupported(path.to_owned())),
    }
}

/// Refuses a document that the API does not take.
pub(super) fn check_document(document: &Document<'_>, own: bool, path: &str) -> Result<(), Error> {
    let is_pdf = || {
        document
            .media_type
            .as_ref()
            .is_none_or(|media_type| *media_type == PDF)
    };
    match &document.source {
        _ if own => Ok(()),
        Source::Url(_) | Source::Text(_) => Ok(()),
        Source::Base64 { .. } if is_pdf() => Ok(()),
        _ => Err(Error::unsupported(path.to_owned())),
    }
}

fn image_type<'r>(image: &'r Image<'_>, data: &Text<'_>) -> Cow<'r, str> {
    if let Some(media_type) = &image.media_type {
        return match media_type.decode() {
            alias if alias == "image/jpg" => "image/jpeg".into(),
            media_type => media_type,
        };
    }
    let data = data.decode();
    let known = MAGIC.iter().find(|(magic, _)| data.starts_with(magic));
    known.map_or("", |(_, media_type)| media_type).into()
}

/// Writes the members of an image.
pub(super) fn image(image: &Image<'_>, o: &mut Object<'_>) {
    o.field("type", "image");
    match &image.source {
        Source::Base64 { data } => base64(&image_type(image, data), data, o),
        source => other_source(source, o),
    }
}

/// Writes the members of a document. One of this API may bring its own.
pub(super) fn document(document: &Document<'_>, own: bool, o: &mut Object<'_>) {
    let brings = |key: &str| own && document.extra.iter().any(|member| member.key == key);
    if !brings("type") {
        o.field("type", "document");
    }
    if !brings("source") {
        match &document.source {
            Source::Base64 { data } => {
                let media_type = document.media_type.as_ref().map(Text::decode);
                base64(&media_type.unwrap_or(PDF.into()), data, o);
            }
            source => other_source(source, o),
        }
    }
    o.optional("title", document.title.as_ref());
    if own {
        document.extra.write(o);
    }
}

fn base64(media_type: &str, data: &Text<'_>, o: &mut Object<'_>) {
    o.object("source", |o| {
        o.field("type", "base64");
        o.field("media_type", media_type);
        match canonical(data) {
            Some(canonical) => o.field("data", canonical),
            None => o.field("data", data),
        }
    });
}

fn other_source(source: &Source<'_>, o: &mut Object<'_>) {
    match source {
        Source::Native(raw) => o.field("source", *raw),
        Source::Url(url) => o.object("source", |o| {
            o.field("type", "url");
            o.field("url", url);
        }),
        Source::File(id) => o.object("source", |o| {
            o.field("type", "file");
            o.field("file_id", id);
        }),
        Source::Text(text) => o.object("source", |o| {
            o.field("type", "text");
            o.field("media_type", "text/plain");
            o.field("data", text);
        }),
        Source::Base64 { data } => base64("", data, o),
    }
}

/// Base64 in the standard alphabet, padded, without white space; `None` if it is so already.
fn canonical(data: &Text<'_>) -> Option<String> {
    let data = data.decode();
    if is_canonical(data.as_bytes()) {
        return None;
    }
    let mut canonical = String::with_capacity(data.len() + 3);
    canonical.extend(
        data.chars()
            .filter(|character| !character.is_whitespace() && *character != '=')
            .map(|character| match character {
                '-' => '+',
                '_' => '/',
                character => character,
            }),
    );
    while !canonical.len().is_multiple_of(4) {
        canonical.push('=');
    }
    Some(canonical)
}

/// Files are megabytes, and nearly always in order: many bytes are looked at as one, without a branch for each.
fn is_canonical(data: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(*byte, b'+' | b'/' | b'=');
    data.len().is_multiple_of(4)
        && data.chunks(64).all(|chunk| {
            let plain = chunk.iter().map(is_plain);
            plain.fold(true, |all, plain| all & plain)
        })
}

/// Whether parts of a request in this format are the API's own.
pub(super) fn is_own(format: &str) -> bool {
    format == ID
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_brought_into_the_one_form_that_is_taken() {
        for (data, expected) in [
            ("AAAA", None),
            ("AA==", None),
            ("AA", Some("AA==")),
            ("-_8=", Some("+/8=")),
            ("AA\nAA", Some("AAAA")),
            (&"AAAA".repeat(40), None),
            (
                &format!("{}-AAA", "A".repeat(160)),
                Some(&*format!("{}+AAA", "A".repeat(160))),
            ),
        ] {
            assert_eq!(canonical(&data.into()).as_deref(), expected, "{data}");
        }
    }

    #[test]
    fn an_image_without_a_type_is_told_by_its_first_bytes() {
        let data = Text::from("iVBORw0KGgoAAA");
        let image = Image::new(Source::Base64 { data: data.clone() });
        assert_eq!(image_type(&image, &data), "image/png");
    }
}
