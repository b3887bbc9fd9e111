//! Texts, images, documents and recordings: what the API takes, and how they are written.

use crate::{
    format::{
        common::data_uri::{encode, normal},
        gemini::media::is_stored,
    },
    ir::{Document, Error, Image, Part, Source},
    json::{Object, Text},
};

/// First characters in base64 of the files that are images.
const MAGIC: &[(&str, &str)] = &[
    ("/9j/", "image/jpeg"),
    ("iVBORw0KGgo", "image/png"),
    ("R0lGOD", "image/gif"),
    ("UklGR", "image/webp"),
];

const PDF: &str = "application/pdf";

/// Refuses an image that the API does not take: drawings, and what somebody would have to fetch.
pub(super) fn check_image(image: &Image<'_>, path: impl FnOnce() -> String) -> Result<(), Error> {
    let is_taken = match &image.source {
        Source::Base64 { data } => {
            let media_type = image_type(image, data);
            media_type.starts_with("image/") && !media_type.starts_with("image/svg")
        }
        Source::Url(url) => is_stored(&url.decode()),
        _ => false,
    };
    if is_taken {
        return Ok(());
    }
    Err(Error::unsupported(path()))
}

/// Refuses a document that the API can't have.
pub(super) fn check_document(
    document: &Document<'_>,
    path: impl FnOnce() -> String,
) -> Result<(), Error> {
    match &document.source {
        Source::Base64 { .. } | Source::Text(_) => Ok(()),
        Source::Url(url) if is_stored(&url.decode()) => Ok(()),
        _ => Err(Error::unsupported(path())),
    }
}

/// Whether a text has a title, for which the API has no place but the text.
pub(super) fn is_titled(document: &Document<'_>) -> bool {
    let is_text = matches!(document.source, Source::Text(_));
    is_text
        && document
            .title
            .as_ref()
            .is_some_and(|title| !title.is_empty())
}

fn image_type(image: &Image<'_>, data: &Text<'_>) -> String {
    if let Some(media_type) = &image.media_type {
        return match media_type.decode().to_ascii_lowercase() {
            alias if alias == "image/jpg" => "image/jpeg".to_owned(),
            media_type => media_type,
        };
    }
    let data = data.decode();
    let known = MAGIC.iter().find(|(magic, _)| data.starts_with(magic));
    known.map_or("", |(_, media_type)| media_type).to_owned()
}

/// Writes the members of a part that was found to be taken.
pub(super) fn part(part: &Part<'_>, o: &mut Object<'_>) {
    match part {
        Part::Text { text, .. } | Part::Refusal(text) => o.field("text", text),
        Part::Image(image) => match &image.source {
            Source::Base64 { data } => blob(&image_type(image, data), data, o),
            source => file(image.media_type.as_ref(), source, o),
        },
        Part::Document(document) => match &document.source {
            Source::Base64 { data } => {
                let media_type = document.media_type.as_ref().map(Text::decode);
                blob(&media_type.unwrap_or(PDF.into()), data, o);
            }
            Source::Text(text) if is_titled(document) => {
                let title = document.title.as_ref().map(Text::decode);
                let text = format!("{}\n\n{}", title.unwrap_or_default(), text.decode());
                blob("text/plain", &encode(text.as_bytes()).into(), o);
            }
            Source::Text(text) => {
                let data = encode(text.decode().as_bytes());
                let media_type = document.media_type.as_ref().map(Text::decode);
                let media_type = media_type.filter(|word| word.starts_with("text/"));
                blob(&media_type.unwrap_or("text/plain".into()), &data.into(), o);
            }
            source => file(document.media_type.as_ref(), source, o),
        },
        Part::Audio(audio) => blob(&audio.media_type.decode(), &audio.data, o),
        _ => {}
    }
}

fn blob(media_type: &str, data: &Text<'_>, o: &mut Object<'_>) {
    o.object("inlineData", |o| {
        o.field("mimeType", media_type);
        let characters = data.decode();
        match normal(&characters) {
            std::borrow::Cow::Borrowed(_) => o.field("data", data),
            std::borrow::Cow::Owned(normal) => o.field("data", normal),
        }
    });
}

fn file(media_type: Option<&Text<'_>>, source: &Source<'_>, o: &mut Object<'_>) {
    o.object("fileData", |o| {
        o.optional("mimeType", media_type);
        if let Source::Url(uri) | Source::File(uri) = source {
            o.field("fileUri", uri);
        }
    });
}
