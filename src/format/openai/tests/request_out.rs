//! Requests of other formats, for providers of this API: what stands beside the messages.

use serde_json::json;

use super::*;
use crate::format::ModelCaps;
use crate::{
    format::{MaxTokensField, SystemRole, UserField},
    ir::{Effort, OutputFormat, Policy, Thinking},
    json::Raw,
};

fn number(text: &str) -> crate::json::Number<'_> {
    Raw::new(text).unwrap().number().unwrap()
}

#[test]
fn a_plain_request_says_nothing_that_was_not_said() {
    assert_eq!(
        sent(&asking()),
        json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]})
    );
    assert!(losses(&asking()).is_empty());
}

#[test]
fn native_members_of_others_are_left_out_by_their_policy() {
    let mut request = asking();
    let value = Raw::new("1").unwrap();
    request
        .extra
        .push_with("quiet".into(), value, Policy::Silent);
    request.extra.push_with("lost".into(), value, Policy::Drop);
    assert_eq!(losses(&request), ["lost"]);
    assert_eq!(sent(&request), sent(&asking()));
    assert_eq!(rejected_strictly(&request).param.as_deref(), Some("lost"));
    request
        .extra
        .push_with("vital".into(), value, Policy::Reject);
    assert_eq!(rejected(&request).param.as_deref(), Some("vital"));
}

#[test]
fn the_dialect_decides_how_limits_users_and_instructions_are_spelled() {
    let mut request = asking();
    request.max_tokens = Some(5);
    request.user = Some("u".into());
    request.system = vec![Part::text("s")];
    let body = sent(&request);
    assert_eq!(body["max_completion_tokens"], 5);
    assert_eq!(body["safety_identifier"], "u");
    assert_eq!(body["messages"][0]["role"], "system");
    let mut dialect = Dialect {
        max_tokens_field: MaxTokensField::MaxTokens,
        user_field: UserField::User,
        system_role: SystemRole::Developer,
        ..Dialect::default()
    };
    let (body, _) = sent_as(&request, &dialect);
    assert_eq!(body["max_tokens"], 5);
    assert_eq!(body["user"], "u");
    assert_eq!(body["messages"][0]["role"], "developer");
    dialect.user_field = UserField::None;
    let (body, _) = sent_as(&request, &dialect);
    assert!(body.get("user").or(body.get("safety_identifier")).is_none());
}

#[test]
fn trap_062_a_long_user_is_hashed() {
    let mut request = asking();
    request.user = Some("x".repeat(300).into());
    let first = sent(&request)["safety_identifier"].clone();
    assert_eq!(first.as_str().unwrap().len(), 64);
    assert_eq!(sent(&request)["safety_identifier"], first);
    request.user = Some("x".repeat(128).into());
    assert_eq!(sent(&request)["safety_identifier"], "x".repeat(128));
}

#[test]
fn trap_011_only_four_stop_strings_are_sent() {
    let mut request = asking();
    request.stop = ["a", "b", "c", "d", "e", "f"].map(Into::into).to_vec();
    assert_eq!(sent(&request)["stop"], json!(["a", "b", "c", "d"]));
    assert_eq!(losses(&request), ["stops[4]", "stops[5]"]);
}

#[test]
fn sampling_keeps_its_spelling_and_top_k_is_lost() {
    let mut request = asking();
    request.sampling.temperature = Some(number("0.70"));
    request.sampling.top_k = Some(number("5"));
    let mut out = BytesMut::new();
    codec()
        .encode_request(&request, &Dialect::default(), &mut exchange(), &mut out)
        .unwrap();
    assert!(String::from_utf8_lossy(&out).contains("\"temperature\":0.70"));
    assert_eq!(losses(&request), ["k"]);
}

#[test]
fn reasoning_models_get_no_sampling_parameters() {
    let mut request = asking();
    request.sampling.temperature = Some(number("0.5"));
    request.sampling.top_p = Some(number("1.0"));
    for (model, samples) in [
        ("gpt-4o", true),
        ("gpt-5.1", true),
        ("gpt-5-chat-latest", true),
        ("oasis", true),
        ("gpt-5-mini", false),
        ("openai/o3-mini", false),
    ] {
        request.model = model.into();
        assert_eq!(
            sent(&request).get("temperature").is_some(),
            samples,
            "{model}"
        );
        assert_eq!(losses(&request).is_empty(), samples, "{model}");
    }
    assert_eq!(losses(&request), ["heat"]);
    let dialect = Dialect {
        caps: ModelCaps {
            sampling: Some(true),
            ..ModelCaps::default()
        },
        ..Dialect::default()
    };
    assert_eq!(sent_as(&request, &dialect).0["temperature"], 0.5);
}

