use std::{borrow::Cow, fmt};

use bytes::BytesMut;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::Raw;

/// A string that is moved more often than read.
///
/// One that came out of JSON keeps its source spelling, quotes and escapes included, and is written back byte for
/// byte; [`decode`](Text::decode) gives its characters.
#[derive(Clone)]
pub struct Text<'a>(Spelling<'a>);

#[derive(Clone)]
enum Spelling<'a> {
    /// A JSON string literal with its quotes.
    Literal(&'a str),
    /// Characters.
    Plain(Cow<'a, str>),
}

impl<'a> Text<'a> {
    pub(super) const fn from_literal(literal: &'a str) -> Self {
        Self(Spelling::Literal(literal))
    }

    /// The characters. Allocates only if the source has escapes. An escaped half of a surrogate pair, which no Rust
    /// string can hold, reads as U+FFFD (and is still written back as it came).
    pub fn decode(&self) -> Cow<'_, str> {
        match &self.0 {
            Spelling::Plain(text) => Cow::Borrowed(text),
            Spelling::Literal(literal) => unescape(literal),
        }
    }

    /// The characters, as [`decode`](Self::decode) gives them, but borrowed from the source where possible.
    pub fn into_chars(self) -> Cow<'a, str> {
        match self.0 {
            Spelling::Plain(text) => text,
            Spelling::Literal(literal) => unescape(literal),
        }
    }

    /// Appends the characters to `out`.
    pub fn decode_into(&self, out: &mut BytesMut) {
        self.pieces(&mut |piece: &str| out.extend_from_slice(piece.as_bytes()));
    }

    /// How many characters there are.
    pub(crate) fn count(&self) -> u64 {
        if let Spelling::Literal(literal) = &self.0
            && literal.len() < SHORT
        {
            return count_short(inner(literal));
        }
        let mut count = 0;
        self.pieces(&mut |piece| count += begun(piece));
        count
    }

    /// Gives the characters piece by piece, however long the text is without a copy of it.
    pub(crate) fn pieces(&self, take: &mut (impl FnMut(&str) + ?Sized)) {
        match &self.0 {
            Spelling::Plain(text) => take(text),
            Spelling::Literal(literal) => unescape_into(inner(literal), take),
        }
    }

    /// The same text, free of the source.
    pub fn into_owned(self) -> Text<'static> {
        match self.0 {
            Spelling::Plain(text) => Text(Spelling::Plain(Cow::Owned(text.into_owned()))),
            Spelling::Literal(literal) => Text::from(unescape(literal).into_owned()),
        }
    }

    /// Whether there are no characters.
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Spelling::Plain(text) => text.is_empty(),
            Spelling::Literal(literal) => literal.len() <= 2,
        }
    }

    /// Whether there is nothing but white space.
    pub fn is_blank(&self) -> bool {
        match &self.0 {
            Spelling::Plain(text) => text.trim_start().is_empty(),
            Spelling::Literal(literal) => is_blank(inner(literal)),
        }
    }

    /// Whether the characters begin with `prefix`.
    pub fn starts_with(&self, prefix: &str) -> bool {
        let plain = match &self.0 {
            Spelling::Literal(literal) => inner(literal),
            Spelling::Plain(text) => return text.starts_with(prefix),
        };
        // Nearly always nothing before the end of the prefix is escaped, and a long text need not be copied.
        let head = plain.as_bytes().get(..prefix.len());
        match head.map(|head| head.contains(&b'\\')) {
            Some(false) => plain.starts_with(prefix),
            Some(true) => self.decode().starts_with(prefix),
            None => false,
        }
    }

    /// The string as it stands in the source, if it came out of one.
    pub fn raw(&self) -> Option<Raw<'a>> {
        self.literal().map(Raw::from_literal)
    }

    /// The source spelling, if there is one: a JSON string literal with its quotes.
    pub(super) fn literal(&self) -> Option<&'a str> {
        match self.0 {
            Spelling::Literal(literal) => Some(literal),
            Spelling::Plain(_) => None,
        }
    }
}

