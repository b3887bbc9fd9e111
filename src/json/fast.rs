//! The way that nearly all JSON goes: read without a look at what is only moved.
//!
//! It knows the values that wire objects are made of, as they nearly always are, and takes them for what
//! [`serde_json`] takes them for. All else is a [`Surprise`], and read again by that.

use std::{fmt, iter};

use serde::{
    Deserialize,
    de::{
        DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor,
        value::{BorrowedStrDeserializer, MapDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{Walk, early::EARLY, raw::RAW};

/// How deep typed values may be within one another.
const DEPTH: u8 = 64;

/// Reads one value. `None` tells nothing but that it is not as usual.
pub(super) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    let mut reader = Reader {
        text,
        walk: Walk::new(text),
        depth: DEPTH,
    };
    let value = T::deserialize(&mut reader).ok()?;
    reader.walk.ahead().is_none().then_some(value)
}

/// Something that the usual way does not know.
#[derive(Debug)]
struct Surprise;

impl fmt::Display for Surprise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not as usual")
    }
}

impl std::error::Error for Surprise {}

impl Error for Surprise {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Read<T> = Result<T, Surprise>;

struct Reader<'de> {
    text: &'de str,
    walk: Walk<'de>,
    depth: u8,
}

impl<'de> Reader<'de> {
    /// The next byte that is no white space.
    fn ahead(&mut self) -> Read<u8> {
        self.walk.ahead().ok_or(Surprise)
    }

    /// Passes over a byte that must come next.
    fn token(&mut self, byte: u8) -> Read<()> {
        let token = self.walk.token();
        (token == Some(byte)).then_some(()).ok_or(Surprise)
    }