#[test]
fn how_to_think_becomes_an_effort() {
    let table = [
        (None, None, None),
        (None, Some(Effort::Low), Some("low")),
        (Some(Thinking::Adaptive), None, None),
        (Some(Thinking::Adaptive), Some(Effort::Max), Some("max")),
        (Some(Thinking::Budget(4096)), None, Some("high")),
        (Some(Thinking::Budget(2048)), None, Some("medium")),
        (Some(Thinking::Budget(1024)), None, Some("low")),
        (Some(Thinking::Budget(1023)), None, Some("minimal")),
        (Some(Thinking::Disabled), Some(Effort::High), Some("none")),
        (Some(Thinking::BetweenTools), None, Some("none")),
    ];
    for (thinking, effort, expected) in table {
        let mut request = asking();
        (request.thinking, request.effort) = (thinking, effort);
        let body = sent(&request);
        assert_eq!(
            body.get("reasoning_effort").and_then(Value::as_str),
            expected,
            "{thinking:?}"
        );
        let lost = thinking == Some(Thinking::BetweenTools);
        assert_eq!(
            losses(&request),
            if lost { vec!["thinking"] } else { vec![] }
        );
    }
}

#[test]
fn trap_049_a_schema_gets_a_name_and_the_strictness_it_can_have() {
    let table = [
        (
            r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#,
            true,
        ),
        (
            r#"{"type":"object","properties":{"type":{"type":"string"}},"required":["type"],"additionalProperties":false}"#,
            true,
        ),
        (
            r#"{"type":"object","properties":{"a":{}},"required":[],"additionalProperties":false}"#,
            false,
        ),
        (r#"{"type":"object","properties":{}}"#, false),
        (
            r#"{"type":"array","items":{"type":"object","properties":{}}}"#,
            false,
        ),
        (
            r##"{"$defs":{"x":{"type":"object"}},"anyOf":[{"$ref":"#/$defs/x"}]}"##,
            false,
        ),
        (r#"{"type":"array","items":{"type":"string"}}"#, true),
    ];
    for (schema, strict) in table {
        let mut request = asking();
        request.output = Some(OutputFormat::JsonSchema {
            name: None,
            description: None,
            schema: Some(Raw::new(schema).unwrap().into()),
            strict: None,
        });
        let expected = json!({"type": "json_schema", "json_schema":
            {"name": "structured_output", "schema": value(schema), "strict": strict}});
        assert_eq!(sent(&request)["response_format"], expected);
        assert_eq!(
            losses(&request),
            if strict { vec![] } else { vec!["output"] }
        );
    }
}

#[test]
fn service_tiers_are_said_in_this_apis_words() {
    let table = [
        ("auto", Some("auto")),
        ("standard_only", Some("default")),
        ("standard", Some("default")),
        ("priority", Some("priority")),
        ("ultrafast", None),
    ];
    for (tier, expected) in table {
        let mut request = asking();
        request.service_tier = Some(tier.into());
        assert_eq!(
            sent(&request).get("service_tier").and_then(Value::as_str),
            expected
        );
        assert_eq!(losses(&request).is_empty(), expected.is_some(), "{tier}");
    }
}

#[test]
fn metadata_must_fit() {
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(513));
    let many: Vec<_> = (0..17).map(|key| format!(r#""{key}":"""#)).collect();
    let many = format!("{{{}}}", many.join(","));
    for (metadata, fits) in [
        (r#"{"type":"b"}"#, true),
        (r#"{"a":1}"#, false),
        (&long, false),
        (&many, false),
        ("7", false),
    ] {
        let mut request = asking();
        request.metadata = Some(Raw::new(metadata).unwrap());
        assert_eq!(sent(&request).get("metadata").is_some(), fits, "{metadata}");
        assert_eq!(losses(&request).is_empty(), fits);
    }
}

#[test]
fn a_stream_always_asks_for_its_usage_and_hides_nothing() {
    let mut request = asking();
    request.stream = true;
    let body = sent(&request);
    assert_eq!(body["stream"], true);
    assert_eq!(
        body["stream_options"],
        json!({"include_usage": true, "include_obfuscation": false})
    );
    let dialect = Dialect {
        supports_stream_usage: false,
        ..Dialect::default()
    };
    assert!(
        sent_as(&request, &dialect)
            .0
            .get("stream_options")
            .is_none()
    );
}

#[test]
fn a_caller_of_this_api_has_the_stream_options_it_asked_for() {
    let own = with(r#""stream":true"#);
    assert!(sent(&decode(&own)).get("stream_options").is_none());
    let own = with(r#""stream":true,"stream_options":{"include_usage":false,"x":1}"#);
    assert_eq!(
        sent(&decode(&own))["stream_options"],
        json!({"include_usage": false, "x": 1})
    );
}

#[test]
fn trap_013_014_several_answers_and_their_log_probabilities_are_asked_for() {
    let mut request = asking();
    (request.choices, request.logprobs) = (Some(2), Some(true));
    let body = sent(&request);
    assert_eq!((&body["n"], &body["logprobs"]), (&json!(2), &json!(true)));
    request.choices = Some(1);
    assert!(sent(&request).get("n").is_none());
}

#[test]
fn members_that_both_apis_spell_alike_are_sent_on() {
    let mut request = asking();
    let key = Raw::new(r#""k""#).unwrap();
    request
        .shared
        .push_with("prompt_cache_key".into(), key, Policy::Silent);
    assert_eq!(sent(&request)["prompt_cache_key"], "k");
    assert!(losses(&request).is_empty());
}
