use super::*;
use crate::{
    format::GeminiSchema,
    ir::{Tool, ToolKind},
    json::Raw,
};

/// The schema of a tool's arguments as it is sent, and whether something of it is lost.
fn sent(schema: &str, dialect: GeminiSchema) -> (String, bool) {
    let mut request = other(OLD);
    request.tools = vec![Tool::new(ToolKind::Function {
        name: "f".into(),
        description: None,
        parameters: Some(crate::ir::Schema::from_text(schema.to_owned())),
        strict: None,
    })];
    let dialect = Dialect {
        gemini_schema: dialect,
        ..Dialect::default()
    };
    let written = write_in(&request, &dialect).unwrap();
    let (_, rest) = written.text.split_once(r#""name":"f",""#).unwrap();
    let (_, schema) = rest.split_once(':').unwrap();
    let (schema, _) = schema.rsplit_once(r#"}]}],"contents""#).unwrap();
    Raw::new(schema).unwrap();
    (schema.to_owned(), !written.losses.is_empty())
}

fn whole(schema: &str) -> (String, bool) {
    sent(schema, GeminiSchema::JsonSchema)
}

fn subset(schema: &str) -> (String, bool) {
    sent(schema, GeminiSchema::OpenApiSubset)
}

#[test]
fn trap_047_a_schema_is_sent_as_it_is() {
    let schema = r#"{"type":"object","properties":{"a":{"const":1.0},"b":{"oneOf":[{"type":"string"}]}},"additionalProperties":false}"#;
    assert_eq!(whole(schema), (schema.to_owned(), false));
}

#[test]
fn trap_047_references_are_replaced_by_what_they_mean() {
    assert_eq!(
        whole(
            r##"{"$schema":"s","type":"object","properties":{"a":{"$ref":"#/$defs/t","description":"own"},"$ref":{"type":"string"}},"$defs":{"t":{"type":"array","description":"t","items":{"$ref":"#/$defs/u"}},"u":{"type":"integer"}}}"##
        ),
        (
            r#"{"type":"object","properties":{"a":{"type":"array","items":{"type":"integer"},"description":"own"},"$ref":{"type":"string"}}}"#.to_owned(),
            false
        )
    );
}

#[test]
fn a_schema_that_refers_to_itself_is_cut() {
    let tree = r##"{"type":"object","properties":{"l":{"$ref":"#"},"r":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"array","items":{"$ref":"#/$defs/n"}}}}"##;
    for (text, lossy) in [whole(tree), subset(tree)] {
        assert!(lossy && !text.contains("$ref"));
    }
}

#[test]
fn a_reference_that_leads_nowhere_allows_anything() {
    let schema = r##"{"type":"object","properties":{"a":{"$ref":"#/$defs/x"},"b":{"$ref":"http://x.test/"}}}"##;
    assert_eq!(
        whole(schema),
        (
            r#"{"type":"object","properties":{"a":{},"b":{}}}"#.to_owned(),
            true
        )
    );
}

/// Schemas, the same in the subset, and whether something is lost.
const SUBSET: &[(&str, &str, bool)] = &[
    (
        r#"{"const":1.0}"#,
        r#"{"type":"string","enum":["1.0"]}"#,
        false,
    ),
    (
        r#"{"type":["string","null"]}"#,
        r#"{"type":"string","nullable":true}"#,
        false,
    ),
    (
        r#"{"type":["string","integer"]}"#,
        r#"{"anyOf":[{"type":"string"},{"type":"integer"}]}"#,
        false,
    ),
    (
        r#"{"oneOf":[{"type":"string"},{"type":"null"}]}"#,
        r#"{"anyOf":[{"type":"string"}],"nullable":true}"#,
        false,
    ),
    (
        r#"{"type":"integer","enum":[1,2,null]}"#,
        r#"{"type":"string","enum":["1","2"],"nullable":true}"#,
        false,
    ),
    (
        r#"{"type":"string","format":"uri","minLength":1}"#,
        r#"{"type":"string","minLength":1}"#,
        true,
    ),
    (
        r#"{"type":"string","format":"date-time"}"#,
        r#"{"type":"string","format":"date-time"}"#,
        false,
    ),
    (
        r#"{"type":"integer","exclusiveMinimum":1,"not":{}}"#,
        r#"{"type":"integer"}"#,
        true,
    ),
    (
        r#"{"type":"object","properties":{"x":{}},"required":["x","y","x"]}"#,
        r#"{"type":"object","properties":{"x":{}},"required":["x"]}"#,
        false,
    ),
    (
        r#"{"allOf":[{"type":"object","properties":{"x":{"type":"string"}},"required":["x"]},{"properties":{"y":{"type":"integer"}},"required":["y"]}]}"#,
        r#"{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"integer"}},"required":["x","y"]}"#,
        false,
    ),
    (
        r#"{"type":"object","additionalProperties":{"type":"string","x":1}}"#,
        r#"{"type":"object","additionalProperties":{"type":"string"}}"#,
        true,
    ),
    (
        r#"{"properties":{}}"#,
        r#"{"type":"object","properties":{}}"#,
        false,
    ),
    (
        r#"{"$id":"i","title":"t","default":1,"examples":[1]}"#,
        r#"{"title":"t","default":1}"#,
        false,
    ),
];

#[test]
fn trap_047_the_subset_has_other_words() {
    for (schema, expected, lossy) in SUBSET {
        let (text, was_lossy) = subset(&format!(
            r#"{{"type":"object","properties":{{"a":{schema}}}}}"#
        ));
        let expected = format!(r#"{{"type":"object","properties":{{"a":{expected}}}}}"#);
        assert_eq!((text, was_lossy), (expected, *lossy), "{schema}");
    }
}

/// What few definitions can mean when they use each other often.
fn bomb(keyword: &str) -> String {
    let uses = |next: usize| vec![format!(r##"{{"$ref":"#/$defs/{next}"}}"##); 40].join(",");
    let definitions: Vec<_> = (0..8)
        .map(|index| format!(r#""{index}":{{"{keyword}":[{}]}}"#, uses(index + 1)))
        .collect();
    format!(
        r##"{{"type":"object","properties":{{"a":{{"$ref":"#/$defs/0"}}}},"$defs":{{{},"8":{{}}}}}}"##,
        definitions.join(",")
    )
}

#[test]
fn few_definitions_that_mean_very_much_are_cut() {
    for keyword in ["anyOf", "allOf"] {
        let schema = bomb(keyword);
        for (text, lossy) in [whole(&schema), subset(&schema)] {
            assert!(lossy && text.len() < 1 << 21, "{keyword}: {}", text.len());
        }
    }
}

#[test]
fn a_schema_that_nests_without_end_breaks_nothing() {
    for (opening, closing) in [
        (r#"{"items":"#, "}"),
        (r#"{"anyOf":["#, "]}"),
        (r#"{"allOf":["#, "]}"),
        (r#"{"properties":{"x":"#, "}}"),
    ] {
        // The root must be an object; the end makes both dialects look at all of it.
        let schema = format!(
            r##"{{"type":"object","properties":{{"a":{}{{"$ref":"#"}}{}}}}}"##,
            opening.repeat(5_000),
            closing.repeat(5_000)
        );
        let small = std::thread::Builder::new().stack_size(512 * 1024);
        let thread = small.spawn(move || (whole(&schema).1, subset(&schema).1));
        assert_eq!(thread.unwrap().join().unwrap(), (true, true), "{opening}");
    }
}
