//! Images, documents and recordings, read.

use crate::{
    format::{
        common::{
            data_uri::{decode_text, normal},
            path::Path,
        },
        gemini::{media, wire::content as wire},
    },
    ir::{Audio, Document, Error, Extra, Image, Part, Policy, Source},
    json::{Raw, Text},
};

/// Reads an `inlineData`. Kept as it was spelled for servers of this API. `whole` is the part.
pub(super) fn inline<'a>(
    raw: Raw<'a>,
    mut extra: Extra<'a>,
    whole: Raw<'a>,
    path: &Path<'_>,
) -> Result<Part<'a>, Error> {
    let path = path.member("inlineData");
    let blob: wire::Blob<'_> = path.read(raw)?;
    let data = path.member("data").required(blob.data)?;
    let media_type = blob.mime_type.unwrap_or_default();
    extra.push_with("inlineData".into(), raw, Policy::Silent);
    let word = media_type.decode().to_ascii_lowercase();
    Ok(match word.split_once('/') {
        Some(("image", _)) => Part::Image(Image {
            media_type: Some(media_type),
            extra,
            ..Image::new(Source::Base64 { data })
        }),
        Some(("audio", _)) => Part::Audio(Audio {
            data,
            media_type,
            extra,
        }),
        Some(("text", _)) => {
            let text = decode_text(&normal(&data.decode()));
            let source = match text {
                Some(text) => Source::Text(text.into()),
                None => Source::Base64 { data },
            };
            document(source, media_type, extra)
        }
        Some(("application", _)) => document(Source::Base64 { data }, media_type, extra),
        _ => native("inlineData", whole),
    })
}

/// Reads a `fileData`. What is in the provider's own stores nobody else can read; other addresses anybody can.
pub(super) fn file<'a>(
    raw: Raw<'a>,
    mut extra: Extra<'a>,
    whole: Raw<'a>,
    path: &Path<'_>,
) -> Result<Part<'a>, Error> {
    let path = path.member("fileData");
    let file: wire::FileData<'_> = path.read(raw)?;
    let uri = path.member("fileUri").required(file.file_uri)?;
    extra.push_with("fileData".into(), raw, Policy::Silent);
    let media_type = match file.mime_type {
        Some(media_type) => media_type,
        None => media::by_ending(&uri.decode()).into(),
    };
    let source = if media::is_stored(&uri.decode()) {
        Source::File(uri)
    } else {
        Source::Url(uri)
    };
    let word = media_type.decode().to_ascii_lowercase();
    Ok(match word.split_once('/') {
        Some(("image", _)) => Part::Image(Image {
            media_type: Some(media_type),
            extra,
            ..Image::new(source)
        }),
        Some(("application" | "text", _)) => document(source, media_type, extra),
        _ => native("fileData", whole),
    })
}

fn document<'a>(source: Source<'a>, media_type: Text<'a>, extra: Extra<'a>) -> Part<'a> {
    Part::Document(Document {
        media_type: Some(media_type),
        extra,
        ..Document::new(source)
    })
}

/// Film, and what has no type: leaving it out would change the question.
fn native<'a>(kind: &'static str, whole: Raw<'a>) -> Part<'a> {
    Part::Native {
        kind: kind.into(),
        value: whole,
        policy: Policy::Reject,
    }
}
