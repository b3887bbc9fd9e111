//! Parts, written: one value each.

use std::borrow::Cow;

use bytes::BytesMut;

use crate::{
    format::{
        common::{data_uri, freeform, names::hash},
        gemini::ID,
    },
    ir::{Extra, Image, Reasoning, Seal, SealPlace, Source, ToolCall},
    json::{self, Object, Text},
};

/// What stands beside the content of a part.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::format::gemini) struct Beside<'p, 'a> {
    pub(in crate::format::gemini) signature: Option<&'p str>,
    /// Native members.
    pub(in crate::format::gemini) extra: Option<&'p Extra<'a>>,
}

impl Beside<'_, '_> {
    fn write(self, o: &mut Object<'_>) {
        o.optional("thoughtSignature", self.signature);
        if let Some(extra) = self.extra {
            extra.write(o);
        }
    }
}

/// A seal as a caller of this API carries it. A foreign one is in base64, as all signatures are here; one that nobody
/// claims is none.
pub(in crate::format::gemini) fn signature<'s>(
    seal: &'s Seal<'_>,
    redacted: bool,
) -> Option<Cow<'s, str>> {
    if seal.is_of(ID) {
        return Some(seal.data.decode());
    }
    let carrier = seal.carrier(redacted)?;
    Some(data_uri::encode(carrier.as_bytes()).into())
}

/// Whether a thought is only a signature on something else.
pub(in crate::format::gemini) fn marks(thought: &Reasoning<'_>, place: SealPlace) -> bool {
    let seal = thought.seal.as_ref();
    thought.text.is_empty() && seal.is_some_and(|seal| seal.is_of(ID) && seal.place == place)
}

pub(in crate::format::gemini) fn text(text: &Text<'_>, beside: Beside<'_, '_>, out: &mut BytesMut) {
    json::object(out, |o| {
        o.field("text", text);
        beside.write(o);
    });
}

pub(in crate::format::gemini) fn thought(
    text: &Text<'_>,
    beside: Beside<'_, '_>,
    out: &mut BytesMut,
) {
    json::object(out, |o| {
        o.field("text", text);
        o.field("thought", true);
        beside.write(o);
    });
}

/// A signature without a thought, on a part of its own.
pub(in crate::format::gemini) fn lone_signature(
    seal: &Seal<'_>,
    signature: &str,
    out: &mut BytesMut,
) {
    let beside = Beside {
        signature: Some(signature),
        extra: None,
    };
    match seal.place {
        SealPlace::Thought => thought(&Text::default(), beside, out),
        SealPlace::Call | SealPlace::Text => text(&Text::default(), beside, out),
    }
}

/// A call. Tells whether its arguments had to be made an object.
pub(in crate::format::gemini) fn call(
    call: &ToolCall<'_>,
    id: Option<&str>,
    beside: Beside<'_, '_>,
    out: &mut BytesMut,
) -> bool {
    json::object(out, |o| {
        let mended = o.object("functionCall", |o| {
            o.optional("id", id);
            o.field("name", &call.name);
            freeform::write_arguments(call, o.key("args"))
        });
        beside.write(o);
        mended
    })
}

/// Whether this API has a word for where an image is. Clients insist on base64 of a possible length.
pub(in crate::format::gemini) fn can_show(image: &Image<'_>) -> bool {
    match &image.source {
        Source::Base64 { data } => {
            let data = data.decode();
            data_uri::normal(&data).trim_end_matches('=').len() % 4 != 1
        }
        Source::Url(_) => true,
        _ => false,
    }
}

/// Writes an image; its native members only if they are of this API.
pub(in crate::format::gemini) fn image(
    image: &Image<'_>,
    own: bool,
    beside: Beside<'_, '_>,
    out: &mut BytesMut,
) {
    let media_type = image.media_type.as_ref();
    json::object(out, |o| {
        match &image.source {
            Source::Base64 { data } => o.object("inlineData", |o| {
                o.field("mimeType", media_type.unwrap_or(&"image/png".into()));
                o.field("data", &*data_uri::normal(&data.decode()));
                if own {
                    image.extra.write(o);
                }
            }),
            Source::Url(url) => o.object("fileData", |o| {
                o.optional("mimeType", media_type);
                o.field("fileUri", url);
            }),
            _ => {}
        }
        beside.write(o);
    });
}

/// An id for a call that the provider gave none.
pub(in crate::format::gemini) fn minted_call_id(nonce: u64, choice: usize, index: usize) -> String {
    format!("call_{}", hash(&format!("{nonce}/{choice}/{index}"), 24))
}

/// An id for an answer that the provider gave none.
pub(in crate::format::gemini) fn minted_id(nonce: u64) -> String {
    hash(&nonce.to_string(), 22)
}
