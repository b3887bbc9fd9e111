//! Answers of functions, read.

use crate::{
    format::{
        common::path::Path,
        gemini::{
            policy,
            wire::{content::FunctionResponse, request as wire},
        },
    },
    ir::{Error, Extra, Part, Policy, ToolResult},
    json::{self, Raw, Text},
};

use super::{blobs, calls::Calls, elements, parts::keep_id};

pub(super) fn read<'a>(
    response: FunctionResponse<'a>,
    mut extra: Extra<'a>,
    path: &Path<'_>,
    calls: &mut Calls<'a>,
) -> Result<Part<'a>, Error> {
    let path = path.member("functionResponse");
    let id = response.id.filter(|id| !id.is_empty());
    let name = response.name.filter(|name| !name.is_empty());
    let call = calls.answer(id.as_ref(), name.as_ref());
    if let Some(id) = &id {
        keep_id("functionResponse.id", id, &mut extra);
    }
    let kept = [
        ("functionResponse.response", response.response),
        ("functionResponse.parts", response.parts),
    ];
    for (key, value) in kept {
        if let Some(value) = value {
            extra.push_with(key.into(), value, Policy::Silent);
        }
    }
    let mut members = response.extra;
    policy::judge(&mut members, policy::member);
    super::nest("functionResponse", &members, &mut extra);
    let (text, is_error) = response.response.map(outcome).unwrap_or_default();
    let mut content: Vec<_> = text.map(Part::text).into_iter().collect();
    if let Some(raw) = response.parts {
        let path = path.member("parts");
        for (index, raw) in elements(raw, &path)?.into_iter().enumerate() {
            content.push(shown(raw, &path.element(index))?);
        }
    }
    Ok(Part::ToolResult(ToolResult {
        call_id: call.id,
        name: name.or(Some(call.name)),
        content,
        is_error,
        cache: None,
        extra,
    }))
}

/// What the function answered, and whether it failed. An object with one of the words for it says it in its value; any
/// other says it as a whole.
fn outcome(raw: Raw<'_>) -> (Option<Text<'_>>, bool) {
    let outcome: wire::Outcome<'_> = raw.parse().unwrap_or_default();
    let is_alone = outcome.extra.is_empty();
    let (value, is_error) = match (outcome.output, outcome.result, outcome.error) {
        (Some(value), None, None) | (None, Some(value), None) => (value.text(), false),
        (None, None, Some(value)) => {
            let text = value.text();
            let text = text.unwrap_or_else(|| json::compact(value).into());
            (Some(text), true)
        }
        (_, _, error) => (None, error.is_some()),
    };
    let text = value.filter(|_| is_alone);
    let text = text.unwrap_or_else(|| json::compact(raw).into());
    (Some(text).filter(|text| !text.is_empty()), is_error)
}

fn shown<'a>(raw: Raw<'a>, path: &Path<'_>) -> Result<Part<'a>, Error> {
    let part: wire::ResultPart<'_> = path.read(raw)?;
    let mut extra = part.extra;
    policy::judge(&mut extra, policy::part);
    match (part.inline_data, part.file_data) {
        (Some(blob), _) => blobs::inline(blob, extra, raw, path),
        (None, Some(file)) => blobs::file(file, extra, raw, path),
        (None, None) => Ok(Part::Native {
            kind: Text::default(),
            value: raw,
            policy: Policy::Reject,
        }),
    }
}
