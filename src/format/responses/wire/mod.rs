//! The API's JSON, typed as far as a translation looks at it. Source: `types/responses` of openai-python 3.54.0,
//! 2026-11.
//!
//! What is optional is mostly [`Raw`]: servers and clients speak this format in their own ways, and a member of an
//! unexpected type must break nothing that doesn't depend on it.

use crate::json::{Raw, Text};

pub(super) mod event;
pub(super) mod items;
pub(super) mod request;
pub(super) mod response;

/// The string that `raw` is, if it is one.
pub(super) fn text(raw: Option<Raw<'_>>) -> Option<Text<'_>> {
    raw.and_then(Raw::text)
}

/// The string that `raw` is, if it is one and not empty.
pub(super) fn some_text(raw: Option<Raw<'_>>) -> Option<Text<'_>> {
    text(raw).filter(|text| !text.is_empty())
}

/// The whole number that `raw` is, if it is one.
pub(super) fn count(raw: Option<Raw<'_>>) -> Option<u64> {
    raw?.number()?.as_u64()
}

/// The elements of the list that `raw` is, if it is one.
pub(super) fn list(raw: Option<Raw<'_>>) -> Vec<Raw<'_>> {
    raw.and_then(|raw| raw.parse().ok()).unwrap_or_default()
}
