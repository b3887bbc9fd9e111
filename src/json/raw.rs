use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, MapAccess, Unexpected, Visitor},
};
use serde_json::value::RawValue;

use super::{Number, ReadError, Text};

/// Any JSON value, unparsed: a slice of the source.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

/// What a [`Raw`] value is, told by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl<'a> Raw<'a> {
    /// The empty object, `{}`.
    pub const EMPTY_OBJECT: Self = Self("{}");

    pub(super) const fn from_literal(literal: &'a str) -> Self {
        Self(literal)
    }

    /// Wraps text that is known to be one JSON value.
    ///
    /// # Errors
    ///
    /// If it isn't.
    pub fn new(text: &'a str) -> Result<Self, ReadError> {
        super::read(text)
    }

    /// The JSON text.
    pub const fn get(self) -> &'a str {
        self.0
    }

    /// What kind of value this is.
    pub fn kind(self) -> Kind {
        match self.0.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    /// The string, if this is one.
    pub fn text(self) -> Option<Text<'a>> {
        (self.kind() == Kind::String).then(|| Text::from_literal(self.0))
    }

    /// The number, if this is one.
    pub fn number(self) -> Option<Number<'a>> {
        (self.kind() == Kind::Number).then(|| Number::from_literal(self.0))
    }

    /// The boolean, if this is one.
    pub fn bool(self) -> Option<bool> {
        match self.0 {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// Reads this value as `T`, which may borrow from the source.
    ///
    /// # Errors
    ///
    /// If the value doesn't have the shape of `T`.
    pub fn parse<T: Deserialize<'a>>(self) -> Result<T, ReadError> {
        super::read(self.0)
    }

    /// Whether this is an empty array or an empty object.
    pub fn is_empty(self) -> bool {
        matches!(self.kind(), Kind::Array | Kind::Object)
            && self.0.len() < 16
            && self
                .0
                .bytes()
                .filter(|byte| !byte.is_ascii_whitespace())
                .count()
                == 2
    }

    /// Reads this value as an owned `T`; `None` if it doesn't have that shape.
    pub fn parse_owned<T: DeserializeOwned>(self) -> Option<T> {
        serde_json::from_str(self.0).ok()
    }
}

impl fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// How our own reader knows that a value is wanted as it stands, and tells that it is.
pub(super) const RAW: &str = "$tower_llm_gateway::json::Raw";

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawVisitor;

        impl<'de> Visitor<'de> for RawVisitor {
            type Value = Raw<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Self::Value, D::Error> {
                let raw = <&'de RawValue>::deserialize(deserializer)?;
                Ok(Raw(raw.get()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                match map.next_entry()? {
                    Some((RAW, literal)) => Ok(Raw(literal)),
                    _ => Err(A::Error::invalid_type(Unexpected::Map, &self)),
                }
            }
        }

        deserializer.deserialize_newtype_struct(RAW, RawVisitor)
    }
}
