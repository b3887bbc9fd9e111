//! The subset of `OpenAPI`'s schemas that older servers take.
//!
//! Source: google-genai 3.4.0, `Schema`, and what such servers refused: goai#108, opencode#12911, opencode#12295.

use std::collections::HashSet;

use bytes::BytesMut;

use crate::{
    ir::Member,
    json::{self, Kind, Object, Raw, ToJson},
};

use super::{
    DEPTH,
    refs::{Refs, View, names},
};

/// Members that are taken as they are.
const PLAIN: &[&str] = &[
    "title",
    "description",
    "default",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "propertyOrdering",
    "example",
];

/// Members that rule nothing out, and those that are said otherwise.
const NEEDLESS: &[&str] = &[
    "$schema",
    "$id",
    "$anchor",
    "$comment",
    "$defs",
    "definitions",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "nullable",
];

const FORMATS: &[&str] = &["float", "double", "int32", "int64", "date-time", "enum"];

/// Writes a schema in the subset; tells whether something had to be left out.
pub(super) fn write(root: Raw<'_>, out: &mut BytesMut) -> bool {
    let mut subset = Subset {
        refs: Refs::new(root),
    };
    subset.schema(root, DEPTH, 0, out);
    subset.refs.lossy
}

struct Subset<'a> {
    refs: Refs<'a>,
}

/// What kind of values a schema allows.
#[derive(Debug, Default)]
struct Kinds {
    /// Their types but for `null`.
    types: Vec<String>,
    nullable: bool,
    /// The only values, as strings.
    values: Option<Vec<String>>,
}

impl<'a> Subset<'a> {
    fn schema(&mut self, raw: Raw<'a>, depth: usize, hops: usize, out: &mut BytesMut) {
        if raw.kind() != Kind::Object || depth == 0 {
            self.refs.lossy |= raw.get() != "true";
            Raw::EMPTY_OBJECT.write(out);
            return;
        }
        let (view, hops) = self.refs.view(raw, hops, true);
        let kinds = kinds(&view);
        json::object(out, |o| {
            write_type(&kinds, &view, o);
            let mut has_any = false;
            for member in &view.members {
                match &*member.key {
                    "anyOf" | "oneOf" if !std::mem::replace(&mut has_any, true) => {
                        self.any_of(member.value, depth, hops, o);
                    }
                    _ => self.keyword(member, &kinds, &view, depth, hops, o),
                }
            }
            if kinds.nullable {
                o.field("nullable", true);
            }
        });
    }

    fn keyword(
        &mut self,
        member: &Member<'a>,
        kinds: &Kinds,
        view: &View<'a>,
        depth: usize,
        hops: usize,
        o: &mut Object<'_>,
    ) {
        let value = member.value;
        match &*member.key {
            "type" | "required" | "enum" | "const" => {}
            "default" if kinds.values.is_some() && value.kind() != Kind::String => {}
            "properties" => self.properties(view, depth, hops, o),
            "items" => self.schema(value, depth - 1, hops, o.key("items")),
            "additionalProperties" if value.bool().is_some() => {
                o.field("additionalProperties", value);
            }
            key @ "additionalProperties" => self.schema(value, depth - 1, hops, o.key(key)),
            "format"
                if value
                    .text()
                    .is_some_and(|word| FORMATS.contains(&&*word.decode())) =>
            {
                o.field("format", value);
            }
            key if PLAIN.contains(&key) => o.field(key, value),
            key if NEEDLESS.contains(&key) => {}
            _ => self.refs.lossy = true,
        }
    }

    /// Writes the properties, and which of them are required.
    fn properties(&mut self, view: &View<'a>, depth: usize, hops: usize, o: &mut Object<'_>) {
        let mut known = HashSet::new();
        o.object("properties", |o| {
            for map in &view.properties {
                for member in self.refs.open(*map) {
                    if known.insert(member.key.to_string()) {
                        self.schema(member.value, depth - 1, hops, o.key(&member.key));
                    }
                }
            }
        });
        let required = view.required.iter().flat_map(|list| names(*list));
        // Each name once, and only of a property that is there.
        let mut required = required
            .filter(|name| known.remove(&*name.decode()))
            .peekable();
        if required.peek().is_some() {
            o.array("required", |a| required.for_each(|name| a.value(name)));
        }
    }

    fn any_of(&mut self, list: Raw<'a>, depth: usize, hops: usize, o: &mut Object<'_>) {
        let list: Vec<Raw<'a>> = list.parse().unwrap_or_default();
        let mut list = list.into_iter().filter(|raw| !is_null(*raw)).peekable();
        if list.peek().is_some() {
            o.array("anyOf", |a| {
                list.for_each(|raw| self.schema(raw, depth - 1, hops, a.element()));
            });
        }
    }
}

/// Writes the type, and the only values of a string. There is but one type; several are alternatives.
fn write_type(kinds: &Kinds, view: &View<'_>, o: &mut Object<'_>) {
    let has = |key: &str| view.members.iter().any(|member| member.key == key);
    if let Some(values) = &kinds.values {
        o.field("type", "string");
        if !values.is_empty() {
            o.array("enum", |a| values.iter().for_each(|value| a.value(value)));
        }
        return;
    }
    match kinds.types.as_slice() {
        [] if kinds.nullable && !has("anyOf") && !has("oneOf") => o.field("type", "null"),
        [] if has("properties") => o.field("type", "object"),
        [] => {}
        [only] => o.field("type", only),
        _ if has("anyOf") || has("oneOf") => {}
        several => o.array("anyOf", |a| {
            for word in several {
                a.object(|o| o.field("type", word));
            }
        }),
    }
}

fn kinds(view: &View<'_>) -> Kinds {
    let mut kinds = Kinds::default();
    for member in &view.members {
        let value = member.value;
        match &*member.key {
            "type" => {
                let words = value.text().map_or_else(|| names(value), |word| vec![word]);
                for word in words {
                    match word.decode().to_ascii_lowercase() {
                        null if null == "null" => kinds.nullable = true,
                        word => kinds.types.push(word),
                    }
                }
            }
            "nullable" => kinds.nullable |= value.bool() == Some(true),
            "const" => kinds.add_values(vec![value]),
            "enum" => kinds.add_values(value.parse().unwrap_or_default()),
            "anyOf" | "oneOf" => {
                let list: Vec<Raw<'_>> = value.parse().unwrap_or_default();
                kinds.nullable |= list.into_iter().any(is_null);
            }
            _ => {}
        }
    }
    kinds
}

impl Kinds {
    /// Values are strings here, whatever they are elsewhere.
    fn add_values(&mut self, values: Vec<Raw<'_>>) {
        let all = self.values.get_or_insert_default();
        for value in values {
            match value.text() {
                Some(text) => all.push(text.decode().into_owned()),
                None if value.kind() == Kind::Null => self.nullable = true,
                None => all.push(json::compact(value).into_owned()),
            }
        }
    }
}

/// Whether a schema allows nothing but `null`.
fn is_null(schema: Raw<'_>) -> bool {
    let Ok(members) = schema.parse::<crate::format::gemini::wire::request::Members<'_>>() else {
        return false;
    };
    let mut members = members.extra.iter();
    members
        .any(|member| member.key == "type" && member.value.get().eq_ignore_ascii_case("\"null\""))
}
