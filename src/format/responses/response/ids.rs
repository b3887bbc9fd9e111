//! Ids of answers and items, made of what is known, so that the same answer always has the same.

use crate::format::common::names::hash;

/// The id by which the caller knows an answer: the provider's behind this API's prefix.
pub(in crate::format::responses) fn answer(id: &str, nonce: u64) -> String {
    let own = match id.split_once(['-', '_']) {
        Some((prefix, own)) if prefix.bytes().all(|byte| byte.is_ascii_alphabetic()) => own,
        _ => id,
    };
    if own.is_empty() {
        return format!("resp_{nonce:032x}");
    }
    format!("resp_{own}")
}

/// An id for the item of that number in an answer. Its prefix tells its type.
pub(in crate::format::responses) fn item(prefix: &str, answer: &str, index: u64) -> String {
    format!("{prefix}_{}", hash(&format!("{answer}/{index}"), 48))
}

/// An id for a call that the provider gave none.
pub(in crate::format::responses) fn call(answer: &str, index: u64) -> String {
    format!("call_{}", hash(&format!("{answer}/{index}"), 24))
}
