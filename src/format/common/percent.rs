//! Percent-encoding. Source: RFC 3986, section 2.1.

use std::{borrow::Cow, fmt::Write};

/// The text that is meant. What is no escape stands for itself.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    String::from_utf8_lossy(&decode_bytes(text))
        .into_owned()
        .into()
}

/// The bytes that are meant.
pub(crate) fn decode_bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, after @ ..]) => hex(*high).zip(hex(*low)).map(|pair| (pair, after)),
            _ => None,
        };
        if let Some(((high, low), after)) = escaped {
            bytes.push(high << 4 | low);
            rest = after;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    bytes
}

/// Appends a text, as one segment of a path.
pub(crate) fn encode(text: &str, path: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                path.push(char::from(byte));
            }
            _ => {
                // Writing to a string can't fail.
                let _ = write!(path, "%{byte:02X}");
            }
        }
    }
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}
