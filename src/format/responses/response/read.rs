//! Items of an answer, read.

use crate::{
    format::{
        common::logprobs,
        responses::{
            seals,
            wire::{
                count,
                items::Annotation,
                list,
                response::{Item, Part as Wire},
                some_text, text,
            },
        },
    },
    ir::{
        Arguments, Citation, Extra, Image, Logprob, Part, Policy, Reasoning, Seal, Source, ToolCall,
    },
    json::{Raw, Text},
};

/// What an item is to the neutral form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format::responses) enum Kind {
    Message,
    Reasoning,
    Function,
    Custom,
    Image,
    /// Something that only this API has.
    Native,
}

impl Kind {
    pub(in crate::format::responses) fn of(item: &Item<'_>) -> Self {
        match text(item.kind).as_ref().map(Text::decode).as_deref() {
            Some(MESSAGE) => Self::Message,
            Some("reasoning") => Self::Reasoning,
            Some("function_call") => Self::Function,
            Some("custom_tool_call") => Self::Custom,
            Some("image_generation_call") => Self::Image,
            _ => Self::Native,
        }
    }
}

/// Under which name the answer keeps its messages.
pub(in crate::format::responses) const MESSAGE: &str = "message";

/// Reads an item as a part, or a message as several.
pub(in crate::format::responses) fn item<'a>(raw: Raw<'a>, parts: &mut Vec<Part<'a>>) -> Kind {
    let item: Item<'a> = raw.parse().unwrap_or_default();
    let kind = Kind::of(&item);
    let part = match kind {
        Kind::Message => {
            parts.extend(content(item.content));
            return kind;
        }
        Kind::Reasoning => Some(Part::Reasoning(thought(item))),
        Kind::Function => call(item, false).map(Part::ToolCall),
        Kind::Custom => call(item, true).map(Part::ToolCall),
        Kind::Image => image(item).map(Part::Image),
        Kind::Native => None,
    };
    parts.push(part.unwrap_or_else(|| native(raw)));
    kind
}

fn native(raw: Raw<'_>) -> Part<'_> {
    let wire: Wire<'_> = raw.parse().unwrap_or_default();
    Part::Native {
        kind: text(wire.kind).unwrap_or_default(),
        value: raw,
        policy: Policy::Drop,
    }
}

/// Reads the parts of a message. What is neither text nor refusal is left out.
pub(in crate::format::responses) fn content(
    content: Option<Raw<'_>>,
) -> impl Iterator<Item = Part<'_>> {
    list(content).into_iter().filter_map(said)
}

fn said(raw: Raw<'_>) -> Option<Part<'_>> {
    let wire: Wire<'_> = raw.parse().unwrap_or_default();
    Some(
        match text(wire.kind).as_ref().map(Text::decode).as_deref() {
            Some("output_text") => {
                let mut extra = wire.extra;
                if let Some(logprobs) = wire.logprobs {
                    extra.push_with("logprobs".into(), logprobs, Policy::Silent);
                }
                Part::Text {
                    text: text(wire.text).unwrap_or_default(),
                    citations: list(wire.annotations).into_iter().map(citation).collect(),
                    cache: None,
                    extra,
                }
            }
            Some("refusal") => Part::Refusal(text(wire.refusal).unwrap_or_default()),
            _ => return None,
        },
    )
}

/// The log-probabilities of a part of a message.
pub(in crate::format::responses) fn tokens(raw: Option<Raw<'_>>) -> Vec<Logprob<'_>> {
    raw.map(logprobs::read).unwrap_or_default()
}

/// Reads an annotation.
pub(in crate::format::responses) fn citation(raw: Raw<'_>) -> Citation<'_> {
    let wire: Annotation<'_> = raw.parse().unwrap_or_default();
    Citation {
        title: wire.title.filter(|_| wire.url.is_some()),
        span: count(wire.start_index)
            .zip(count(wire.end_index))
            .filter(|_| wire.url.is_some()),
        url: wire.url,
        native: Some(raw),
        ..Citation::default()
    }
}

/// Reads a thought. What is not shown is only in its seal.
pub(in crate::format::responses) fn thought(item: Item<'_>) -> Reasoning<'_> {
    let shown = shown(&item);
    let mut extra = item.extra;
    keep_all(
        &mut extra,
        [
            ("id", item.id),
            ("summary", item.summary),
            ("content", item.content),
        ],
    );
    Reasoning {
        redacted: shown.is_empty(),
        text: shown,
        seal: seal(item.id, item.encrypted_content),
        extra,
    }
}

/// The seal of a thought.
pub(in crate::format::responses) fn seal<'a>(
    id: Option<Raw<'a>>,
    encrypted: Option<Raw<'a>>,
) -> Option<Seal<'a>> {
    let data = some_text(encrypted)?;
    Some(seals::read(text(id), data).0)
}

/// The text of a thought: what is said in short, then what is said in full, with an empty line between the parts.
pub(in crate::format::responses) fn shown<'a>(item: &Item<'a>) -> Text<'a> {
    let parts = [item.summary, item.content].into_iter().flat_map(list);
    let mut texts = parts.filter_map(|raw| {
        let wire: Wire<'a> = raw.parse().ok()?;
        some_text(wire.text)
    });
    let first = texts.next().unwrap_or_default();
    let Some(second) = texts.next() else {
        return first;
    };
    let mut all = first.decode().into_owned();
    for text in std::iter::once(second).chain(texts) {
        all.push_str("\n\n");
        all.push_str(&text.decode());
    }
    all.into()
}

/// Reads a call. Nothing if it names no tool.
fn call(item: Item<'_>, freeform: bool) -> Option<ToolCall<'_>> {
    let mut extra = item.extra;
    keep_all(&mut extra, [("id", item.id)]);
    let payload = if freeform { item.input } else { item.arguments };
    let arguments = match payload {
        Some(raw) if raw.text().is_none() => Arguments::Json(raw),
        payload => Arguments::Text(text(payload).unwrap_or_default()),
    };
    Some(ToolCall {
        id: some_text(item.call_id)
            .or(some_text(item.id))
            .unwrap_or_default(),
        name: some_text(item.name)?,
        arguments,
        freeform,
        extra,
        ..ToolCall::default()
    })
}

/// Reads an image that was made. Nothing if there is none yet.
pub(in crate::format::responses) fn image(mut item: Item<'_>) -> Option<Image<'_>> {
    let data = some_text(item.result)?;
    let format = item
        .extra
        .iter()
        .find(|member| member.key == "output_format");
    let format = format.and_then(|member| member.value.text());
    let media_type = match format.as_ref().map(Text::decode).as_deref() {
        Some("jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        _ => "image/png",
    };
    keep_all(&mut item.extra, [("id", item.id)]);
    Some(Image {
        media_type: Some(media_type.into()),
        extra: item.extra,
        ..Image::new(Source::Base64 { data })
    })
}

/// Keeps members for callers of this API.
fn keep_all<'a, const N: usize>(
    extra: &mut Extra<'a>,
    members: [(&'static str, Option<Raw<'a>>); N],
) {
    for (key, value) in members {
        if let Some(value) = value {
            extra.push_with(key.into(), value, Policy::Silent);
        }
    }
}