impl Default for Text<'_> {
    fn default() -> Self {
        Self(Spelling::Plain(Cow::Borrowed("")))
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Spelling::Plain(Cow::Borrowed(text)))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Spelling::Plain(Cow::Owned(text)))
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(Spelling::Plain(text))
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.decode(), f)
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Text<'_>) -> bool {
        match (&self.0, &other.0) {
            (Spelling::Literal(a), Spelling::Literal(b)) if a == b => true,
            _ => self.decode() == other.decode(),
        }
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.decode() == other
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        raw.text().ok_or_else(|| {
            D::Error::custom(format_args!("expected a string, found {:?}", raw.kind()))
        })
    }
}

/// In a literal with fewer bytes, escapes are sooner met than looked for.
const SHORT: usize = 64;

/// How many characters there are between the quotes of such a literal.
fn count_short(inner: &str) -> u64 {
    let (mut rest, mut count) = (inner.as_bytes(), 0);
    loop {
        let (characters, behind) = match rest {
            [] => return count,
            [b'\\', b'u', digits @ ..] => {
                let digits = inner.get(inner.len() - digits.len()..);
                (1, read_unit(digits.unwrap_or_default()).1.as_bytes())
            }
            [b'\\', _, behind @ ..] => (1, behind),
            [byte, behind @ ..] => (is_begin(*byte), behind),
        };
        count += characters;
        rest = behind;
    }
}

/// How many characters begin there.
fn begun(text: &str) -> u64 {
    text.bytes().map(is_begin).sum()
}

/// How many characters begin with this byte: one or none.
fn is_begin(byte: u8) -> u64 {
    u64::from(byte & 0xC0 != 0x80)
}

/// What is between the quotes of a string literal.
fn inner(literal: &str) -> &str {
    let inner = literal.get(1..literal.len().saturating_sub(1));
    inner.unwrap_or_default()
}

/// Whether what is between the quotes is white space only. Looks no farther than at the first character that is not.
fn is_blank(inner: &str) -> bool {
    let mut rest = inner;
    loop {
        rest = rest.trim_start();
        let Some(escaped) = rest.strip_prefix('\\') else {
            return rest.is_empty();
        };
        let (character, after) = read_escape(escaped);
        if !character.is_whitespace() {
            return false;
        }
        rest = after;
    }
}

fn unescape(literal: &str) -> Cow<'_, str> {
    let inner = inner(literal);
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Cow::Borrowed(inner);
    }
    let mut text = String::with_capacity(inner.len());
    unescape_into(inner, &mut |piece| text.push_str(piece));
    Cow::Owned(text)
}

/// Gives the characters of a string literal without its quotes, piece by piece.
fn unescape_into(inner: &str, take: &mut (impl FnMut(&str) + ?Sized)) {
    let mut rest = inner;
    while let Some((plain, escaped)) = split_at_escape(rest) {
        take(plain);
        let (character, after) = read_escape(escaped);
        take(character.encode_utf8(&mut [0; 4]));
        rest = after;
    }
    take(rest);
}

