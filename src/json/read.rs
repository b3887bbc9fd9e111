use std::fmt;

use serde::{Deserialize, de::Error as _};

use super::fast;

/// Reads one JSON value that may borrow from `text`.
///
/// # Errors
///
/// If `text` isn't JSON, or not of the shape of `T`.
pub fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ReadError> {
    // What is wrong with it is told as that parser tells it.
    let usual = fast::read(text).map(Ok);
    usual.unwrap_or_else(|| serde_json::from_str(text).map_err(ReadError))
}

/// Why a JSON text could not be read: what was expected, what was found in its place, and where (line and column).
#[derive(Debug)]
pub struct ReadError(serde_json::Error);

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ReadError {}

/// Reads bytes that must be UTF-8 JSON.
///
/// # Errors
///
/// As [`read`]; bytes that aren't UTF-8 are no JSON either.
pub fn read_bytes<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, ReadError> {
    read(text_of(bytes)?)
}

/// The text that bytes are, if they are UTF-8.
pub(crate) fn text_of(bytes: &[u8]) -> Result<&str, ReadError> {
    let text = simdutf8::basic::from_utf8(bytes);
    // It is told with the place where it is not, which is looked for only then.
    let text = text.or_else(|_| std::str::from_utf8(bytes));
    text.map_err(|error| {
        ReadError(serde_json::Error::custom(format_args!(
            "not UTF-8: {error}"
        )))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Raw;

    #[test]
    fn what_is_not_utf8_is_not_json() {
        assert!(read_bytes::<Raw<'_>>(b"\"\xff\"").is_err());
    }
}
