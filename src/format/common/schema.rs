//! JSON Schemas, as far as several APIs have the same rules for them.

use std::{borrow::Cow, collections::HashSet};

use bytes::BytesMut;

use crate::{
    format::object::object,
    json::{self, Kind, Raw, Text},
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

/// Whether this is a schema for objects, or for anything.
pub(crate) fn is_object(schema: Raw<'_>) -> bool {
    let Ok(wire) = schema.parse::<Members<'_>>() else {
        return schema.kind() == Kind::Null;
    };
    wire.kind
        .and_then(Raw::text)
        .is_none_or(|kind| kind == "object")
}

/// Writes the schema of a function's arguments, which must be that of an object and say so.
pub(crate) fn write_object(schema: Option<Raw<'_>>, out: &mut BytesMut) {
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
        _ => json::ToJson::write(&schema, out),
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
