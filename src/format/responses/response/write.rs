//! Items of an answer, written: the same whole and at the end of a stream.

use std::borrow::Cow;

use bytes::BytesMut;

use crate::{
    format::{common::freeform, responses::ID},
    ir::{Arguments, Citation, Exchange, Extra, Image, Seal, Source},
    json::{self, Array, Object, Raw, Text, ToJson, compact},
};

use super::stop::{COMPLETED, INCOMPLETE};

/// How far an item is.
pub(in crate::format::responses) const IN_PROGRESS: &str = "in_progress";

/// The status of an item.
pub(in crate::format::responses) const fn status(complete: bool) -> &'static str {
    if complete { COMPLETED } else { INCOMPLETE }
}

/// Writes a message.
pub(in crate::format::responses) fn message(
    id: &str,
    status: &str,
    o: &mut Object<'_>,
    content: impl FnOnce(&mut Array<'_>),
) {
    o.field("id", id);
    o.field("type", "message");
    o.field("role", "assistant");
    o.field("status", status);
    o.array("content", content);
}

/// Writes a text within a message.
pub(in crate::format::responses) fn output_text(
    text: impl ToJson,
    o: &mut Object<'_>,
    annotations: impl FnOnce(&mut Array<'_>),
    logprobs: impl ToJson,
) {
    o.field("type", "output_text");
    o.field("text", text);
    o.array("annotations", annotations);
    o.field("logprobs", logprobs);
}

/// Writes a refusal within a message.
pub(in crate::format::responses) fn refusal(text: impl ToJson, o: &mut Object<'_>) {
    o.field("type", "refusal");
    o.field("refusal", text);
}

/// Whether a citation can be said: as it was, if it came from this API, or as a web page.
pub(in crate::format::responses) fn is_citable(citation: &Citation<'_>, own: bool) -> bool {
    (own && citation.native.is_some()) || citation.url.is_some()
}

/// Writes a citation of a text that has so many characters.
pub(in crate::format::responses) fn annotation(
    citation: &Citation<'_>,
    length: u64,
    own: bool,
    out: &mut BytesMut,
) {
    if let Some(native) = citation.native.filter(|_| own) {
        return out.extend_from_slice(compact(native).as_bytes());
    }
    let (start, end) = citation.span.unwrap_or((0, length));
    json::object(out, |o| {
        o.field("type", "url_citation");
        o.field("start_index", start);
        o.field("end_index", end);
        o.field("url", citation.url.clone().unwrap_or_default());
        o.field("title", citation.title.clone().unwrap_or_default());
    });
}

/// Writes the summary of a thought.
pub(in crate::format::responses) fn summary(text: &Text<'_>, o: &mut Object<'_>) {
    o.array("summary", |a| {
        if !text.is_empty() {
            a.object(|o| summary_text(text, o));
        }
    });
}

/// Writes the one part of a summary.
pub(in crate::format::responses) fn summary_text(text: impl ToJson, o: &mut Object<'_>) {
    o.field("type", "summary_text");
    o.field("text", text);
}

/// What a function is called with, as a string that holds JSON.
#[derive(Debug, Clone, Copy)]
pub(in crate::format::responses) struct Payload<'p>(
    pub(in crate::format::responses) &'p Arguments<'p>,
);

impl ToJson for Payload<'_> {
    fn write(&self, out: &mut BytesMut) {
        self.0.write_string(out);
    }
}

/// Whether the arguments of a function are all there.
pub(in crate::format::responses) fn is_complete(arguments: &Arguments<'_>) -> bool {
    match arguments {
        Arguments::Text(text) => is_json(&text.decode()),
        Arguments::Json(_) => true,
    }
}

/// Whether text is empty or JSON.
pub(in crate::format::responses) fn is_json(text: &str) -> bool {
    text.is_empty() || Raw::new(text).is_ok()
}

/// A call as it is named on the wire.
#[derive(Debug, Clone)]
#[allow(clippy::struct_field_names, reason = "they are the wire's names")]
pub(in crate::format::responses) struct Call {
    /// The item's id.
    pub(in crate::format::responses) id: String,
    pub(in crate::format::responses) call_id: String,
    pub(in crate::format::responses) name: String,
    pub(in crate::format::responses) namespace: Option<String>,
    /// Whether a custom tool is called.
    pub(in crate::format::responses) custom: bool,
}

impl Call {
    /// The call of the tool that the caller knows by this name.
    pub(in crate::format::responses) fn new(
        exchange: &Exchange,
        name: Cow<'_, str>,
        custom: bool,
    ) -> Self {
        let (namespace, name) = match exchange.namespaces.get(&*name) {
            Some((namespace, name)) => (Some(namespace.clone()), name.clone()),
            None => (None, name.into_owned()),
        };
        Self {
            id: String::new(),
            call_id: String::new(),
            name,
            namespace,
            custom,
        }
    }

    /// What the prefix of the item's id is.
    pub(in crate::format::responses) const fn prefix(&self) -> &'static str {
        if self.custom { "ctc" } else { "fc" }
    }

    /// Writes the item.
    pub(in crate::format::responses) fn write(
        &self,
        payload: impl ToJson,
        status: &str,
        native: Option<&Extra<'_>>,
        o: &mut Object<'_>,
    ) {
        o.field("id", &*self.id);
        let (kind, key) = if self.custom {
            ("custom_tool_call", "input")
        } else {
            ("function_call", "arguments")
        };
        o.field("type", kind);
        o.field("call_id", &*self.call_id);
        o.field("name", &*self.name);
        o.optional("namespace", self.namespace.as_deref());
        o.field(key, payload);
        match native {
            Some(members) => others(members, &["id"], o),
            None => o.field("status", status),
        }
    }
}

/// Whether the provider knows the custom tool of this name as a function.
pub(in crate::format::responses) fn is_wrapped(exchange: &Exchange, name: &str) -> bool {
    freeform::is_freeform(exchange, name)
}

/// Writes members that the item has besides.
pub(in crate::format::responses) fn others(members: &Extra<'_>, but: &[&str], o: &mut Object<'_>) {
    for member in members.iter().filter(|member| !but.contains(&&*member.key)) {
        o.field(&member.key, member.value);
    }
}

/// A seal for the caller to keep as `encrypted_content`: this API's own as it is, if the item has the id it was made
/// for, and a foreign one in its carrier, if the caller wants such. One that nobody claims is no seal.
pub(in crate::format::responses) fn encrypted<'s>(
    seal: &'s Seal<'_>,
    item: &str,
    redacted: bool,
    exchange: &Exchange,
) -> Option<Cow<'s, str>> {
    if seal.is_of(ID) && (seal.id.is_empty() || seal.id == *item) {
        return Some(seal.data.decode());
    }
    let wanted = exchange.include_seals || exchange.provider == ID;
    seal.carrier(redacted).filter(|_| wanted).map(Cow::Owned)
}

/// Writes an image that was made, if it is here.
pub(in crate::format::responses) fn image(
    id: &str,
    image: &Image<'_>,
    own: bool,
    o: &mut Object<'_>,
) {
    o.field("id", id);
    o.field("type", "image_generation_call");
    if let Source::Base64 { data } = &image.source {
        o.field("result", data);
    }
    if own && !image.extra.is_empty() {
        return others(&image.extra, &["id"], o);
    }
    o.field("status", COMPLETED);
    let media_type = image.media_type.as_ref().map(Text::decode);
    let format = media_type
        .as_deref()
        .and_then(|kind| kind.strip_prefix("image/"));
    o.optional("output_format", format);
}
