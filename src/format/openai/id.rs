//! Names and ids within this API's limits: at most 64 of `[A-Za-z0-9_-]` for a function's name, 40 for a call's id,
//! 128 for an end user's. What is too long is replaced by its hash, so that the same history always looks the same.

use std::borrow::Cow;

use crate::format::common::names::{self, hash};

const NAME: usize = 64;
const CALL_ID: usize = 40;
const USER: usize = 128;

/// The name by which the provider knows a tool.
pub(super) fn tool_name(name: Cow<'_, str>) -> Cow<'_, str> {
    names::tool_name(name, NAME, names::is_word_byte)
}

/// The id by which the provider knows a tool call.
pub(super) fn call_id(id: Cow<'_, str>) -> Cow<'_, str> {
    if !id.is_empty() && id.chars().count() <= CALL_ID {
        return id;
    }
    format!("call_{}", hash(&id, 24)).into()
}

/// The id by which the provider knows an end user.
pub(super) fn user(id: &str) -> Cow<'_, str> {
    names::shortened(id, USER)
}

/// The id by which the caller knows an answer: the provider's behind this API's prefix.
pub(super) fn answer(id: &str, nonce: u64) -> String {
    let own = match id.split_once(['-', '_']) {
        Some((prefix, own)) if prefix.bytes().all(|byte| byte.is_ascii_alphabetic()) => own,
        _ => id,
    };
    if own.is_empty() {
        return format!("chatcmpl-{nonce:024x}");
    }
    format!("chatcmpl-{own}")
}

/// The id by which the caller knows a call: the provider's, or one of its own if there is none. `place` is the number of
/// the answer, and that of the call in it.
pub(super) fn own_call(id: &str, nonce: u64, place: (usize, u64)) -> Cow<'_, str> {
    if !id.is_empty() {
        return id.into();
    }
    let (choice, call) = place;
    format!("call_{}", hash(&format!("{nonce}:{choice}:{call}"), 24)).into()
}

/// An id for a call that came without one: the same whenever the same answer is read.
pub(super) fn minted_call(answer: &str, choice: usize, call: usize) -> String {
    format!("call_{}", hash(&format!("{answer}:{choice}:{call}"), 24))
}
