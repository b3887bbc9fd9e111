use super::*;
use crate::{
    format::GeminiSchema,
    ir::{OutputFormat, Policy},
    json::Raw,
};

/// What is sent beside the contents, and what is lost.
fn sent(edit: impl FnOnce(&mut Request<'static>)) -> (Value, Vec<String>) {
    let mut request = other(OLD);
    edit(&mut request);
    let mut written = write(&request).unwrap();
    written.json.as_object_mut().unwrap().remove("contents");
    (written.json, written.losses)
}

fn number(text: &'static str) -> Option<crate::json::Number<'static>> {
    Raw::new(text).unwrap().number()
}

#[test]
fn settings_are_written_where_the_api_has_them() {
    let (json, losses) = sent(|request| {
        request.max_tokens = Some(7);
        request.stop = vec!["a".into(), "".into()];
        request.choices = Some(2);
        request.logprobs = Some(true);
        request.top_logprobs = Some(3);
        request.sampling.temperature = number("0.5");
        request.sampling.top_p = number("0.9");
        request.sampling.top_k = number("40");
        request.sampling.frequency_penalty = number("1");
        request.sampling.presence_penalty = number("0.0");
        request.sampling.seed = number("5");
        request.store = Some(false);
        request.user = Some("u".into());
    });
    assert_eq!(
        json,
        json!({"generationConfig": {"maxOutputTokens": 7, "stopSequences": ["a"], "temperature": 0.5,
            "topP": 0.9, "topK": 40, "frequencyPenalty": 1, "seed": 5, "candidateCount": 2,
            "responseLogprobs": true, "logprobs": 3}, "store": false})
    );
    assert!(losses.is_empty(), "{losses:?}");
}

#[test]
fn what_happens_anyway_is_not_said() {
    let (json, losses) = sent(|request| {
        request.choices = Some(1);
        request.logprobs = Some(false);
        request.top_logprobs = Some(0);
        request.output = Some(OutputFormat::Text);
        request.metadata = Some(Raw::EMPTY_OBJECT);
        request.service_tier = Some("auto".into());
        request.cache = Some(crate::ir::Cache::default());
    });
    assert_eq!((json, losses), (json!({}), vec![]));
}

#[test]
fn tiers_are_the_apis_own() {
    let tier = |word: &'static str| {
        let (json, losses) = sent(|request| request.service_tier = Some(word.into()));
        (
            json["serviceTier"].as_str().map(str::to_owned),
            losses.len(),
        )
    };
    for (word, expected) in [
        ("default", "standard"),
        ("standard_only", "standard"),
        ("flex", "flex"),
        ("priority", "priority"),
        ("fast", "priority"),
    ] {
        assert_eq!(tier(word), (Some(expected.to_owned()), 0), "{word}");
    }
    assert_eq!(tier("scale"), (None, 1));
}

#[test]
fn metadata_is_labels_if_all_of_it_fits() {
    let labels =
        |map: &'static str| sent(|request| request.metadata = Some(Raw::new(map).unwrap()));
    assert_eq!(
        labels(r#"{"team":"a-1"}"#).0,
        json!({"labels": {"team": "a-1"}})
    );
    for map in [
        r#"{"Team":"a"}"#,
        r#"{"team":"A b"}"#,
        r#"{"team":1}"#,
        r#"{"1":"a"}"#,
    ] {
        assert_eq!(
            labels(map),
            (json!({}), vec!["metadata".to_owned()]),
            "{map}"
        );
    }
}

#[test]
fn what_the_api_lacks_is_lost_by_the_callers_name_for_it() {
    let (_, losses) = sent(|request| {
        request.verbosity = Some("low".into());
        request.extra.push("foo".into(), Raw::EMPTY_OBJECT);
    });
    assert_eq!(losses, ["foo", "verbosity"]);
}

#[test]
fn what_must_not_be_left_out_is_refused() {
    let mut request = other(OLD);
    request
        .extra
        .push_with("conversation".into(), Raw::EMPTY_OBJECT, Policy::Reject);
    let error = write(&request).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("conversation"));
}

#[test]
fn the_hosts_limits_are_obeyed() {
    let mut request = other(OLD);
    request.max_tokens = Some(9);
    request.sampling.temperature = number("0.5");
    let mut dialect = Dialect::default();
    dialect.caps.max_output_tokens = Some(5);
    dialect.caps.sampling = Some(false);
    let written = write_in(&request, &dialect).unwrap();
    assert_eq!(
        written.json["generationConfig"],
        json!({"maxOutputTokens": 5})
    );
    assert_eq!(written.losses, ["max_completion_tokens", "temperature"]);
}

#[test]
fn json_is_asked_for_by_its_type_and_its_schema() {
    let schema = || OutputFormat::JsonSchema {
        name: Some("n".into()),
        description: None,
        schema: Some(
            Raw::new(r#"{"$schema":"x","type":"object","properties":{"a":{"const":1.0}}}"#)
                .unwrap()
                .into(),
        ),
        strict: Some(true),
    };
    let (json, losses) = sent(|request| request.output = Some(schema()));
    assert_eq!(
        json,
        json!({"generationConfig": {"responseMimeType": "application/json",
            "responseJsonSchema": {"type": "object", "properties": {"a": {"const": 1.0}}}}})
    );
    assert!(losses.is_empty());
    let (json, _) = sent(|request| request.output = Some(OutputFormat::JsonObject));
    assert_eq!(
        json,
        json!({"generationConfig": {"responseMimeType": "application/json"}})
    );
    let mut request = other(OLD);
    request.output = Some(schema());
    let dialect = Dialect {
        gemini_schema: GeminiSchema::OpenApiSubset,
        ..Dialect::default()
    };
    let written = write_in(&request, &dialect).unwrap();
    assert_eq!(
        written.json["generationConfig"]["responseSchema"],
        json!({"type": "object", "properties": {"a": {"type": "string", "enum": ["1.0"]}}})
    );
}
