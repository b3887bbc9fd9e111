//! Parts, read.

use crate::{
    format::{
        common::path::Path,
        gemini::{ID, policy, seals, wire::content as wire},
    },
    ir::{Arguments, Error, Extra, Part, Policy, Reasoning, Role, Seal, SealPlace, ToolCall},
    json::{Raw, Text},
};

use super::{blobs, calls::Calls, results};

/// Reads what one part of a turn says.
pub(super) fn read<'a>(
    raw: Raw<'a>,
    path: &Path<'_>,
    role: Role,
    calls: &mut Calls<'a>,
    parts: &mut Vec<Part<'a>>,
) -> Result<(), Error> {
    let mut part: wire::Part<'_> = path.read(raw)?;
    let seal = part
        .thought_signature
        .take()
        .filter(|seal| !seal.is_empty());
    let seal = seal.map(seals::read);
    let extra = &mut part.extra;
    if let Some(text) = part.text {
        policy::judge(extra, policy::part);
        said(text, part.thought == Some(true), seal, part.extra, parts);
    } else if let Some(call) = part.function_call {
        policy::judge(extra, policy::part);
        if let Some((seal, redacted)) = seal {
            parts.push(sealed(Text::default(), seal, redacted, SealPlace::Call));
        }
        parts.push(called(call, part.extra, path, calls)?);
    } else if let Some(response) = part.function_response {
        policy::judge(extra, policy::part);
        parts.push(results::read(response, part.extra, path, calls)?);
    } else if let Some(blob) = part.inline_data {
        policy::judge(extra, policy::part);
        parts.push(blobs::inline(blob, part.extra, raw, path)?);
    } else if let Some(file) = part.file_data {
        policy::judge(extra, policy::part);
        parts.push(blobs::file(file, part.extra, raw, path)?);
    } else {
        native(raw, extra, role, seal, parts);
    }
    Ok(())
}

/// A part that no other format knows; or nothing but a seal, which belongs to what was said before.
fn native<'a>(
    raw: Raw<'a>,
    extra: &Extra<'a>,
    role: Role,
    seal: Option<(Seal<'a>, bool)>,
    parts: &mut Vec<Part<'a>>,
) {
    let mut members = extra.iter().filter(|member| member.value.get() != "null");
    match (members.next(), seal) {
        (Some(member), _) => parts.push(Part::Native {
            kind: member.key.clone().into(),
            value: raw,
            policy: policy::native(&member.key, role),
        }),
        (None, Some((seal, redacted))) => {
            parts.push(sealed(Text::default(), seal, redacted, SealPlace::Text));
        }
        (None, None) => parts.push(Part::Native {
            kind: Text::default(),
            value: raw,
            policy: Policy::Silent,
        }),
    }
}

/// Text or a thought. The seal on a text follows it, because it belongs to the text before.
fn said<'a>(
    text: Text<'a>,
    is_thought: bool,
    seal: Option<(Seal<'a>, bool)>,
    extra: Extra<'a>,
    parts: &mut Vec<Part<'a>>,
) {
    if is_thought {
        let (seal, redacted) = seal.unzip();
        parts.push(Part::Reasoning(Reasoning {
            text,
            seal,
            redacted: redacted.unwrap_or(false),
            extra,
        }));
        return;
    }
    parts.push(Part::Text {
        text,
        citations: Vec::new(),
        cache: None,
        extra,
    });
    if let Some((seal, redacted)) = seal {
        parts.push(sealed(Text::default(), seal, redacted, SealPlace::Text));
    }
}

/// A seal beside what it belongs to. One that a caller carries for another provider brings its own place.
fn sealed<'a>(text: Text<'a>, seal: Seal<'a>, redacted: bool, place: SealPlace) -> Part<'a> {
    let seal = if seal.is_of(ID) { seal.on(place) } else { seal };
    Part::Reasoning(Reasoning {
        text,
        seal: Some(seal),
        redacted,
        extra: Extra::default(),
    })
}

fn called<'a>(
    call: wire::FunctionCall<'a>,
    mut extra: Extra<'a>,
    path: &Path<'_>,
    calls: &mut Calls<'a>,
) -> Result<Part<'a>, Error> {
    let path = path.member("functionCall");
    let name = path.member("name").required(call.name)?;
    let id = call.id.filter(|id| !id.is_empty());
    if let Some(id) = &id {
        keep_id("functionCall.id", id, &mut extra);
    }
    let mut members = call.extra;
    policy::judge(&mut members, policy::member);
    super::nest("functionCall", &members, &mut extra);
    Ok(Part::ToolCall(ToolCall {
        id: calls.note(id, &name),
        name,
        arguments: Arguments::Json(call.args.unwrap_or(Raw::EMPTY_OBJECT)),
        extra,
        ..ToolCall::default()
    }))
}

/// Notes that the caller gave an id, which servers of this API get back; they get none that was made up.
pub(super) fn keep_id<'a>(key: &'static str, id: &Text<'a>, extra: &mut Extra<'a>) {
    if let Some(raw) = id.raw() {
        extra.push_with(key.into(), raw, Policy::Silent);
    }
}
