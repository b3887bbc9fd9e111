use std::{fmt, ops::Range};

use bytes::{Bytes, BytesMut};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use super::object::{Key, set};
use crate::json::{self, Kind, Raw, ReadError, ToJson};

/// What routing must know of a request's body, read without a copy: the rest is checked to be JSON and skipped.
///
/// The router looks by itself. This is for hosts that route by hand.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Peek<'a> {
    /// The member `model`, whatever it is; `None` if absent or `null`.
    pub model: Option<Raw<'a>>,
    /// The member `stream`, whatever it is; `None` if absent or `null`.
    pub stream: Option<Raw<'a>>,
    /// The member `model`, also if it is `null`: where a name goes.
    place: Option<Raw<'a>>,
}

impl<'a> Peek<'a> {
    /// Looks into a body.
    ///
    /// # Errors
    ///
    /// If it isn't a JSON object, or names `model` or `stream` twice: two parsers could then disagree about where
    /// the request goes.
    pub fn read(body: &'a [u8]) -> Result<Self, ReadError> {
        let text = json::text_of(body)?;
        Self::scan(text).map_or_else(|| json::read(text), Ok)
    }

    /// Looks into what is plainly an object. `None` of all that needs a closer look, and of what is to be refused.
    fn scan(text: &'a str) -> Option<Self> {
        let mut peek = Self::default();
        let mut is_plain = true;
        json::members(text, |name, value| {
            let slot = match name {
                "model" => &mut peek.place,
                "stream" => &mut peek.stream,
                _ => return,
            };
            is_plain &= slot.replace(value).is_none();
        })?;
        peek.model = peek.place.filter(is_said);
        peek.stream = peek.stream.filter(is_said);
        is_plain.then_some(peek)
    }

    /// The body with another model: what is before the name and what is behind it are the same memory, nothing of it
    /// is copied. `self` must have been read from `body`; one that names no model then does, in front of all else.
    pub(crate) fn rename(&self, body: &Bytes, model: &str) -> [Bytes; 3] {
        if let Some(place) = self.place.and_then(|place| range_in(body, place)) {
            return replace(body, place, model);
        }
        let (head, tail) = behind_brace(body).unwrap_or((body, b""));
        let mut member = BytesMut::with_capacity(model.len() + 12);
        member.extend_from_slice(b"\"model\":");
        model.write(&mut member);
        if !tail.trim_ascii_start().starts_with(b"}") {
            member.extend_from_slice(b",");
        }
        [body.slice_ref(head), member.freeze(), body.slice_ref(tail)]
    }
}

/// Where a body names its model, so that who gives it another name need not look again. It holds for the very bytes
/// that were looked into, and keeps them, so that no others can be where they were.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    body: Bytes,
    name: Range<usize>,
}

impl Named {
    /// What of `body` is the model's name.
    #[cfg_attr(not(feature = "router"), allow(dead_code))]
    pub(crate) fn new(body: &Bytes, name: Raw<'_>) -> Option<Self> {
        Some(Self {
            name: range_in(body, name)?,
            body: body.clone(),
        })
    }

    /// As [`Peek::rename`], if this is that body.
    pub(crate) fn rename(self, body: &Bytes, model: &str) -> Option<[Bytes; 3]> {
        let is_same = body.as_ptr() == self.body.as_ptr() && body.len() == self.body.len();
        is_same.then(|| replace(body, self.name, model))
    }
}

fn replace(body: &Bytes, place: Range<usize>, model: &str) -> [Bytes; 3] {
    let mut name = BytesMut::with_capacity(model.len() + 2);
    model.write(&mut name);
    [
        body.slice(..place.start),
        name.freeze(),
        body.slice(place.end..),
    ]
}

/// Where in a body a value is that was read from it.
fn range_in(body: &[u8], value: Raw<'_>) -> Option<Range<usize>> {
    let value = value.get();
    let start = value.as_ptr().addr().checked_sub(body.as_ptr().addr())?;
    let end = start.checked_add(value.len())?;
    (end <= body.len()).then_some(start..end)
}

fn is_said(value: &Raw<'_>) -> bool {
    value.kind() != Kind::Null
}

/// An object's beginning, and its members.
fn behind_brace(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = body.iter().position(|byte| *byte == b'{')?;
    body.split_at_checked(start + 1)
}

