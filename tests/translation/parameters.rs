//! Parameters of a request that the formats spell differently, or that only one of them has.

use serde_json::{Value, json};

use crate::support::{ANTHROPIC, NEW, OLD, OPENAI, send, to_anthropic, to_openai, try_send};

/// An OpenAI caller's request with these members.
fn openai(model: &str, members: &Value) -> Value {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": "Hi"}]});
    body.as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    body
}

/// An Anthropic caller's request with these members.
fn anthropic(members: &Value) -> Value {
    let mut body = json!({"model": "gpt-4.1", "max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]});
    body.as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    body
}

#[test]
fn trap_004_anthropic_always_gets_a_token_limit() {
    for (model, given, expected) in [
        (OLD, json!({}), 64_000),
        ("some-model", json!({}), 32_000),
        (OLD, json!({"max_tokens": 5}), 5),
        (OLD, json!({"max_completion_tokens": 7, "max_tokens": 5}), 7),
        (
            OLD,
            json!({"max_completion_tokens": null, "max_tokens": 0}),
            64_000,
        ),
    ] {
        let sent = to_anthropic(&openai(model, &given));
        assert_eq!(sent["max_tokens"], expected, "{model} {given}");
        assert_eq!(sent.get("max_completion_tokens"), None);
    }
    let sent = to_openai(&anthropic(&json!({})));
    assert_eq!(
        (&sent["max_completion_tokens"], sent.get("max_tokens")),
        (&json!(100), None)
    );
}

#[test]
fn trap_005_a_limit_beyond_the_models_own_is_clamped_and_told() {
    for (model, limit) in [(OLD, 64_000), (NEW, 128_000)] {
        let sent = send(
            OPENAI,
            ANTHROPIC,
            &openai(model, &json!({"max_tokens": 1_000_000})),
        );
        assert_eq!(sent.json()["max_tokens"], limit, "{model}");
        assert_eq!(sent.losses(), ["max_tokens"], "{model}");
    }
}

#[test]
fn trap_006_what_was_not_set_is_not_sent() {
    let optional = [
        "temperature",
        "top_p",
        "top_k",
        "stop_sequences",
        "tools",
        "thinking",
        "metadata",
        "stream",
    ];
    let sent = to_anthropic(&openai(OLD, &json!({})));
    for key in optional {
        assert_eq!(sent.get(key), None, "{key}");
    }
    let sent = to_openai(&anthropic(&json!({})));
    let keys: Vec<&String> = sent.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["max_completion_tokens", "messages", "model"]);
}

#[test]
fn trap_007_a_temperature_beyond_one_is_one() {
    let body = openai(OLD, &json!({"temperature": 1.7}));
    let sent = send(OPENAI, ANTHROPIC, &body);
    assert_eq!(sent.json()["temperature"], 1.0);
    assert_eq!(sent.losses(), ["temperature"]);
    let error = try_send(OPENAI, ANTHROPIC, &body.to_string(), true).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("temperature"));
}

#[test]
fn trap_008_of_temperature_and_top_p_only_the_first_is_sent() {
    let sent = send(
        OPENAI,
        ANTHROPIC,
        &openai(OLD, &json!({"temperature": 0.5, "top_p": 0.9})),
    );
    assert_eq!(sent.json()["temperature"], 0.5);
    assert_eq!(sent.json().get("top_p"), None);
    assert_eq!(sent.losses(), ["top_p"]);
    assert_eq!(
        to_anthropic(&openai(OLD, &json!({"top_p": 0.9})))["top_p"],
        0.9
    );
}

#[test]
fn trap_009_models_without_sampling_get_no_sampling_parameters() {
    for (temperature, losses) in [
        (json!(0.2), vec!["temperature"]),
        (json!(1.0), vec![]),
        (json!(1), vec![]),
    ] {
        let sent = send(
            OPENAI,
            ANTHROPIC,
            &openai(NEW, &json!({"temperature": temperature})),
        );
        assert_eq!(sent.json().get("temperature"), None);
        assert_eq!(sent.losses(), losses, "{temperature}");
    }
    let body = json!({"model": "o3", "max_tokens": 9, "temperature": 0.2, "messages": [{"role": "user", "content": "Hi"}]});
    let sent = send(ANTHROPIC, OPENAI, &body);
    assert_eq!(sent.json().get("temperature"), None);
    assert_eq!(sent.losses(), ["temperature"]);
}

