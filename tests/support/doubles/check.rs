//! Checks of JSON shapes that the providers' checks share.

use serde_json::{Map, Value};

/// The type a field must have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Text,
    Decimal,
    Integer,
    Boolean,
    Array,
    Object,
    TextOrArray,
    TextOrObject,
}

impl Kind {
    pub fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Decimal => value.is_number(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
            Self::TextOrArray => value.is_string() || value.is_array(),
            Self::TextOrObject => value.is_string() || value.is_object(),
        }
    }
}

/// A table of fields and their types.
pub type Fields = &'static [(&'static str, Kind)];

/// The first field of `object` that is not in the table.
pub fn unknown(object: &Map<String, Value>, fields: Fields) -> Option<&str> {
    let known = |name: &str| fields.iter().any(|(field, _)| *field == name);
    object.keys().map(String::as_str).find(|name| !known(name))
}

/// The first field of `object` whose value has another type than the table says.
pub fn mistyped(object: &Map<String, Value>, fields: Fields) -> Option<(&str, Kind)> {
    object.iter().find_map(|(name, value)| {
        let (_, kind) = fields.iter().find(|(field, _)| field == name)?;
        (!kind.accepts(value)).then_some((name.as_str(), *kind))
    })
}

/// The first key of `value` that is not in `keys`.
pub fn unknown_key<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    let names = value.as_object()?.keys();
    names.map(String::as_str).find(|name| !keys.contains(name))
}

/// Whether `name` has 1 to `limit` characters of `[A-Za-z0-9_-]`.
pub fn is_name(name: &str, limit: usize) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=limit).contains(&name.len()) && name.bytes().all(legal)
}

/// JSON's own name of a value's type, with its article.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a decimal",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
