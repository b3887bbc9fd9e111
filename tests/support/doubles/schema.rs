//! What providers demand of a JSON schema that an answer or a call must obey.

use serde_json::Value;

/// What the first object that is not closed lacks, if there is one.
///
/// `OpenAI`'s strict mode and Anthropic's structured output take closed objects only; the former
/// wants every property required as well.
pub fn open_object(schema: &Value, all_required: bool) -> Option<String> {
    let mut rest = vec![schema];
    while let Some(schema) = rest.pop() {
        let properties = schema["properties"].as_object();
        if schema["type"] == "object" && schema["additionalProperties"] != false {
            return Some(
                "'additionalProperties' is required to be supplied and to be false".into(),
            );
        }
        let names = properties.into_iter().flat_map(|map| map.keys());
        let required = schema["required"].as_array();
        let is_required =
            |name: &String| required.is_some_and(|all| all.iter().any(|it| it == name));
        if let Some(name) = names.clone().find(|name| !is_required(name))
            && all_required
        {
            return Some(format!(
                "'required' is required to be supplied and to be an array including every key in \
                 properties. Missing '{name}'"
            ));
        }
        rest.extend(children(schema));
    }
    None
}

/// The first keyword of `schema` that is among `refused`.
pub fn keyword<'a>(schema: &Value, refused: &[&'a str]) -> Option<&'a str> {
    let mut rest = vec![schema];
    while let Some(schema) = rest.pop() {
        if let Some(word) = refused.iter().find(|word| schema.get(**word).is_some()) {
            return Some(word);
        }
        rest.extend(children(schema));
    }
    None
}

/// The schemas right within a schema.
fn children(schema: &Value) -> impl Iterator<Item = &Value> {
    let named = ["properties", "$defs"].into_iter();
    let named = named.filter_map(|key| schema[key].as_object());
    let listed = ["anyOf", "allOf"].into_iter();
    let listed = listed.filter_map(|key| schema[key].as_array());
    let named = named.flat_map(|map| map.values());
    let listed = listed.flatten();
    named.chain(listed).chain(schema.get("items"))
}