#[test]
fn numbers_keep_their_spelling() {
    let body = r#"{"model":"claude-sonnet-4-5","temperature":0.70,"max_tokens":10,"messages":[{"role":"user","content":"Hi"}]}"#;
    let sent = try_send(OPENAI, ANTHROPIC, body, false).unwrap();
    assert!(
        sent.text.contains(r#""temperature":0.70,"#),
        "{}",
        sent.text
    );
}

#[test]
fn trap_010_stop_strings_come_in_several_shapes() {
    for (stop, expected) in [
        (json!(null), json!(null)),
        (json!("x"), json!(["x"])),
        (json!([]), json!(null)),
        (json!(["\n"]), json!(null)),
        (json!(["a", " ", "b"]), json!(["a", "b"])),
    ] {
        let sent = to_anthropic(&openai(OLD, &json!({"stop": stop})));
        assert_eq!(sent["stop_sequences"], expected, "{stop}");
        assert_eq!(sent.get("stop"), None);
    }
}

#[test]
fn trap_011_openai_gets_the_first_four_stop_strings() {
    let six = json!({"stop_sequences": ["a", "b", "c", "d", "e", "f"]});
    let sent = send(ANTHROPIC, OPENAI, &anthropic(&six));
    assert_eq!(sent.json()["stop"], json!(["a", "b", "c", "d"]));
    assert_eq!(sent.losses(), ["stop_sequences[4]", "stop_sequences[5]"]);
}

#[test]
fn trap_015_a_field_that_nobody_knows_is_left_out_and_told() {
    let sent = send(
        OPENAI,
        ANTHROPIC,
        &openai(OLD, &json!({"foo": 1, "bar": null})),
    );
    assert_eq!((sent.json().get("foo"), sent.losses()), (None, vec!["foo"]));
    let sent = send(
        ANTHROPIC,
        OPENAI,
        &anthropic(&json!({"foo": 1, "bar": null})),
    );
    assert_eq!((sent.json().get("foo"), sent.losses()), (None, vec!["foo"]));
}

#[test]
fn what_the_other_side_lacks_is_left_out_and_told() {
    for (member, value, told) in [
        ("seed", json!(1), true),
        ("frequency_penalty", json!(0.5), true),
        ("frequency_penalty", json!(0), false),
        ("presence_penalty", json!(0.0), false),
        ("logit_bias", json!({}), false),
        ("logit_bias", json!({"50256": -100}), true),
        ("verbosity", json!("low"), true),
        ("metadata", json!({}), false),
        ("metadata", json!({"a": "b"}), true),
        ("store", json!(false), false),
        ("store", json!(true), true),
        ("prompt_cache_key", json!("k"), false),
        (
            "prediction",
            json!({"type": "content", "content": "x"}),
            true,
        ),
        ("modalities", json!(["text"]), false),
        ("n", json!(1), false),
        ("logprobs", json!(false), false),
        ("top_logprobs", json!(0), false),
        ("moderation", json!({"model": "m", "policy": "score"}), true),
    ] {
        let sent = send(OPENAI, ANTHROPIC, &openai(OLD, &json!({member: value})));
        assert_eq!(
            sent.losses(),
            if told { vec![member] } else { vec![] },
            "{member} {value}"
        );
        let keys: Vec<String> = sent.json().as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            keys,
            ["max_tokens", "messages", "model"],
            "{member} {value}"
        );
    }
    for (member, value, told) in [
        ("top_k", json!(5), true),
        ("speed", json!("standard"), false),
        ("speed", json!("fast"), true),
        ("cache_control", json!({"type": "ephemeral"}), false),
        ("inference_geo", json!("us"), true),
    ] {
        let sent = send(ANTHROPIC, OPENAI, &anthropic(&json!({member: value})));
        assert_eq!(
            sent.losses(),
            if told { vec![member] } else { vec![] },
            "{member} {value}"
        );
        assert_eq!(sent.json().get(member), None);
    }
}

#[test]
fn trap_062_who_the_end_user_is() {
    for (members, expected) in [
        (json!({"user": "u-1"}), json!("u-1")),
        (
            json!({"user": "u-1", "safety_identifier": "s-1"}),
            json!("s-1"),
        ),
        (json!({"user": "a@b.c"}), json!(null)),
        (json!({"user": "+49 30 1234567"}), json!(null)),
    ] {
        let sent = to_anthropic(&openai(OLD, &members));
        assert_eq!(sent["metadata"]["user_id"], expected, "{members}");
    }
    let long = "x".repeat(300);
    let sent = to_openai(&anthropic(&json!({"metadata": {"user_id": long}})));
    let hashed = sent["safety_identifier"].as_str().unwrap();
    assert!(
        hashed.len() == 64 && hashed.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{hashed}"
    );
    let sent = to_openai(&anthropic(&json!({"metadata": {"user_id": "u-1"}})));
    assert_eq!(sent["safety_identifier"], "u-1");
}

#[test]
fn trap_063_service_tiers_have_other_names() {
    for (tier, expected, losses) in [
        ("auto", json!("auto"), vec![]),
        ("default", json!("standard_only"), vec![]),
        ("flex", json!(null), vec!["service_tier"]),
        ("priority", json!(null), vec!["service_tier"]),
    ] {
        let sent = send(
            OPENAI,
            ANTHROPIC,
            &openai(OLD, &json!({"service_tier": tier})),
        );
        assert_eq!(
            (&sent.json()["service_tier"], sent.losses()),
            (&expected, losses),
            "{tier}"
        );
    }
    for (tier, expected) in [("auto", "auto"), ("standard_only", "default")] {
        assert_eq!(
            to_openai(&anthropic(&json!({"service_tier": tier})))["service_tier"],
            expected
        );
    }
}

#[test]
fn token_counts_are_always_asked_for_in_a_stream() {
    let sent = to_openai(&anthropic(&json!({"stream": true})));
    assert_eq!(sent["stream"], true);
    assert_eq!(
        sent["stream_options"],
        json!({"include_usage": true, "include_obfuscation": false})
    );
    let body = openai(
        OLD,
        &json!({"stream": true, "stream_options": {"include_usage": true, "include_obfuscation": true}}),
    );
    let sent = send(OPENAI, ANTHROPIC, &body);
    assert_eq!(
        (
            &sent.json()["stream"],
            sent.json().get("stream_options"),
            sent.losses()
        ),
        (&json!(true), None, vec![])
    );
    assert!(sent.exchange.include_usage);
}
