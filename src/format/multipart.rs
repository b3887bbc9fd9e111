//! Forms with files in them, read as far as one field. Sources: RFC 2046, section 5.1.1; RFC 7578, sections 4.1 and 4.2.

use std::{fmt, ops::Range};

use memchr::memmem::{self, Finder};

/// What parts the fields of a form, as its content type says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Boundary(String);

/// Why a form can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(&'static str);

impl Boundary {
    /// Reads a content type; `None` if it is no form's.
    pub(crate) fn of(content_type: &str) -> Option<Self> {
        let (media_type, _) = content_type.split_once(';')?;
        let is_form = media_type
            .trim()
            .eq_ignore_ascii_case("multipart/form-data");
        let boundary = parameter(content_type, "boundary").filter(|_| is_form)?;
        (1..=70).contains(&boundary.len()).then_some(Self(boundary))
    }

    /// Where the value of a field is; `None` if there is none of this name.
    ///
    /// # Errors
    ///
    /// If the body is no such form, or names the field twice: two parsers could then disagree about its value.
    pub(crate) fn field(&self, body: &[u8], name: &str) -> Result<Option<Range<usize>>, Malformed> {
        let delimiter = format!("\r\n--{}", self.0);
        let finder = Finder::new(&delimiter);
        let mut rest = begin(body, &finder).ok_or(Malformed("its first field is missing"))?;
        let mut found = None;
        loop {
            let (padding, fields) = cut(rest, b"\r\n").unwrap_or((rest, b""));
            if padding.starts_with(b"--") {
                return Ok(found);
            }
            if !padding.trim_ascii().is_empty() {
                return Err(Malformed("something follows the boundary"));
            }
            let end = finder.find(fields).ok_or(Malformed("it is cut off"))?;
            let (part, after) = fields.split_at(end);
            if let Some(value) = value_of(part, name) {
                let start = body.len() - fields.len() + (part.len() - value.len());
                let value = start..start + value.len();
                if found.replace(value).is_some() {
                    return Err(Malformed("it names a field twice"));
                }
            }
            rest = after.get(delimiter.len()..).unwrap_or_default();
        }
    }
}

/// What stands behind the first boundary. There may be something in front.
fn begin<'a>(body: &'a [u8], delimiter: &Finder<'_>) -> Option<&'a [u8]> {
    let needle = delimiter.needle();
    if let Some(rest) = body.strip_prefix(needle.get(2..)?) {
        return Some(rest);
    }
    body.get(delimiter.find(body)? + needle.len()..)
}

/// The value of a part, if it is the field of this name.
fn value_of<'a>(part: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (head, value) = cut(part, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(head);
    let is_named = head.split("\r\n").any(|line| {
        line.split_once(':').is_some_and(|(header, value)| {
            header.trim().eq_ignore_ascii_case("content-disposition")
                && parameter(value, "name").is_some_and(|it| it == name)
        })
    });
    is_named.then_some(value)
}

fn cut<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = memmem::find(bytes, at)?;
    Some((bytes.get(..start)?, bytes.get(start + at.len()..)?))
}

/// The parameter of a header's value, such as `name` in `form-data; name="model"`.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let (_, mut rest) = value.split_once(';')?;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (text, after) = if let Some(quoted) = after.trim_start().strip_prefix('"') {
            unquoted(quoted)?
        } else {
            let (text, after) = after.split_once(';').unwrap_or((after, ""));
            (text.trim().to_owned(), after)
        };
        // `; ; name=x`: what is empty is nothing.
        let name =
            name.trim_matches(|character: char| character == ';' || character.is_whitespace());
        if name.eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = after;
    }
}

/// A quoted text without its escapes, and what stands behind it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut plain = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((plain, text.get(at + 1..)?)),
            '\\' => plain.push(characters.next()?.1),
            _ => plain.push(character),
        }
    }
    None
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn boundary() -> Boundary {
        Boundary::of("multipart/form-data; boundary=xx").unwrap()
    }

    fn model(body: &str) -> Result<Option<&str>, Malformed> {
        let found = boundary().field(body.as_bytes(), "model")?;
        Ok(found.map(|range| &body[range]))
    }

    #[test]
    fn the_content_type_says_what_parts_the_fields() {
        let of = |text| Boundary::of(text).map(|boundary| boundary.0);
        for text in [
            "multipart/form-data; boundary=a-b",
            "Multipart/Form-Data;charset=utf-8; Boundary=\"a-b\"",
            "multipart/form-data; x=\"; boundary=no\"; boundary=a-b; y",
        ] {
            assert_eq!(of(text).as_deref(), Some("a-b"), "{text}");
        }
        for text in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/mixed; boundary=a",
            "application/json; boundary=a",
            "multipart/form-data; boundary=\"a",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn a_field_is_found_among_files() {
        let file = "--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a; name=model\"\r\nContent-Type: audio/mpeg\r\n\r\n\r\n--x\r\nmodel\r\n";
        let field = "--xx \r\ncontent-disposition:form-data;name=model\r\n\r\nwhisper-1\r\n";
        for body in [
            format!("{file}{field}--xx--"),
            format!("{field}{file}--xx--\r\nmore"),
            format!("preamble\r\n{field}--xx--\r\n"),
        ] {
            assert_eq!(model(&body), Ok(Some("whisper-1")), "{body}");
        }
        assert_eq!(model(&format!("{file}--xx--")), Ok(None));
    }

    #[test]
    fn a_value_may_be_empty_or_hold_line_ends() {
        let body = |value| {
            format!(
                "--xx\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{value}\r\n--xx--"
            )
        };
        assert_eq!(model(&body("")), Ok(Some("")));
        assert_eq!(model(&body("a\r\n\r\n--x")), Ok(Some("a\r\n\r\n--x")));
    }

    #[test]
    fn what_two_parsers_could_read_differently_is_refused() {
        let field = "--xx\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\na\r\n";
        for body in [
            format!("{field}{field}--xx--"),
            field.to_owned(),
            field.replace("--xx\r\n", "--xxy\r\n") + "--xx--x",
            String::new(),
        ] {
            if let Ok(found) = model(&body) {
                assert_eq!(found, None, "{body}");
            }
        }
        assert!(model(&format!("{field}{field}--xx--")).is_err());
        assert!(model(field).is_err());
        assert!(model("").is_err());
    }

    proptest! {
        #[test]
        fn no_form_is_too_strange(body in "(--xx|--|\r\n|\r|content-disposition: form-data|; name=|\"|model|\\PC)*") {
            if let Ok(Some(range)) = boundary().field(body.as_bytes(), "model") {
                prop_assert!(body.as_bytes().get(range).is_some());
            }
        }

        #[test]
        fn no_content_type_is_too_strange(text in "(multipart/form-data|;|=|\"|\\\\|boundary|\\PC)*") {
            let _ = Boundary::of(&text);
        }
    }
}
