//! Answers that must have a shape.

use serde_json::{Value, json};

use crate::support::{ANTHROPIC, OLD, OPENAI, send};

fn format(schema: &Value) -> Value {
    json!({"type": "json_schema", "json_schema": {"name": "n", "strict": true, "schema": schema}})
}

#[test]
fn trap_048_a_schema_says_only_what_anthropic_can_enforce() {
    let schema = json!({"type": "object", "properties": {
        "age": {"type": "integer", "minimum": 3, "description": "Years."},
        "kind": {"oneOf": [{"const": "a"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
    }, "required": ["age"]});
    let body = json!({"model": OLD, "response_format": format(&schema), "messages": [{"role": "user", "content": "Hi"}]});
    let sent = send(OPENAI, ANTHROPIC, &body);
    let sent = sent.json();
    let written = &sent["output_config"]["format"];
    assert_eq!(written["type"], "json_schema");
    let schema = &written["schema"];
    assert_eq!(schema["additionalProperties"], false);
    let age = &schema["properties"]["age"];
    assert_eq!(age.get("minimum"), None);
    let description = age["description"].as_str().unwrap();
    assert!(
        description.starts_with("Years.") && description.contains('3'),
        "{description}"
    );
    assert_eq!(schema["properties"]["kind"].get("oneOf"), None);
    assert_eq!(
        schema["properties"]["kind"]["anyOf"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(schema["properties"]["tags"].get("maxItems"), None);
    assert_eq!(sent.get("response_format"), None);
}

#[test]
fn trap_049_openai_gets_a_name_and_is_strict_only_where_it_can_be() {
    let closed = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false});
    let open = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    for (schema, strict) in [(closed, true), (open, false)] {
        let body = json!({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}],
            "output_config": {"format": {"type": "json_schema", "schema": schema}}});
        let sent = send(ANTHROPIC, OPENAI, &body);
        let expected = json!({"name": "structured_output", "strict": strict, "schema": schema});
        assert_eq!(
            sent.json()["response_format"],
            json!({"type": "json_schema", "json_schema": expected})
        );
        assert_eq!(sent.losses().is_empty(), strict);
    }
}

#[test]
fn text_is_the_default_and_bare_json_is_told_to_be_lost() {
    let body = |kind: &str| json!({"model": OLD, "response_format": {"type": kind}, "messages": [{"role": "user", "content": "Hi"}]});
    for (kind, losses) in [("text", vec![]), ("json_object", vec!["response_format"])] {
        let sent = send(OPENAI, ANTHROPIC, &body(kind));
        assert_eq!(sent.json().get("output_config"), None, "{kind}");
        assert_eq!(sent.losses(), losses, "{kind}");
    }
}
