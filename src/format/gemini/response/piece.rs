//! The parts of an answer, told apart.

use crate::{
    format::gemini::{seals, wire::content},
    ir::{Extra, Image, Part, Policy, Reasoning, SealPlace, Source},
    json::{Kind, Raw, Text},
};

/// A part of an answer, or a piece of one.
#[derive(Debug)]
pub(in crate::format::gemini) enum Piece<'a> {
    Text(Text<'a>, Extra<'a>),
    Thought(Text<'a>, Extra<'a>),
    Call(content::FunctionCall<'a>, Extra<'a>),
    Image(Image<'a>),
    /// Something that only this API has: its name there, and all of it.
    Native(Text<'a>, Raw<'a>),
}

/// The parts within the `content` of a candidate; there may be none.
pub(in crate::format::gemini) fn parts(content: Option<Raw<'_>>) -> Vec<Raw<'_>> {
    let content = content.and_then(|raw| raw.parse::<content::Content<'_>>().ok());
    match content.and_then(|content| content.parts) {
        Some(parts) if parts.kind() == Kind::Array => parts.parse().unwrap_or_default(),
        Some(part) => vec![part],
        None => Vec::new(),
    }
}

/// Tells what a part is, and the signature on it. On what is native it stays where it is.
pub(in crate::format::gemini) fn piece(raw: Raw<'_>) -> (Piece<'_>, Option<Text<'_>>) {
    let Ok(part) = raw.parse::<content::Part<'_>>() else {
        return (Piece::Native(Text::default(), raw), None);
    };
    let signature = part.thought_signature.filter(|seal| !seal.is_empty());
    let is_thought = part.thought == Some(true);
    let is_other = part.function_call.is_some() || part.function_response.is_some();
    if let Some(call) = part.function_call
        && call.name.as_ref().is_some_and(|name| !name.is_empty())
    {
        return (Piece::Call(call, part.extra), signature);
    }
    if let Some(blob) = part.inline_data {
        // Images among the thoughts are drafts.
        return match image(blob).filter(|_| !is_thought) {
            Some(image) => (Piece::Image(image), signature),
            None => (Piece::Native("inlineData".into(), raw), None),
        };
    }
    match part.text {
        Some(text) if is_thought => (Piece::Thought(text, part.extra), signature),
        Some(text) => (Piece::Text(text, part.extra), signature),
        None if signature.is_some()
            && part.extra.is_empty()
            && part.file_data.is_none()
            && !is_other =>
        {
            (Piece::Text(Text::default(), part.extra), signature)
        }
        None => {
            let mut extra = part.extra.iter();
            let kind = extra.next().map(|member| member.key.clone());
            (Piece::Native(kind.unwrap_or_default().into(), raw), None)
        }
    }
}

fn image(blob: Raw<'_>) -> Option<Image<'_>> {
    let blob: content::Blob<'_> = blob.parse().ok()?;
    let media_type = blob.mime_type?;
    if !media_type.decode().starts_with("image/") {
        return None;
    }
    let mut image = Image::new(Source::Base64 { data: blob.data? });
    image.media_type = Some(media_type);
    image.extra = blob.extra;
    Some(image)
}

/// A signature on a tool call, or on what was said: a thought that nobody sees.
pub(in crate::format::gemini) fn mark(signature: Text<'_>, place: SealPlace) -> Reasoning<'_> {
    Reasoning {
        seal: Some(seals::read_on(signature, place)),
        ..Reasoning::default()
    }
}

/// Something that only this API has.
pub(in crate::format::gemini) fn native<'a>(kind: Text<'a>, value: Raw<'a>) -> Part<'a> {
    Part::Native {
        kind,
        value,
        policy: Policy::Drop,
    }
}
