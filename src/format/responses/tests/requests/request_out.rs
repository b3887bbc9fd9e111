//! What a request says beside its conversation, for a provider.

use super::*;
use crate::{
    format::UserField,
    ir::{Display, Effort, Extra, OutputFormat, Policy, Schema, Thinking},
    json::{Number, Raw},
};

fn number(text: &'static str) -> Number<'static> {
    Raw::new(text).unwrap().number().unwrap()
}

fn request(edit: impl FnOnce(&mut Request<'static>)) -> Request<'static> {
    let mut request = foreign(vec![user(vec![Part::text("hi")])]);
    edit(&mut request);
    request
}

fn lost(edit: impl FnOnce(&mut Request<'static>)) -> Vec<String> {
    losses(&request(edit))
}

#[test]
fn the_conversation_comes_last() {
    let mut out_exchange = exchange();
    let request = request(|request| {
        request.system = vec![Part::text("be brief")];
        request.max_tokens = Some(5);
    });
    let out = written(&request, &Dialect::default(), &mut out_exchange).unwrap();
    let expected = concat!(
        r#"{"model":"m","max_output_tokens":5,"store":false,"include":["reasoning.encrypted_content"],"#,
        r#""instructions":"be brief","#,
        r#""input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}]}"#
    );
    assert_eq!(out, expected);
    assert_eq!(out_exchange.provider, "openai_responses");
}

#[test]
fn trap_125_the_same_request_gives_the_same_bytes() {
    let bytes = || {
        let request = request(|request| {
            request.tools = tools_out::function("a.b");
            request.turns.push(assistant(vec![Part::text("b")]));
        });
        written(&request, &Dialect::default(), &mut exchange()).unwrap()
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn trap_057_the_provider_keeps_nothing_and_seals_its_thoughts() {
    let body = sent(&request(|request| request.store = Some(true)));
    assert_eq!(body["store"], false);
    assert_eq!(body["include"], value(r#"["reasoning.encrypted_content"]"#));
    assert_eq!(lost(|request| request.store = Some(true)), ["store"]);
    assert!(lost(|request| request.store = Some(false)).is_empty());
}

#[test]
fn trap_012_stop_strings_are_reported() {
    let paths = lost(|request| request.stop = vec!["END".into()]);
    assert_eq!(paths, ["stop"]);
}

#[test]
fn only_one_answer_can_be_asked_for() {
    let several = request(|request| request.choices = Some(2));
    assert_eq!(rejected(&several).param.unwrap(), "n");
    assert!(lost(|request| request.choices = Some(1)).is_empty());
}

#[test]
fn sampling_that_the_api_lacks_is_reported_unless_it_says_nothing() {
    let paths = lost(|request| {
        request.sampling.top_k = Some(number("3"));
        request.sampling.seed = Some(number("7"));
        request.sampling.frequency_penalty = Some(number("0.5"));
        request.sampling.presence_penalty = Some(number("0"));
    });
    assert_eq!(paths, ["top_k", "frequency_penalty", "seed"]);
}

#[test]
fn sampling_keeps_its_spelling() {
    let body = sent(&request(|request| {
        request.sampling.temperature = Some(number("1.0"));
    }));
    assert_eq!(body["temperature"].to_string(), "1.0");
}

#[test]
fn reasoning_models_take_no_sampling() {
    let edit = |request: &mut Request<'static>| {
        request.model = "gpt-5".into();
        request.sampling.temperature = Some(number("0.5"));
        request.sampling.top_p = Some(number("1"));
    };
    assert!(sent(&request(edit))["temperature"].is_null());
    assert_eq!(lost(edit), ["temperature"]);
}

#[test]
fn log_probabilities_are_included() {
    let body = sent(&request(|request| {
        request.logprobs = Some(true);
        request.top_logprobs = Some(3);
    }));
    let expected = r#"["reasoning.encrypted_content","message.output_text.logprobs"]"#;
    assert_eq!(body["include"], value(expected));
    assert_eq!(body["top_logprobs"], 3);
}

#[test]
fn streams_are_not_padded_unless_the_caller_asks() {
    let body = sent(&request(|request| request.stream = true));
    assert_eq!(body["stream"], true);
    assert_eq!(
        body["stream_options"],
        value(r#"{"include_obfuscation":false}"#)
    );
    assert!(sent(&request(|_| ()))["stream"].is_null());
}

#[test]
fn trap_063_tiers_of_other_formats_are_said_in_words_of_this() {
    let tier = |tier: &'static str| {
        sent(&request(|request| request.service_tier = Some(tier.into())))["service_tier"].take()
    };
    for (asked, expected) in [
        ("auto", "auto"),
        ("standard_only", "default"),
        ("standard", "default"),
        ("flex", "flex"),
        ("ultrafast", "ultrafast"),
    ] {
        assert_eq!(tier(asked), expected, "{asked}");
    }
    assert!(tier("unspecified").is_null());
    let paths = lost(|request| request.service_tier = Some("unspecified".into()));
    assert_eq!(paths, ["service_tier"]);
}

#[test]
fn trap_062_the_end_user_is_named_as_the_server_wants() {
    let long = "u".repeat(200);
    let request = request(|request| request.user = Some(long.into()));
    let name = |user_field| {
        let dialect = Dialect {
            user_field,
            ..Dialect::default()
        };
        let mut body = sent_as(&request, &dialect).0;
        (body["safety_identifier"].take(), body["user"].take())
    };
    let (safety, user) = name(UserField::SafetyIdentifier);
    assert_eq!((safety.as_str().unwrap().len(), user), (64, Value::Null));
    let (safety, user) = name(UserField::User);
    assert_eq!((safety, user.as_str().unwrap().len()), (Value::Null, 64));
    assert_eq!(name(UserField::None), (Value::Null, Value::Null));
}

#[test]
fn labels_beyond_the_limits_are_reported() {
    let metadata =
        |text: &'static str| request(|request| request.metadata = Some(Raw::new(text).unwrap()));
    assert_eq!(
        sent(&metadata(r#"{"a":"b"}"#))["metadata"],
        value(r#"{"a":"b"}"#)
    );
    assert_eq!(losses(&metadata(r#"{"a":1}"#)), ["metadata"]);
}

#[test]
fn trap_050_every_effort_has_the_same_word() {
    for effort in Effort::ALL {
        let body = sent(&request(|request| request.effort = Some(effort)));
        let expected = format!(r#"{{"effort":"{}"}}"#, effort.as_str());
        assert_eq!(body["reasoning"], value(expected));
    }
}

#[test]
fn how_to_think_becomes_an_effort_and_a_summary() {
    let reasoning = |thinking, effort, display| {
        let request = request(|request| {
            request.thinking = Some(thinking);
            request.effort = effort;
            request.display = display;
        });
        sent(&request)["reasoning"].to_string()
    };
    let summary = Some(Display::Summarized);
    assert_eq!(
        reasoning(Thinking::Adaptive, None, None),
        r#"{"summary":"auto"}"#
    );
    assert_eq!(
        reasoning(Thinking::Adaptive, Some(Effort::Max), summary),
        r#"{"effort":"max","summary":"auto"}"#
    );
    assert_eq!(
        reasoning(Thinking::Budget(2048), None, Some(Display::Omitted)),
        r#"{"effort":"medium"}"#
    );
    assert_eq!(
        reasoning(Thinking::Disabled, Some(Effort::High), summary),
        r#"{"effort":"none"}"#
    );
    assert_eq!(
        lost(|request| request.thinking = Some(Thinking::BetweenTools)),
        ["thinking"]
    );
}

#[test]
fn a_server_without_efforts_gets_none() {
    let dialect = Dialect {
        supports_reasoning_effort: false,
        ..Dialect::default()
    };
    let request = request(|request| request.effort = Some(Effort::High));
    let (body, losses) = sent_as(&request, &dialect);
    assert!(body["reasoning"].is_null());
    assert_eq!(losses, ["effort"]);
}

#[test]
fn trap_049_a_schema_has_a_name_and_the_right_strictness() {
    let format = |schema: &'static str| {
        let request = request(|request| {
            request.output = Some(OutputFormat::JsonSchema {
                name: None,
                description: None,
                schema: Some(Schema::from(Raw::new(schema).unwrap())),
                strict: None,
            });
        });
        let (mut body, losses) = sent_as(&request, &Dialect::default());
        (body["text"]["format"].take(), losses)
    };
    let closed = r#"{"type":"object","properties":{},"required":[],"additionalProperties":false}"#;
    let (written, losses) = format(closed);
    assert_eq!(
        (&written["type"], &written["name"], &written["strict"]),
        (
            &"json_schema".into(),
            &"structured_output".into(),
            &true.into()
        )
    );
    assert_eq!(written["schema"], value(closed));
    assert!(losses.is_empty());
    let (written, losses) = format(r#"{"type":"object"}"#);
    assert_eq!(written["strict"], false);
    assert_eq!(losses, ["response_format"]);
}

#[test]
fn the_other_ways_to_answer_are_said() {
    let text = |output: OutputFormat<'static>| {
        sent(&request(|request| {
            request.output = Some(output);
            request.verbosity = Some("low".into());
        }))["text"]
            .to_string()
    };
    assert_eq!(text(OutputFormat::Text), r#"{"verbosity":"low"}"#);
    assert_eq!(
        text(OutputFormat::JsonObject),
        r#"{"format":{"type":"json_object"},"verbosity":"low"}"#
    );
}

#[test]
fn trap_015_what_only_another_format_has_is_left_out_as_it_says() {
    let with = |policy| {
        request(|request| {
            let mut extra = Extra::default();
            extra.push_with("foo".into(), Raw::EMPTY_OBJECT, policy);
            request.extra = extra;
        })
    };
    assert!(sent(&with(Policy::Drop))["foo"].is_null());
    assert_eq!(losses(&with(Policy::Drop)), ["foo"]);
    assert!(losses(&with(Policy::Silent)).is_empty());
    assert_eq!(rejected(&with(Policy::Reject)).param.unwrap(), "foo");
}

#[test]
fn a_model_that_does_not_think_is_not_asked_for_seals() {
    for (model, asked) in [
        ("gpt-4o", false),
        ("ft:gpt-4.1-mini:org", false),
        ("gpt-5", true),
        ("o3", true),
        ("my-deployment", true),
    ] {
        let body = sent(&request(|request| request.model = model.into()));
        assert_eq!(body["include"].is_array(), asked, "{model}");
    }
}

#[test]
fn members_that_both_apis_spell_alike_are_sent_on() {
    let mut request = foreign(vec![user(vec![Part::text("hi")])]);
    let key = Raw::new(r#""k""#).unwrap();
    request
        .shared
        .push_with("prompt_cache_key".into(), key, Policy::Silent);
    assert_eq!(sent(&request)["prompt_cache_key"], "k");
}
