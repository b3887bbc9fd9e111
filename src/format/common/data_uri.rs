//! `data:` URIs: `data:` \[type] *(`;` parameter) \[`;base64`] `,` data. Source: RFC 2397.

use std::borrow::Cow;

use super::percent::decode_bytes as percent_decode;

/// What a `data:` URI holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DataUri<'a> {
    /// The media type without its parameters, in lower case; empty if there is none.
    pub(crate) media_type: Cow<'a, str>,
    /// The data in base64: standard alphabet, padded, without white space.
    pub(crate) data: Cow<'a, str>,
}

impl<'a> DataUri<'a> {
    /// Reads a `data:` URI; `None` if it is another kind of address.
    pub(crate) fn parse(uri: &'a str) -> Option<Self> {
        let (scheme, rest) = uri.trim_start().split_once(':')?;
        if !scheme.eq_ignore_ascii_case("data") {
            return None;
        }
        let (header, data) = rest.split_once(',')?;
        let mut fields = header.split(';').map(str::trim);
        let media_type = fields.next().unwrap_or_default();
        let base64 = fields.any(|field| field.eq_ignore_ascii_case("base64"));
        Some(Self {
            media_type: lower_case(media_type),
            data: if base64 {
                normal(data)
            } else {
                encode(&percent_decode(data)).into()
            },
        })
    }
}

fn lower_case(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return text.to_ascii_lowercase().into();
    }
    text.into()
}

/// Base64 in the standard alphabet, padded and without white space, as the strictest readers want it.
pub(crate) fn normal(data: &str) -> Cow<'_, str> {
    let odd = |byte: u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    if data.len().is_multiple_of(4) && !data.bytes().any(odd) {
        return data.into();
    }
    let unescaped = percent_decode(data);
    let mut normal = String::with_capacity(data.len() + 2);
    for byte in unescaped {
        match byte {
            b'-' => normal.push('+'),
            b'_' => normal.push('/'),
            b'=' => {}
            _ if byte.is_ascii_whitespace() => {}
            _ => normal.push(char::from(byte)),
        }
    }
    while !normal.len().is_multiple_of(4) {
        normal.push('=');
    }
    normal.into()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes in base64.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0u32, |group, byte| group << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for position in 0..4 {
            if position > chunk.len() {
                text.push('=');
                continue;
            }
            let index = (group >> (18 - 6 * position)) & 63;
            let letter = ALPHABET.get(index as usize).copied().unwrap_or(b'=');
            text.push(char::from(letter));
        }
    }
    text
}

/// The text that base64, in either alphabet, holds; `None` if it holds none.
pub(crate) fn decode_text(data: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(data.len() / 4 * 3);
    let (mut group, mut bits) = (0u32, 0);
    for byte in data.bytes().filter(|byte| *byte != b'=') {
        group = group << 6 | u32::from(index_of(byte)?);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(group >> bits & 0xFF).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

fn index_of(letter: u8) -> Option<u8> {
    Some(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn parses(uri: &str, media_type: &str, data: &str) {
        let parsed = DataUri::parse(uri).unwrap();
        assert_eq!((&*parsed.media_type, &*parsed.data), (media_type, data));
    }

    #[test]
    fn a_plain_uri_is_not_copied() {
        let uri = DataUri::parse("data:image/png;base64,iVBORw0K").unwrap();
        assert!(matches!(uri.media_type, Cow::Borrowed("image/png")));
        assert!(matches!(uri.data, Cow::Borrowed("iVBORw0K")));
    }

    #[test]
    fn parameters_before_base64_are_skipped() {
        parses("data:image/png;charset=x;base64,AAAA", "image/png", "AAAA");
    }

    #[test]
    fn case_does_not_matter() {
        parses("DATA:Image/PNG;BASE64,AAAA", "image/png", "AAAA");
    }

    #[test]
    fn a_payload_without_base64_is_percent_encoded() {
        parses(
            "data:image/svg+xml,%3Csvg%3E%2",
            "image/svg+xml",
            "PHN2Zz4lMg==",
        );
        parses("data:,a", "", "YQ==");
        parses("data:,abc", "", "YWJj");
    }

    #[test]
    fn base64_is_brought_into_its_standard_form() {
        parses("data:a/b;base64,-_8", "a/b", "+/8=");
        parses("data:a/b;base64,AA\nAA", "a/b", "AAAA");
        parses("data:a/b;base64,AAA%3D", "a/b", "AAA=");
    }

    #[test]
    fn other_addresses_are_none() {
        assert_eq!(DataUri::parse("https://example.com/a,b"), None);
        assert_eq!(DataUri::parse("AAAA"), None);
    }

    #[test]
    fn text_can_be_read_back() {
        assert_eq!(decode_text(&encode("Grüße".as_bytes())).unwrap(), "Grüße");
        assert_eq!(decode_text("/w=="), None);
        assert_eq!(decode_text(&encode("?>~".as_bytes())).unwrap(), "?>~");
        assert_eq!(decode_text("Pz5-").unwrap(), "?>~");
    }
}