/// What is before the first backslash, and what is behind it.
fn split_at_escape(text: &str) -> Option<(&str, &str)> {
    let at = memchr::memchr(b'\\', text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The character of an escape, whose backslash has been read, and what follows it.
fn read_escape(escaped: &str) -> (char, &str) {
    let mut characters = escaped.chars();
    let character = match characters.next() {
        Some('u') => return read_unit(characters.as_str()),
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some(itself) => itself,
        None => char::REPLACEMENT_CHARACTER,
    };
    (character, characters.as_str())
}

/// The character of a `\u` escape, which is a UTF-16 code unit: half of a surrogate pair needs the other half.
fn read_unit(digits: &str) -> (char, &str) {
    const LOST: char = char::REPLACEMENT_CHARACTER;
    let Some((unit, after)) = code_unit(digits) else {
        return (LOST, digits);
    };
    if let Some(character) = char::from_u32(unit) {
        return (character, after);
    }
    let other_half = after.strip_prefix("\\u").and_then(code_unit);
    match other_half {
        Some((low @ 0xDC00..=0xDFFF, after)) if unit < 0xDC00 => {
            let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            (char::from_u32(code).unwrap_or(LOST), after)
        }
        _ => (LOST, after),
    }
}

fn code_unit(digits: &str) -> Option<(u32, &str)> {
    let (digits, after) = digits.split_at_checked(4)?;
    Some((u32::from_str_radix(digits, 16).ok()?, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(literal: &str) -> Text<'_> {
        crate::json::read(literal).unwrap()
    }

    #[test]
    fn a_string_without_escapes_is_not_copied() {
        assert!(matches!(
            text(r#""plain é""#).decode(),
            Cow::Borrowed("plain é")
        ));
    }

    #[test]
    fn escapes_are_read_when_looked_at() {
        assert_eq!(text(r#""a\n\u00e9\ud83d\ude00\"""#).decode(), "a\né😀\"");
    }

    #[test]
    fn a_lone_surrogate_reads_as_the_replacement_character() {
        assert_eq!(text(r#""a\ud83d\n""#).decode(), "a\u{FFFD}\n");
    }

    #[test]
    fn every_escape_is_read_as_other_parsers_read_it() {
        for literal in [
            r#""\b\f\n\r\t\/\\\"""#,
            r#""\u0000\u00e9\ud83d\ude00 \uD83D\uDE00x""#,
            r#""é\u20ac😀\\u0041""#,
        ] {
            let expected: String = serde_json::from_str(literal).unwrap();
            assert_eq!(text(literal).decode(), expected);
            let mut out = BytesMut::new();
            text(literal).decode_into(&mut out);
            assert_eq!(&out[..], expected.as_bytes());
            assert_eq!(text(literal).count(), expected.chars().count() as u64);
            let long = format!("\"{}\"", inner(literal).repeat(10));
            assert_eq!(text(&long).count(), expected.chars().count() as u64 * 10);
        }
    }

    #[test]
    fn half_a_pair_before_another_escape_is_lost_alone() {
        assert_eq!(
            text(r#""\ud83d\u0041\udc00b""#).decode(),
            "\u{FFFD}A\u{FFFD}b"
        );
    }

    #[test]
    fn equal_texts_may_be_spelled_differently() {
        assert_eq!(text(r#""\u0061""#), Text::from("a"));
    }

    #[test]
    fn blank_is_what_has_only_white_space_however_it_is_spelled() {
        for (literal, expected) in [
            (r#""""#, true),
            (r#"" \n\u0020""#, true),
            ("\"\u{2003}\"", true),
            (r#""\u0061""#, false),
            (r#""a\n""#, false),
            (r#"" \"""#, false),
        ] {
            assert_eq!(text(literal).is_blank(), expected, "{literal}");
        }
        assert!(Text::from("").is_blank() && !Text::from("\"").is_blank());
    }

    #[test]
    fn a_text_starts_as_its_characters_do_however_they_are_spelled() {
        for (literal, expected) in [
            (r#""Error: x""#, true),
            (r#""Err\u006fr: x""#, true),
            (r#""Error: ""#, true),
            (r#""Error:""#, false),
            (r#""""#, false),
            (r#""an Error: ""#, false),
        ] {
            assert_eq!(text(literal).starts_with("Error: "), expected, "{literal}");
        }
        assert!(Text::from("Error: x").starts_with("Error: "));
        assert!(!text("\"\"").starts_with("\""));
    }

    #[test]
    fn a_number_is_no_text() {
        assert!(crate::json::read::<Text<'_>>("7").is_err());
    }
}
