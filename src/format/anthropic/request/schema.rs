//! JSON Schemas, brought down to what the API can enforce.
//!
//! What it can't enforce is told to the model in the description instead. Key order stays. Source: the schema filters
//! of the official Python SDK 2.12.0 and of litellm 1.109.1.

use bytes::BytesMut;

use crate::{
    format::object::object,
    json::{self, Array, Kind, Object, Raw, Text, ToJson},
};

/// What the API can't enforce.
const UNENFORCED: &[&str] = &[
    "maxItems",
    "uniqueItems",
    "contains",
    "minContains",
    "maxContains",
    "prefixItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "unevaluatedProperties",
    "unevaluatedItems",
    "if",
    "then",
    "else",
    "not",
];

/// How many schemas may be within one another: more than there are in any that people write. What is deeper is sent
/// as it is, for the API to judge.
const DEPTH: usize = 64;

/// What a schema calls each kind of value.
const KINDS: [(Kind, &[&str]); 6] = [
    (Kind::Null, &["\"null\""]),
    (Kind::Bool, &["\"boolean\""]),
    (Kind::Number, &["\"number\"", "\"integer\""]),
    (Kind::String, &["\"string\""]),
    (Kind::Array, &["\"array\""]),
    (Kind::Object, &["\"object\""]),
];

object! {
    /// The members of a schema that decide about others. The rest, in order, is in `extra`.
    struct Schema<'a> {
        kind = "type": Raw<'a>,
        values = "enum": Raw<'a>,
        description: Text<'a>,
        properties: Raw<'a>,
    }
}

object! {
    /// Any object, for its members in order.
    struct Members<'a> {}
}

/// Writes a schema; tells whether it had anything that the API can't enforce.
pub(super) fn write(schema: Raw<'_>, out: &mut BytesMut) -> bool {
    schema_at(schema, DEPTH, out)
}

fn schema_at(raw: Raw<'_>, depth: usize, out: &mut BytesMut) -> bool {
    if depth == 0 {
        raw.write(out);
        return false;
    }
    let (Ok(schema), Ok(members)) = (raw.parse::<Schema<'_>>(), raw.parse::<Members<'_>>()) else {
        raw.write(out);
        return false;
    };
    let is_object = schema.properties.is_some()
        || schema
            .kind
            .is_some_and(|kind| kind.get().contains("\"object\""));
    let mut note = String::new();
    let mut changed = false;
    json::object(out, |o| {
        for member in &members.extra {
            let value = member.value;
            match &*member.key {
                "description" => {}
                "additionalProperties" if is_object => {}
                "type" if conflicts(value, schema.values) => {}
                key if is_unenforced(key, value) => add_note(&mut note, key, value),
                "oneOf" | "anyOf" | "allOf" => {
                    let key = if member.key == "oneOf" {
                        "anyOf"
                    } else {
                        &*member.key
                    };
                    changed |= o.array(key, |a| each_element(value, depth - 1, a));
                }
                key @ ("properties" | "$defs" | "definitions") if value.kind() == Kind::Object => {
                    changed |= o.object(key, |o| each_member(value, depth - 1, o));
                }
                "items" => changed |= schema_at(value, depth - 1, o.key("items")),
                key => o.field(key, value),
            }
        }
        if is_object {
            o.field("additionalProperties", false);
        }
        match schema.description {
            Some(description) if note.is_empty() => o.field("description", description),
            Some(description) => o.field(
                "description",
                format!("{}\n\n{{{note}}}", description.decode()),
            ),
            None if note.is_empty() => {}
            None => o.field("description", format!("{{{note}}}")),
        }
    });
    changed || !note.is_empty()
}

fn each_element(list: Raw<'_>, depth: usize, a: &mut Array<'_>) -> bool {
    let mut changed = false;
    for element in list.parse::<Vec<Raw<'_>>>().unwrap_or_default() {
        changed |= schema_at(element, depth, a.element());
    }
    changed
}

fn each_member(map: Raw<'_>, depth: usize, o: &mut Object<'_>) -> bool {
    let mut changed = false;
    for member in &map.parse::<Members<'_>>().unwrap_or_default().extra {
        changed |= schema_at(member.value, depth, o.key(&member.key));
    }
    changed
}

fn is_unenforced(key: &str, value: Raw<'_>) -> bool {
    match key {
        "minItems" => value.number().is_some_and(|count| count.as_f64() > 1.0),
        key => UNENFORCED.contains(&key),
    }
}

fn add_note(note: &mut String, key: &str, value: Raw<'_>) {
    if !note.is_empty() {
        note.push_str(", ");
    }
    note.push_str(key);
    note.push_str(": ");
    note.push_str(&json::compact(value));
}

