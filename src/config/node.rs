use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::{Number, Value as Json};

/// A value of a document, with its place.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) at: Option<At>,
}

/// A place in a document, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    pub(super) line: u32,
    pub(super) column: u32,
}

impl At {
    pub(super) fn new(line: impl TryInto<u32>, column: impl TryInto<u32>) -> Self {
        Self {
            line: line.try_into().unwrap_or(u32::MAX),
            column: column.try_into().unwrap_or(u32::MAX),
        }
    }
}

#[derive(Clone)]
pub(super) enum Value {
    Null,
    Flag(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// Keys may occur twice.
    Map(Vec<(Node, Node)>),
}

impl Value {
    /// What it is, in words that give nothing of it away.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }

    /// As JSON. Of keys that occur twice, the last counts.
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Flag(flag) => Json::Bool(*flag),
            Self::Number(number) => Json::Number(number.clone()),
            Self::Text(text) => Json::String(text.clone()),
            Self::List(items) => items.iter().map(|item| item.value.to_json()).collect(),
            Self::Map(entries) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, node)| (key.value.name(), node.value.to_json()));
                Json::Object(entries.collect())
            }
        }
    }

    /// As the name of a member.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            other => other.to_json().to_string(),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = deserializer.deserialize_any(ValueVisitor::<Self>(PhantomData))?;
        Ok(Self { value, at: None })
    }
}

/// A node of a deserializer that knows places.
#[cfg(feature = "yaml")]
pub(super) struct Located(pub(super) Node);

#[cfg(feature = "yaml")]
impl From<Located> for Node {
    fn from(Located(node): Located) -> Self {
        node
    }
}

#[cfg(feature = "yaml")]
impl<'de> Deserialize<'de> for Located {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Inner(Value);
        impl<'de> Deserialize<'de> for Inner {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let visitor = ValueVisitor::<Located>(PhantomData);
                deserializer.deserialize_any(visitor).map(Self)
            }
        }
        let spanned = serde_saphyr::Spanned::<Inner>::deserialize(deserializer)?;
        Ok(Self(Node {
            value: spanned.value.0,
            at: Some(At::new(
                spanned.referenced.line(),
                spanned.referenced.column(),
            )),
        }))
    }
}

/// Reads a value whose children are read as `C`.
struct ValueVisitor<C>(PhantomData<C>);

impl<'de, C: Deserialize<'de> + Into<Node>> Visitor<'de> for ValueVisitor<C> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<C>()? {
            list.push(item.into());
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some((key, value)) = entries.next_entry::<C, C>()? {
            map.push((key.into(), value.into()));
        }
        Ok(Value::Map(map))
    }
}
