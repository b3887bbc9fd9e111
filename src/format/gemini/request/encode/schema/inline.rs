//! JSON Schema, as the API takes it: without references.

use std::collections::HashSet;

use bytes::BytesMut;

use crate::json::{self, Kind, Object, Raw, ToJson};

use super::{
    DEPTH,
    refs::{Refs, View},
};

/// Writes a schema without references; tells whether something had to be left out.
pub(super) fn write(root: Raw<'_>, out: &mut BytesMut) -> bool {
    let mut refs = Refs::new(root);
    schema_at(root, DEPTH, 0, &mut refs, out);
    refs.lossy
}

fn schema_at<'a>(raw: Raw<'a>, depth: usize, hops: usize, refs: &mut Refs<'a>, out: &mut BytesMut) {
    if raw.kind() != Kind::Object {
        raw.write(out);
        return;
    }
    if depth == 0 {
        refs.lossy = true;
        Raw::EMPTY_OBJECT.write(out);
        return;
    }
    let (view, hops) = refs.view(raw, hops, false);
    json::object(out, |o| {
        for member in &view.members {
            keyword(&member.key, member.value, &view, depth - 1, hops, refs, o);
        }
    });
}

#[allow(
    clippy::too_many_arguments,
    reason = "where in the schema it stands, and where it goes"
)]
fn keyword<'a>(
    key: &str,
    value: Raw<'a>,
    view: &View<'a>,
    depth: usize,
    hops: usize,
    refs: &mut Refs<'a>,
    o: &mut Object<'_>,
) {
    match key {
        "$schema" | "$defs" | "definitions" => {}
        "properties" => o.object(key, |o| {
            let mut known = HashSet::new();
            for map in &view.properties {
                for member in refs.open(*map) {
                    if known.insert(member.key.clone()) {
                        schema_at(member.value, depth, hops, refs, o.key(&member.key));
                    }
                }
            }
        }),
        "patternProperties" | "dependentSchemas" => o.object(key, |o| {
            for member in refs.open(value) {
                schema_at(member.value, depth, hops, refs, o.key(&member.key));
            }
        }),
        "required" if view.required.len() > 1 => o.array(key, |a| {
            let mut known = HashSet::new();
            for name in view
                .required
                .iter()
                .flat_map(|list| super::refs::names(*list))
            {
                if known.insert(name.decode().into_owned()) {
                    a.value(name);
                }
            }
        }),
        "anyOf" | "oneOf" | "allOf" | "prefixItems" | "items" if value.kind() == Kind::Array => {
            o.array(key, |a| {
                for element in value.parse::<Vec<Raw<'a>>>().unwrap_or_default() {
                    schema_at(element, depth, hops, refs, a.element());
                }
            });
        }
        "items"
        | "additionalProperties"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contains"
        | "propertyNames"
        | "unevaluatedProperties"
        | "unevaluatedItems" => {
            schema_at(value, depth, hops, refs, o.key(key));
        }
        key => o.field(key, value),
    }
}
