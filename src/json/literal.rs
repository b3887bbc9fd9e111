use super::{Text, plain::plain};

/// The string that `bytes` begin with, and what follows it. `None` if there is none, if it is no JSON, or if it spells
/// half of a character by itself: such strings are to be read with care.
pub(crate) fn leading_text(bytes: &[u8]) -> Option<(Text<'_>, &[u8])> {
    let inner = bytes.strip_prefix(b"\"")?;
    let (literal, rest) = bytes.split_at_checked(end_of(inner)? + 2)?;
    let literal = std::str::from_utf8(literal).ok()?;
    Some((Text::from_literal(literal), rest))
}

/// Where the closing quote is.
fn end_of(inner: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += plain(inner.get(at..)?);
        at += match inner.get(at)? {
            b'"' => return Some(at),
            b'\\' => escape(inner.get(at + 1..)?)?,
            _ => return None,
        };
    }
}

/// How long an escape is, whose backslash has been read.
fn escape(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => is_character(bytes.get(1..5)?).then_some(6),
        _ => None,
    }
}

/// Whether these digits are those of a whole character.
fn is_character(digits: &[u8]) -> bool {
    let is_half = matches!(
        digits,
        [b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..]
    );
    digits.iter().all(u8::is_ascii_hexdigit) && !is_half
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Raw, read_bytes};

    #[test]
    fn what_is_taken_for_a_string_is_one_to_the_parser_too() {
        let pieces: [&[u8]; 12] = [
            b"a",
            b"\\n",
            b"\\\"",
            b"\\\\",
            b"\\u00e9",
            b"\\uD7ff",
            b"\xc3\xa9",
            b"\xc3",
            b"\n",
            b"\\x",
            b"\\u00g0",
            b"\\ud83d\\ude00",
        ];
        for first in pieces {
            for second in pieces {
                let text = [b"\"", first, second, b"\" rest"].concat();
                let (literal, rest) = text.split_at(text.len() - 5);
                let parsed = read_bytes::<Raw<'_>>(literal).ok();
                let is_half = literal.windows(4).any(|part| part == b"\\ud8");
                let found = leading_text(&text);
                assert_eq!(
                    found.as_ref().and_then(|(text, _)| text.raw()),
                    parsed.filter(|_| !is_half),
                    "{}",
                    text.escape_ascii()
                );
                assert!(found.is_none_or(|(_, behind)| behind == rest));
            }
        }
    }

    #[test]
    fn what_is_not_complete_is_no_string() {
        for text in ["", "a", "\"", "\"a", "\"a\\", "\"a\\\"", "\"\\u00e", "\"\\"] {
            assert!(leading_text(text.as_bytes()).is_none(), "{text}");
        }
    }
}
