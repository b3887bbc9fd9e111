use bytes::Bytes;
use memchr::{memchr, memchr_iter};

/// Most bytes that are kept of a string, but for what makes its last character whole.
const KEPT: usize = 1 << 10;

/// A document that comes in pieces. Of its long strings only the beginning is kept, all else as it is.
///
/// For whoever wants to know what a long answer comes to while it passes, without having all of it in memory.
#[derive(Debug, Default)]
pub(crate) struct Abridged {
    kept: Vec<u8>,
    place: Place,
}

#[derive(Debug, Default, Clone, Copy)]
enum Place {
    #[default]
    Outside,
    /// In a string that is kept from here on.
    Text(usize),
    /// Behind a backslash in one.
    Escape(usize),
    /// Where a string is not kept any more, and whether what comes next is escaped.
    Cut { escaped: bool },
}

impl Abridged {
    /// How many bytes are kept.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Takes the next piece, which may end anywhere.
    pub(crate) fn push(&mut self, mut piece: &[u8]) {
        while let Some(&first) = piece.first() {
            let taken = match self.place {
                Place::Outside => self.structure(piece),
                Place::Cut { escaped } => self.skip(piece, escaped),
                Place::Text(from) => self.character(first, from),
                Place::Escape(from) => self.keep(first, Place::Text(from)),
            };
            piece = piece.get(taken..).unwrap_or_default();
        }
    }

    /// The document so far.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.kept.into()
    }

    /// Up to where the next string begins.
    fn structure(&mut self, piece: &[u8]) -> usize {
        let opens = memchr(b'"', piece).map(|quote| quote + 1);
        let taken = opens.unwrap_or(piece.len());
        self.kept.extend(piece.iter().take(taken));
        if opens.is_some() {
            self.place = Place::Text(self.kept.len());
        }
        taken
    }

    /// Up to where the string ends. Quotes are rarer than what is escaped: so they are looked for, and what stands before
    /// them tells whether they are meant.
    fn skip(&mut self, piece: &[u8], escaped: bool) -> usize {
        let ends_in_escape = |end: usize| {
            let before = piece.get(..end).unwrap_or_default();
            let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
            let count = backslashes.count();
            (count % 2 == 1) ^ (escaped && count == end)
        };
        let Some(quote) = memchr_iter(b'"', piece).find(|at| !ends_in_escape(*at)) else {
            let escaped = ends_in_escape(piece.len());
            self.place = Place::Cut { escaped };
            return piece.len();
        };
        self.keep(b'"', Place::Outside);
        quote + 1
    }

    fn character(&mut self, byte: u8, from: usize) -> usize {
        match byte {
            b'"' => self.keep(byte, Place::Outside),
            _ if self.kept.len() >= from + KEPT && is_start(byte) && is_whole(&self.kept) => {
                self.place = Place::Cut { escaped: false };
                0
            }
            b'\\' => self.keep(byte, Place::Escape(from)),
            _ => self.keep(byte, Place::Text(from)),
        }
    }

    fn keep(&mut self, byte: u8, next: Place) -> usize {
        self.kept.push(byte);
        self.place = next;
        1
    }
}

/// Whether a character may begin with this byte.
fn is_start(byte: u8) -> bool {
    !matches!(byte, 0x80..0xc0)
}

/// Whether no escaped character lacks its digits or its other half. A backslash that is escaped itself may look like that:
/// then a few bytes more are kept.
fn is_whole(text: &[u8]) -> bool {
    !matches!(
        text,
        [.., b'\\', b'u']
            | [.., b'\\', b'u', _]
            | [.., b'\\', b'u', _, _]
            | [.., b'\\', b'u', _, _, _]
            | [
                ..,
                b'\\',
                b'u',
                b'd' | b'D',
                b'8' | b'9' | b'a' | b'b' | b'A' | b'B',
                _,
                _
            ]
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_slice, json, to_vec};

    use super::*;

    fn abridged<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Bytes {
        let mut document = Abridged::default();
        pieces.into_iter().for_each(|piece| document.push(piece));
        document.into_bytes()
    }

    /// The string of a document that is but one, when it came in pieces of so many bytes.
    fn text(literal: &str, piece: usize) -> String {
        from_slice(&abridged(literal.as_bytes().chunks(piece))).expect("still JSON")
    }

    #[test]
    fn what_has_no_long_strings_is_kept_as_it_came() {
        let document = br#" {"a" : [1.0, "\"\\", {"\u00e9\ud83d\ude00": null}], "b":"" } "#;
        assert_eq!(abridged([&document[..]]), &document[..]);
    }

    #[test]
    fn of_a_long_string_the_beginning_is_kept_and_all_that_stands_behind_it() {
        let long = "a".repeat(10_000);
        let document = to_vec(&json!({"long": long, "short": "b", "list": [long, 1]})).unwrap();
        let kept: Value = from_slice(&abridged([&document[..]])).unwrap();
        let beginning = "a".repeat(KEPT);
        assert_eq!(
            kept,
            json!({"long": beginning, "short": "b", "list": [beginning, 1]})
        );
    }

    #[test]
    fn it_does_not_matter_where_pieces_end() {
        let unit = r#"\"\\é€😀\u00e9\ud83d\ude00\\u12"#;
        let document = format!(r#"{{"a":"{}","b":["c\\"]}}"#, unit.repeat(200));
        let whole = abridged([document.as_bytes()]);
        for size in 1..=unit.len() {
            assert_eq!(abridged(document.as_bytes().chunks(size)), whole, "{size}");
        }
    }

    #[test]
    fn a_string_is_cut_between_characters_only() {
        for unit in [
            "é",
            "€",
            "😀",
            r"\n",
            r"\\",
            r"\u00e9",
            r"\uD83D\uDe00",
            r"\\ud83d",
        ] {
            for before in 0..20 {
                let literal = format!("\"{}{}\"", "a".repeat(before), unit.repeat(KEPT));
                let all: String = serde_json::from_str(&literal).unwrap();
                for piece in [1, 7, literal.len()] {
                    let kept = text(&literal, piece);
                    assert!(all.starts_with(&kept), "{unit} behind {before}");
                    assert!(kept.len() < all.len(), "{unit} behind {before}");
                }
            }
        }
    }

    #[test]
    fn a_long_string_takes_no_memory_but_for_its_beginning() {
        let mut document = Abridged::default();
        document.push(b"[\"");
        for _ in 0..1_000 {
            document.push(&[b'a'; 10_000]);
        }
        assert!(document.len() < 2 * KEPT);
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for document in [&b"\"a"[..], b"{\"a\":", b"<html>\"</html>", b"\"a\\"] {
            assert!(from_slice::<Value>(&abridged([document])).is_err());
        }
    }
}