/// Whether an `enum` has values that `type` forbids.
fn conflicts(kind: Raw<'_>, values: Option<Raw<'_>>) -> bool {
    let Some(values) = values.and_then(|values| values.parse::<Vec<Raw<'_>>>().ok()) else {
        return false;
    };
    // Each of the two lists may be long; neither is searched for every element of the other.
    let forbidden: Vec<Kind> = KINDS
        .iter()
        .filter(|(_, words)| !words.iter().any(|word| kind.get().contains(word)))
        .map(|(kind, _)| *kind)
        .collect();
    values.iter().any(|value| forbidden.contains(&value.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(schema: &str) -> (String, bool) {
        let mut out = BytesMut::new();
        let changed = write(Raw::new(schema).unwrap(), &mut out);
        (String::from_utf8(out.to_vec()).unwrap(), changed)
    }

    #[test]
    fn trap_048_what_cannot_be_enforced_is_told_in_the_description() {
        let (text, changed) = written(
            r#"{"type":"object","properties":{"n":{"type":"integer","minimum":1,"maximum":9,"description":"A number."},"u":{"oneOf":[{"type":"string","maxLength":3},{"type":"null"}]},"l":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"object","properties":{}}}},"required":["n"],"additionalProperties":true}"#,
        );
        assert!(changed);
        assert_eq!(
            text,
            r#"{"type":"object","properties":{"n":{"type":"integer","description":"A number.\n\n{minimum: 1, maximum: 9}"},"u":{"anyOf":[{"type":"string","description":"{maxLength: 3}"},{"type":"null"}]},"l":{"type":"array","minItems":1,"items":{"type":"object","properties":{},"additionalProperties":false},"description":"{maxItems: 2}"}},"required":["n"],"additionalProperties":false}"#
        );
    }

    #[test]
    fn a_property_may_be_named_like_a_keyword() {
        let (text, changed) = written(
            r#"{"type":"object","properties":{"minimum":{"type":"string"},"not":{"type":"string"}}}"#,
        );
        assert!(!changed);
        assert_eq!(
            text,
            r#"{"type":"object","properties":{"minimum":{"type":"string"},"not":{"type":"string"}},"additionalProperties":false}"#
        );
    }

    #[test]
    fn a_type_that_contradicts_the_enum_goes() {
        assert_eq!(
            written(r#"{"type":"string","enum":["a",null]}"#).0,
            r#"{"enum":["a",null]}"#
        );
        let fitting = r#"{"type":["string","null"],"enum":["a",null]}"#;
        assert_eq!(written(fitting).0, fitting);
    }

    #[test]
    fn definitions_and_references_stay() {
        let (text, _) = written(
            r##"{"$defs":{"t":{"type":"object","properties":{"x":{"const":1.0}}}},"$ref":"#/$defs/t"}"##,
        );
        assert_eq!(
            text,
            r##"{"$defs":{"t":{"type":"object","properties":{"x":{"const":1.0}},"additionalProperties":false}},"$ref":"#/$defs/t"}"##
        );
    }

    #[test]
    fn a_schema_that_is_a_boolean_is_left_alone() {
        assert_eq!(written("true").0, "true");
    }

    /// A schema with this one `levels` below the top.
    fn deep(levels: usize, schema: &str) -> String {
        let (lists, ends) = ("{\"items\":".repeat(levels), "}".repeat(levels));
        [&lists, schema, &ends].concat()
    }

    #[test]
    fn a_schema_is_brought_down_only_as_deep_as_people_write() {
        let unenforced = r#"{"minimum":1}"#;
        let told = r#"{"description":"{minimum: 1}"}"#;
        let (text, changed) = written(&deep(DEPTH - 1, unenforced));
        assert_eq!((text, changed), (deep(DEPTH - 1, told), true));
        let (text, changed) = written(&deep(DEPTH, unenforced));
        assert_eq!((text, changed), (deep(DEPTH, unenforced), false));
    }

    #[test]
    fn a_schema_that_nests_without_end_breaks_nothing() {
        for (opening, closing) in [
            ("{\"items\":", "}"),
            ("{\"anyOf\":[", "]}"),
            ("{\"$defs\":{\"x\":", "}}"),
            ("{\"not\":", "}"),
        ] {
            let deep = [&opening.repeat(10_000), "{}", &closing.repeat(10_000)].concat();
            let small = std::thread::Builder::new().stack_size(512 * 1024);
            let text = small.spawn(move || written(&deep).0.len() >= deep.len());
            assert!(text.unwrap().join().unwrap(), "{opening}");
        }
    }
}
