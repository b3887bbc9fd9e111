//! Names and ids within the limits of an API. What it accepts passes; the rest is replaced by something made of its
//! hash, so that the same history always looks the same.

use std::{borrow::Cow, fmt::Write as _};

use sha2::{Digest as _, Sha256};

/// Whether `text` is one or more of `[A-Za-z0-9_-]`.
pub(crate) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_word_byte)
}

/// Whether this is one of `[A-Za-z0-9_-]`.
pub(crate) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The name by which an API may know a tool, if it takes `limit` characters of which `is_legal`.
pub(crate) fn tool_name(
    name: Cow<'_, str>,
    limit: usize,
    is_legal: fn(u8) -> bool,
) -> Cow<'_, str> {
    if (1..=limit).contains(&name.len()) && name.bytes().all(is_legal) {
        return name;
    }
    let mut sent: String = name
        .chars()
        .map(|character| match u8::try_from(character) {
            Ok(byte) if is_legal(byte) => character,
            _ => '_',
        })
        .take(limit - 9)
        .collect();
    sent.push('_');
    sent.push_str(&hash(&name, 8));
    sent.into()
}

/// The id by which an API may know an end user, if it takes `limit` characters.
pub(crate) fn shortened(id: &str, limit: usize) -> Cow<'_, str> {
    if id.chars().count() <= limit {
        return id.into();
    }
    hash(id, 64).into()
}

/// The first `digits` hexadecimal digits, of at most 64, of the hash of `text`.
pub(crate) fn hash(text: &str, digits: usize) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex.truncate(digits);
    hex
}