impl<'de: 'a, 'a> Deserialize<'de> for Peek<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PeekVisitor;

        impl<'de> Visitor<'de> for PeekVisitor {
            type Value = Peek<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Peek<'de>, A::Error> {
                let mut peek = Peek::default();
                while let Some(key) = map.next_key::<Key<'de>>()? {
                    match &*key.0 {
                        "model" => set(&mut peek.place, "model", Some(map.next_value()?))?,
                        "stream" => set(&mut peek.stream, "stream", map.next_value()?)?,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                peek.model = peek.place.filter(is_said);
                Ok(peek)
            }
        }

        deserializer.deserialize_map(PeekVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_top_level_counts() {
        let body =
            br#"{"x":{"model":"inner"},"messages":["\"model\""],"model":"outer","stream":true}"#;
        let peek = Peek::read(body).unwrap();
        assert_eq!(peek.model.unwrap().get(), "\"outer\"");
        assert_eq!(peek.stream.unwrap().bool(), Some(true));
    }

    #[test]
    fn renaming_changes_nothing_but_the_name() {
        let body =
            Bytes::from_static(b"{ \"a\":1.0, \"mod\\u0065l\" : \"old\", \"b\":\"\\u00e9\" }");
        let peek = Peek::read(&body).unwrap();
        let renamed = peek.rename(&body, "new \"x\"").concat();
        assert_eq!(
            renamed,
            &b"{ \"a\":1.0, \"mod\\u0065l\" : \"new \\\"x\\\"\", \"b\":\"\\u00e9\" }"[..]
        );
    }

    #[test]
    fn renaming_copies_nothing_but_the_name() {
        let body = Bytes::from(br#"{"a":[1,2],"model":"old","b":{}}"#.to_vec());
        let [head, _, tail] = Peek::read(&body).unwrap().rename(&body, "a longer one");
        let whole = body.as_ptr_range();
        assert_eq!(head.as_ptr(), whole.start);
        assert_eq!(head, &br#"{"a":[1,2],"model":"#[..]);
        assert_eq!(tail.as_ptr_range().end, whole.end);
        assert_eq!(tail, &br#","b":{}}"#[..]);
    }

    #[test]
    fn what_was_found_holds_for_the_same_bytes_alone() {
        let body = Bytes::from(br#"{"model":"old","a":[]}"#.to_vec());
        let name = Peek::read(&body).unwrap().model.unwrap();
        let named = Named::new(&body, name).unwrap();
        let renamed = named.clone().rename(&body.clone(), "new").unwrap();
        assert_eq!(renamed.concat(), br#"{"model":"new","a":[]}"#);
        let copy = Bytes::copy_from_slice(&body);
        for other in [copy, body.slice(1..), body.slice(..body.len() - 1)] {
            assert!(named.clone().rename(&other, "new").is_none(), "{other:?}");
        }
        assert!(Named::new(&Bytes::copy_from_slice(&body), name).is_none());
    }

    #[test]
    fn a_body_without_a_model_gets_one() {
        for (body, named) in [
            (&b" { \"a\":1}"[..], " {\"model\":\"m\", \"a\":1}"),
            (b"{ } ", "{\"model\":\"m\" } "),
            (b"{\"model\" : null,\"a\":1}", "{\"model\" : \"m\",\"a\":1}"),
        ] {
            let body = Bytes::from_static(body);
            let peek = Peek::read(&body).unwrap();
            assert_eq!(peek.rename(&body, "m").concat(), named.as_bytes());
        }
    }

    #[test]
    fn a_model_named_twice_is_refused() {
        for twice in [r#""a","model":"b""#, r#"null,"model":"b""#] {
            let body = format!(r#"{{"model":{twice}}}"#);
            assert!(Peek::read(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_look_in_blocks_finds_what_a_parser_finds() {
        for (body, is_plain) in [
            (r#"{"model":"a","stream":true}"#, true),
            (r#"{"model":null,"stream":null}"#, true),
            (r#"{"model":["a"],"stream":0,"b":{"model":1}}"#, true),
            (r#"{"stream":null,"stream":true}"#, false),
            (r#"{"mod\u0065l":"a"}"#, false),
            ("{}", true),
        ] {
            let told = |peek: &Peek<'_>| format!("{peek:?}");
            let scanned = Peek::scan(body);
            let read = json::read::<Peek<'_>>(body).unwrap();
            assert_eq!(scanned.is_some(), is_plain, "{body}");
            assert_eq!(told(&scanned.unwrap_or(read)), told(&read), "{body}");
        }
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        for body in [
            &b""[..],
            b"[]",
            b"{",
            b"{\"model\":\"a\"} x",
            b"\xEF\xBB\xBF{}",
            b"{\"a\":NaN}",
        ] {
            assert!(Peek::read(body).is_err(), "{body:?}");
        }
    }

    #[test]
    fn depth_is_no_danger() {
        let body = format!(
            "{{\"a\":{}{},\"model\":\"m\"}}",
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        // Too deep for the parser's own limit, or skipped: either way an answer and no stack overflow.
        let _ = Peek::read(body.as_bytes());
    }
}
