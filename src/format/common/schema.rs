//! JSON Schemas, as far as several APIs have the same rules for them.

use std::{borrow::Cow, collections::HashSet, fmt};

use bytes::BytesMut;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Unexpected, Visitor},
};

use crate::{
    format::object::{Key, object, set},
    ir,
    json::{self, Early, Kind, Raw, Text, ToJson},
};

object! {
    /// What matters of a schema here.
    struct Schema<'a> {
        kind = "type": Raw<'a>,
        properties: Raw<'a>,
        required: Vec<Text<'a>>,
        additional_properties = "additionalProperties": Raw<'a>,
    }
}

object! {
    /// An object of which only the members as such matter.
    struct Members<'a> {
        kind = "type": Raw<'a>,
    }
}

/// A schema whose root says that it is that of an object. Nothing else is read of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ObjectSchema;

impl<'de> Deserialize<'de> for ObjectSchema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SchemaVisitor;

        impl<'de> Visitor<'de> for SchemaVisitor {
            type Value = ObjectSchema;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the schema of an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut kind = None;
                while let Some(key) = map.next_key::<Key<'de>>()? {
                    if key.0 == "type" {
                        set(&mut kind, "type", Some(map.next_value::<Text<'de>>()?))?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                match kind {
                    Some(kind) if kind == "object" => Ok(ObjectSchema),
                    _ => Err(A::Error::invalid_value(Unexpected::Map, &self)),
                }
            }
        }

        deserializer.deserialize_map(SchemaVisitor)
    }
}

/// The schema of a function's arguments.
pub(crate) fn early(schema: Early<'_, ObjectSchema>) -> ir::Schema<'_> {
    match schema.value() {
        Some(ObjectSchema) => ir::Schema::of_object(schema.raw()),
        None => schema.raw().into(),
    }
}

/// Whether this is a schema for objects, or for anything.
pub(crate) fn is_object(schema: &ir::Schema<'_>) -> bool {
    schema.says_object() || is_object_or_any(schema.raw())
}

fn is_object_or_any(schema: Raw<'_>) -> bool {
    let Ok(wire) = schema.parse::<Members<'_>>() else {
        return schema.kind() == Kind::Null;
    };
    wire.kind
        .and_then(Raw::text)
        .is_none_or(|kind| kind == "object")
}

/// Writes the schema of a function's arguments, which must be that of an object and say so.
pub(crate) fn write_object(schema: Option<&ir::Schema<'_>>, out: &mut BytesMut) {
    if let Some(schema) = schema.filter(|schema| schema.says_object()) {
        return schema.raw().write(out);
    }
    let schema = schema.map(ir::Schema::raw);
    let Some(schema) = schema.filter(|schema| schema.kind() == Kind::Object && !schema.is_empty())
    else {
        json::object(out, |o| {
            o.field("type", "object");
            o.object("properties", |_| {});
        });
        return;
    };
    match schema.parse::<Members<'_>>() {
        Ok(members) if members.kind.is_none() => json::object(out, |o| {
            o.field("type", "object");
            members.extra.write(o);
        }),
        _ => schema.write(out),
    }
}

/// How deep a schema is followed: far enough for the ten levels that strict mode takes, each with an `anyOf`. Each level
/// reads what is below it again.
const DEPTH: usize = 32;

/// Whether strict mode takes the schema: every object in it is closed, and requires all it has.
pub(crate) fn is_strict(schema: Raw<'_>) -> bool {
    is_strict_within(schema, DEPTH)
}

fn is_strict_within(schema: Raw<'_>, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    match schema.kind() {
        Kind::Array => {
            let elements: Vec<Raw<'_>> = schema.parse().unwrap_or_default();
            elements
                .into_iter()
                .all(|element| is_strict_within(element, depth))
        }
        Kind::Object => schema.parse::<Schema<'_>>().is_ok_and(|wire| {
            let properties = members(wire.properties);
            is_closed(&wire, &properties) && are_strict(&wire, &properties, depth)
        }),
        _ => true,
    }
}

fn is_closed(wire: &Schema<'_>, properties: &[(String, Raw<'_>)]) -> bool {
    let is_object = wire
        .kind
        .and_then(Raw::text)
        .is_some_and(|kind| kind == "object");
    if !is_object && wire.properties.is_none() {
        return true;
    }
    let closed = wire.additional_properties.and_then(Raw::bool) == Some(false);
    let required = wire.required.iter().flatten().map(Text::decode);
    let required: HashSet<Cow<'_, str>> = required.collect();
    closed
        && properties
            .iter()
            .all(|(name, _)| required.contains(name.as_str()))
}

/// The members of an object, in their order but for `type`.
pub(crate) fn members(object: Option<Raw<'_>>) -> Vec<(String, Raw<'_>)> {
    let object = object.and_then(|object| object.parse::<Members<'_>>().ok());
    let Some(object) = object else {
        return Vec::new();
    };
    let named_type = object.kind.map(|value| ("type".to_owned(), value));
    let others = object
        .extra
        .iter()
        .map(|member| (member.key.to_string(), member.value));
    named_type.into_iter().chain(others).collect()
}

fn are_strict(wire: &Schema<'_>, properties: &[(String, Raw<'_>)], depth: usize) -> bool {
    properties
        .iter()
        .all(|(_, schema)| is_strict_within(*schema, depth))
        && wire.extra.iter().all(|member| match &*member.key {
            "items" | "anyOf" | "allOf" | "oneOf" | "prefixItems" => {
                is_strict_within(member.value, depth)
            }
            "$defs" | "definitions" => members(Some(member.value))
                .iter()
                .all(|(_, schema)| is_strict_within(*schema, depth)),
            _ => true,
        })
}
