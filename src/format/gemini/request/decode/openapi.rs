//! Schemas in the API's subset of `OpenAPI`'s, read: JSON Schema has other words for some things.
//!
//! Source: google-genai 3.4.0, `Schema`.

use bytes::BytesMut;

use crate::{
    format::gemini::{policy::camel, wire::request::Members},
    ir::Schema,
    json::{self, Array, Kind, Object, Raw, Text, ToJson},
};

/// How many schemas may be within one another: more than there are in any that people write. What is deeper stays as it
/// is, for the provider to judge.
const DEPTH: usize = 64;

const ORDERING: &str = "propertyOrdering";

/// The schema in JSON Schema's words. Most need no other, and stay a slice of the source.
pub(super) fn schema(raw: Raw<'_>) -> Schema<'_> {
    let mut out = BytesMut::with_capacity(raw.get().len());
    if !schema_at(raw, DEPTH, &mut out) {
        return raw.into();
    }
    Schema::from_text(String::from_utf8_lossy(&out).into_owned())
}

/// Writes a schema; tells whether it needed other words.
fn schema_at(raw: Raw<'_>, depth: usize, out: &mut BytesMut) -> bool {
    let (false, Ok(members)) = (depth == 0, raw.parse::<Members<'_>>()) else {
        raw.write(out);
        return false;
    };
    let is_nullable = members
        .extra
        .iter()
        .any(|member| member.key == "nullable" && member.value.bool() == Some(true));
    json::object(out, |o| {
        let mut changed = false;
        for member in &members.extra {
            changed |= keyword(&member.key, member.value, is_nullable, depth - 1, o);
        }
        changed
    })
}

fn keyword(key: &str, value: Raw<'_>, is_nullable: bool, depth: usize, o: &mut Object<'_>) -> bool {
    let name = camel(key);
    match &*name {
        "nullable" | ORDERING => return true,
        "type" => return kind(value, is_nullable, o),
        "enum" | "anyOf" if is_nullable && value.kind() == Kind::Array => {
            o.array(&name, |a| {
                elements(value, &name, depth, a);
                if name == "enum" {
                    a.value(());
                } else {
                    a.object(|o| o.field("type", "null"));
                }
            });
            return true;
        }
        "anyOf" if value.kind() == Kind::Array => {
            return o.array(&name, |a| elements(value, &name, depth, a)) || name != key;
        }
        "properties" if value.kind() == Kind::Object => {
            return o.object(&name, |o| members(value, depth, o));
        }
        "defs" if value.kind() == Kind::Object => {
            o.object("$defs", |o| members(value, depth, o));
            return true;
        }
        "ref" => return reference(value, o),
        "items" | "additionalProperties" => {
            return schema_at(value, depth, o.key(&name)) || name != key;
        }
        "minItems" | "maxItems" | "minLength" | "maxLength" | "minProperties" | "maxProperties" => {
            return count(&name, value, o) || name != key;
        }
        "example" => {
            o.array("examples", |a| a.value(value));
            return true;
        }
        _ => o.field(&name, value),
    }
    name != key
}

/// Writes a type, whose words are in lower case elsewhere.
fn kind(value: Raw<'_>, is_nullable: bool, o: &mut Object<'_>) -> bool {
    let Some(word) = value.text() else {
        o.field("type", value);
        return false;
    };
    let word = word.decode();
    let lower = word.to_ascii_lowercase();
    if lower == "type_unspecified" {
        return true;
    }
    if is_nullable && lower != "null" {
        o.array("type", |a| {
            a.value(lower);
            a.value("null");
        });
        return true;
    }
    let changed = lower != word;
    o.field("type", lower);
    changed
}

fn reference(value: Raw<'_>, o: &mut Object<'_>) -> bool {
    let pointer = value.text().unwrap_or_default();
    let pointer = pointer.decode();
    match pointer.strip_prefix("#/defs/") {
        Some(name) => o.field("$ref", format!("#/$defs/{name}")),
        None => o.field("$ref", value),
    }
    true
}

/// Writes a count, which the API may spell as a string.
fn count(name: &str, value: Raw<'_>, o: &mut Object<'_>) -> bool {
    let digits = value.text().map(Text::into_chars);
    let number = digits.and_then(|digits| digits.parse::<u64>().ok());
    match number {
        Some(number) => o.field(name, number),
        None => o.field(name, value),
    }
    number.is_some()
}

fn elements(list: Raw<'_>, name: &str, depth: usize, a: &mut Array<'_>) -> bool {
    let mut changed = false;
    for element in list.parse::<Vec<Raw<'_>>>().unwrap_or_default() {
        if name == "enum" {
            a.value(element);
        } else {
            changed |= schema_at(element, depth, a.element());
        }
    }
    changed
}

fn members(map: Raw<'_>, depth: usize, o: &mut Object<'_>) -> bool {
    let mut changed = false;
    for member in &map.parse::<Members<'_>>().unwrap_or_default().extra {
        changed |= schema_at(member.value, depth, o.key(&member.key));
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(source: &str, expected: &str) {
        assert_eq!(schema(Raw::new(source).unwrap()).raw().get(), expected);
    }

    #[test]
    fn types_are_in_lower_case_elsewhere() {
        becomes(
            r#"{"type":"OBJECT","properties":{"a":{"type":"ARRAY","items":{"type":"STRING"}}}}"#,
            r#"{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"}}}}"#,
        );
    }

    #[test]
    fn what_may_be_null_says_so_in_its_type() {
        becomes(
            r#"{"type":"STRING","nullable":true,"enum":["a"]}"#,
            r#"{"type":["string","null"],"enum":["a",null]}"#,
        );
        becomes(
            r#"{"anyOf":[{"type":"STRING"}],"nullable":true}"#,
            r#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#,
        );
    }

    #[test]
    fn the_order_of_properties_is_not_told() {
        becomes(
            r#"{"type":"object","properties":{},"propertyOrdering":["a"]}"#,
            r#"{"type":"object","properties":{}}"#,
        );
    }

    #[test]
    fn snake_case_and_counts_in_strings_are_read() {
        becomes(
            r#"{"type":"array","min_items":"2","any_of":[{"max_length":3}]}"#,
            r#"{"type":"array","minItems":2,"anyOf":[{"maxLength":3}]}"#,
        );
    }

    #[test]
    fn a_property_may_be_named_like_a_keyword() {
        let source = r#"{"type":"object","properties":{"type":{"type":"string"},"nullable":{"type":"boolean"}}}"#;
        becomes(source, source);
    }

    #[test]
    fn definitions_are_found_where_json_schema_has_them() {
        becomes(
            r##"{"defs":{"a":{"type":"STRING"}},"ref":"#/defs/a"}"##,
            r##"{"$defs":{"a":{"type":"string"}},"$ref":"#/$defs/a"}"##,
        );
    }

    #[test]
    fn a_schema_that_nests_without_end_breaks_nothing() {
        let deep = [
            &r#"{"nullable":true,"items":"#.repeat(10_000),
            "{}",
            &"}".repeat(10_000),
        ]
        .concat();
        let small = std::thread::Builder::new().stack_size(512 * 1024);
        let thread = small.spawn(move || schema(Raw::new(&deep).unwrap()).raw().get().len() > 1000);
        assert!(thread.unwrap().join().unwrap());
    }
}
