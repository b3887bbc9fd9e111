use bytes::{BufMut, BytesMut};

use super::{Number, Raw, Text, plain};

/// Something that can be written as one JSON value.
pub trait ToJson {
    /// Appends the value to `out`.
    fn write(&self, out: &mut BytesMut);
}

/// Writes an object; `members` fills it.
pub fn object<R>(out: &mut BytesMut, members: impl FnOnce(&mut Object<'_>) -> R) -> R {
    out.put_u8(b'{');
    let result = members(&mut Object { out, empty: true });
    out.put_u8(b'}');
    result
}

/// Writes an array; `elements` fills it.
pub fn array<R>(out: &mut BytesMut, elements: impl FnOnce(&mut Array<'_>) -> R) -> R {
    out.put_u8(b'[');
    let result = elements(&mut Array { out, empty: true });
    out.put_u8(b']');
    result
}

/// An object that is being written: each call appends a member.
#[derive(Debug)]
pub struct Object<'w> {
    out: &'w mut BytesMut,
    empty: bool,
}

impl Object<'_> {
    /// Appends a member.
    pub fn field(&mut self, key: &str, value: impl ToJson) {
        value.write(self.key(key));
    }

    /// Appends a member if there is a value.
    pub fn optional(&mut self, key: &str, value: Option<impl ToJson>) {
        if let Some(value) = value {
            self.field(key, value);
        }
    }

    /// Appends a member that is an object.
    pub fn object<R>(&mut self, key: &str, members: impl FnOnce(&mut Object<'_>) -> R) -> R {
        object(self.key(key), members)
    }

    /// Appends a member that is an array.
    pub fn array<R>(&mut self, key: &str, elements: impl FnOnce(&mut Array<'_>) -> R) -> R {
        array(self.key(key), elements)
    }

    /// Appends a member's name; the caller writes exactly one value to what is returned.
    pub fn key(&mut self, key: &str) -> &mut BytesMut {
        separate(self.out, &mut self.empty);
        key.write(self.out);
        self.out.put_u8(b':');
        self.out
    }
}

/// An array that is being written: each call appends an element.
#[derive(Debug)]
pub struct Array<'w> {
    out: &'w mut BytesMut,
    empty: bool,
}

impl Array<'_> {
    /// Appends an element.
    pub fn value(&mut self, value: impl ToJson) {
        value.write(self.element());
    }

    /// Appends an element that is an object.
    pub fn object<R>(&mut self, members: impl FnOnce(&mut Object<'_>) -> R) -> R {
        object(self.element(), members)
    }

    /// Makes room for an element; the caller writes exactly one value to what is returned.
    pub fn element(&mut self) -> &mut BytesMut {
        separate(self.out, &mut self.empty);
        self.out
    }

    /// Whether nothing was appended yet.
    pub fn is_empty(&self) -> bool {
        self.empty
    }
}

fn separate(out: &mut BytesMut, empty: &mut bool) {
    if !std::mem::take(empty) {
        out.put_u8(b',');
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn write(&self, out: &mut BytesMut) {
        (**self).write(out);
    }
}

impl ToJson for Raw<'_> {
    fn write(&self, out: &mut BytesMut) {
        out.extend_from_slice(self.get().as_bytes());
    }
}

impl ToJson for Number<'_> {
    fn write(&self, out: &mut BytesMut) {
        out.extend_from_slice(self.get().as_bytes());
    }
}

impl ToJson for Text<'_> {
    fn write(&self, out: &mut BytesMut) {
        match self.literal() {
            Some(literal) => out.extend_from_slice(literal.as_bytes()),
            None => self.decode().write(out),
        }
    }
}

impl ToJson for std::borrow::Cow<'_, str> {
    fn write(&self, out: &mut BytesMut) {
        (**self).write(out);
    }
}

impl ToJson for String {
    fn write(&self, out: &mut BytesMut) {
        self.as_str().write(out);
    }
}

impl ToJson for bool {
    fn write(&self, out: &mut BytesMut) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl ToJson for u64 {
    fn write(&self, out: &mut BytesMut) {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = *self;
        for (index, digit) in digits.iter_mut().enumerate().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            start = index;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        out.extend_from_slice(digits.get(start..).unwrap_or_default());
    }
}

/// JSON `null`.
impl ToJson for () {
    fn write(&self, out: &mut BytesMut) {
        out.extend_from_slice(b"null");
    }
}

impl ToJson for str {
    fn write(&self, out: &mut BytesMut) {
        out.reserve(self.len() + 2);
        out.put_u8(b'"');
        escape(self, out);
        out.put_u8(b'"');
    }
}

fn escape(text: &str, out: &mut BytesMut) {
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at(plain::plain(rest));
        out.extend_from_slice(plain);
        let Some((special, after)) = special.split_first() else {
            return;
        };
        escape_one(*special, out);
        rest = after;
    }
}

fn escape_one(byte: u8, out: &mut BytesMut) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.extend_from_slice(b"\\u00");
            out.extend(
                [byte >> 4, byte & 15]
                    .map(|nibble| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0')),
            );
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// A value without the white space between its tokens. Borrows if there is none.
pub fn compact(raw: Raw<'_>) -> std::borrow::Cow<'_, str> {
    let text = raw.get();
    let has_space = |any: bool, byte: u8| any | byte.is_ascii_whitespace();
    if !text.bytes().fold(false, has_space) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for character in text.chars() {
        if in_string {
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if character.is_ascii_whitespace() {
            continue;
        } else {
            in_string = character == '"';
        }
        out.push(character);
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: impl ToJson) -> String {
        let mut out = BytesMut::new();
        value.write(&mut out);
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn strings_are_escaped_as_json_demands() {
        let text = "a\"b\\c\nd\u{1}é😀\u{2028}";
        let literal = written(text);
        assert_eq!(literal, "\"a\\\"b\\\\c\\nd\\u0001é😀\u{2028}\"");
        assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), text);
    }

    #[test]
    fn integers_are_written_in_full() {
        assert_eq!(written(0u64), "0");
        assert_eq!(written(u64::MAX), "18446744073709551615");
    }

    #[test]
    fn members_and_elements_are_separated() {
        let mut out = BytesMut::new();
        object(&mut out, |o| {
            o.field("a", 1u64);
            o.optional("b", None::<u64>);
            o.array("c", |a| {
                a.value(true);
                a.object(|o| o.field("d", ()));
            });
        });
        assert_eq!(&out[..], br#"{"a":1,"c":[true,{"d":null}]}"#);
    }

    #[test]
    fn a_text_from_json_is_written_in_its_own_spelling() {
        let text: Text<'_> = crate::json::read(r#""\u00e9\/""#).unwrap();
        assert_eq!(written(text), r#""\u00e9\/""#);
    }

    #[test]
    fn compacting_leaves_strings_alone() {
        let raw = Raw::new("{ \"a b\" : [ 1.0 ,\n \"\\\" x\" ] }").unwrap();
        assert_eq!(compact(raw), "{\"a b\":[1.0,\"\\\" x\"]}");
    }
}