    /// Passes over a value.
    fn value(&mut self) -> Read<&'de str> {
        let value = self.walk.value();
        let text = value.and_then(|value| self.text.get(value));
        text.ok_or(Surprise)
    }

    /// The characters of a string that has no escapes.
    fn chars(&mut self) -> Read<&'de str> {
        let first = self.walk.token();
        let chars = first.and_then(|quote| self.walk.plain_string(quote));
        let chars = chars.and_then(|chars| self.text.get(chars));
        chars.ok_or(Surprise)
    }

    /// Reads what is between brackets, which must be all that is there.
    fn nested<T>(
        &mut self,
        open: u8,
        read: impl FnOnce(&mut Inside<'_, 'de>) -> Read<T>,
    ) -> Read<T> {
        self.token(open)?;
        self.depth = self.depth.checked_sub(1).ok_or(Surprise)?;
        let mut inside = Inside {
            reader: self,
            place: Place::First,
        };
        let value = read(&mut inside)?;
        let is_all = inside.place == Place::Behind;
        self.depth += 1;
        is_all.then_some(value).ok_or(Surprise)
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Surprise;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Read<V::Value> {
        Err(Surprise)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self.value()? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Surprise),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let literal = self.value()?;
        let is_whole = literal.bytes().all(|byte| byte.is_ascii_digit());
        let number = literal.parse().ok().filter(|_| is_whole);
        visitor.visit_u64(number.ok_or(Surprise)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_borrowed_str(self.chars()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if self.ahead()? != b'n' {
            return visitor.visit_some(self);
        }
        // Nothing else begins so.
        self.value()?;
        visitor.visit_none()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Read<V::Value> {
        match name {
            RAW => RawDeserializer(self.value()?).deserialize_newtype_struct(name, visitor),
            EARLY => visitor.visit_seq(Both {
                reader: self,
                raw: None,
            }),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.nested(b'[', |inside| visitor.visit_seq(inside))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.nested(b'{', |inside| visitor.visit_map(inside))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        self.deserialize_map(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.value()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct enum
    }
}

/// A value that stays as it stands.
struct RawDeserializer<'de>(&'de str);

impl<'de> Deserializer<'de> for RawDeserializer<'de> {
    type Error = Surprise;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let [key, literal] = [RAW, self.0].map(BorrowedStrDeserializer::new);
        visitor.visit_map(MapDeserializer::new(iter::once((key, literal))))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A value read, if it can be; and the same as it stands.
struct Both<'r, 'de> {
    reader: &'r mut Reader<'de>,
    raw: Option<&'de str>,
}

impl<'de> SeqAccess<'de> for Both<'_, 'de> {
    type Error = Surprise;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        if let Some(raw) = self.raw {
            return seed.deserialize(RawDeserializer(raw)).map(Some);
        }
        self.reader.ahead()?;
        let (start, depth) = (self.reader.walk.clone(), self.reader.depth);
        let from = start.at();
        let value = seed.deserialize(&mut *self.reader).ok();
        if value.is_none() {
            (self.reader.walk, self.reader.depth) = (start, depth);
            self.reader.value()?;
        }
        self.raw = self.reader.text.get(from..self.reader.walk.at());
        Ok(value)
    }
}

/// Within an array or object.
struct Inside<'r, 'de> {
    reader: &'r mut Reader<'de>,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Later,
    Behind,
}

impl Inside<'_, '_> {
    /// Passes over what is between two elements or members; tells whether there is another.
    fn next(&mut self, close: u8) -> Read<bool> {
        let next = self.reader.ahead()?;
        if next == close {
            self.place = Place::Behind;
            self.reader.token(close)?;
            return Ok(false);
        }
        match std::mem::replace(&mut self.place, Place::Later) {
            Place::First => Ok(true),
            Place::Later => self.reader.token(b',').map(|()| true),
            Place::Behind => Err(Surprise),
        }
    }
}

impl<'de> SeqAccess<'de> for &mut Inside<'_, 'de> {
    type Error = Surprise;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        if !self.next(b']')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for &mut Inside<'_, 'de> {
    type Error = Surprise;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        if !self.next(b'}')? {
            return Ok(None);
        }
        let key = BorrowedStrDeserializer::new(self.reader.chars()?);
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Read<V::Value> {
        self.reader.token(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        format::object::object,
        json::{Number, Raw, Text},
    };

    object! {
        /// Each type that members of wire objects have.
        struct Thing<'a> {
            text = "t": Text<'a>,
            number = "n": Number<'a>,
            is_open = "b": bool,
            size = "s": u64,
            list = "l": Vec<Raw<'a>>,
            inner = "i": Inner<'a>,
            things = "v": Vec<Inner<'a>>,
        }
    }

    object! {
        struct Inner<'a> {
            text = "t": Text<'a>,
        }
    }

    /// Pieces of JSON, good and bad. Most texts that are made of them are no JSON, or none of an expected shape.
    const PIECES: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "{}",
        "[]",
        " ",
        "\n\t",
        "\r",
        "true",
        "false",
        "null",
        "nul",
        "truex",
        "0",
        "-0",
        "01",
        "-",
        "1.",
        "1.50",
        "2e+7",
        "3E",
        "18446744073709551616",
        "7",
        "\"",
        "\"t\"",
        "\"n\"",
        "\"b\"",
        "\"s\"",
        "\"l\"",
        "\"i\"",
        "\"v\"",
        "\"t\":",
        "\"n\":",
        "\"b\":",
        "\"s\":",
        "\"l\":",
        "\"i\":{",
        "\"v\":[{",
        "\"x\":",
        "\"\\u0074\":",
        "\"\\\\\"",
        "\"a long string without escapes\"",
        "\"a long string with\\n one\"",
        "\"\\ud800\"",
        "\"\\u12\"",
        "\"\\x\"",
        "\"a\u{1}b\"",
        "\"seven a\nd\"",
        "\"é→\"",
        "\"1234567\\\"\"",
        "\"12345678\"",
        "\u{feff}",
        "'t'",
        "/**/",
    ];

    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(PIECES);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    /// Values as they nearly always are, with white space around them.
    fn values() -> impl Strategy<Value = String> {
        let leaf = prop::sample::select(&[
            "null",
            "true",
            "-1.5e3",
            "0",
            "\"\"",
            "\"plain\"",
            "\"a \\\"b\\\" \\u00e9 and so on\"",
            "{ }",
            "[\n]",
        ]);
        let leaf = leaf.prop_map(str::to_owned);
        leaf.prop_recursive(4, 24, 4, |inner| {
            let list = prop::collection::vec(inner, 1..4);
            (list, any::<bool>()).prop_map(|(values, is_object)| {
                if is_object {
                    let members = values.iter().map(|value| format!("\"x\" :{value}"));
                    return format!("{{{}}}", members.collect::<Vec<_>>().join(" ,"));
                }
                format!(" [{}]\t", values.join(", "))
            })
        })
    }

    /// What is read this way is what [`serde_json`] reads.
    fn agrees<'a, T: Deserialize<'a> + Debug>(text: &'a str) {
        if let Some(value) = read::<T>(text) {
            let expected = serde_json::from_str::<T>(text);
            let expected = expected.unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert_eq!(format!("{value:?}"), format!("{expected:?}"), "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn what_is_read_the_usual_way_reads_the_same_the_other_way(text in pieces()) {
            agrees::<Raw<'_>>(&text);
            agrees::<Thing<'_>>(&text);
            agrees::<Vec<Thing<'_>>>(&text);
            let members = format!("{{{text}}}");
            agrees::<Thing<'_>>(&members);
            agrees::<Raw<'_>>(&members);
        }

        #[test]
        fn a_value_as_they_nearly_always_are_is_read_the_usual_way(text in values()) {
            agrees::<Raw<'_>>(&text);
            prop_assert!(read::<Raw<'_>>(&text).is_some());
        }
    }

    #[test]
    fn members_of_all_types_are_read_the_usual_way() {
        let text = r#" { "x" : [ 1 ] , "t" : "a\n" , "n" : -0.5 , "b" : true , "s" : 18446744073709551615 ,
            "l" : [ {} , "" ] , "i" : { "t" : null } , "v" : [ {} , { "t" : "long enough, and plain" } ] } "#;
        assert!(read::<Thing<'_>>(text).is_some());
        agrees::<Thing<'_>>(text);
    }

    #[test]
    fn what_is_unusual_is_left_to_the_parser() {
        let deep = ["[".repeat(200), "]".repeat(200)].concat();
        for text in [
            r#"{"\u0074":""}"#,
            r#"{"t":"","t":""}"#,
            r#"{"s":1.0}"#,
            "{}}",
        ] {
            assert!(read::<Thing<'_>>(text).is_none(), "{text}");
        }
        assert!(read::<Raw<'_>>(&deep).is_none() && crate::json::read::<Raw<'_>>(&deep).is_ok());
    }
}
