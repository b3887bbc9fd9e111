use super::*;
use crate::format::ModelCaps;
use crate::ir::{Effort, OutputFormat, Sampling};

fn ask(model: &str, members: &str) -> String {
    format!(r#"{{"model":"{model}",{members}"messages":[{{"role":"user","content":"q"}}]}}"#)
}

/// The member `key` that is sent for these, and the paths of what is lost.
fn sent(model: &str, members: &str, key: &str) -> (Value, Vec<String>) {
    let mut written = foreign(&ask(model, members));
    (written.json[key].take(), written.losses)
}

#[test]
fn trap_004_a_missing_token_limit_is_the_models_own_or_the_dialects() {
    assert_eq!(sent("claude-sonnet-4-5", "", "max_tokens").0, 64_000);
    assert_eq!(sent("my-model", "", "max_tokens").0, 32_000);
    assert_eq!(sent("my-model", r#""max_tokens":7,"#, "max_tokens").0, 7);
}

#[test]
fn trap_005_a_token_limit_beyond_the_models_is_clamped() {
    let (limit, losses) = sent("claude-sonnet-4-5", r#""max_tokens":100000,"#, "max_tokens");
    assert_eq!(limit, 64_000);
    assert_eq!(losses, ["max_completion_tokens"]);
}

#[test]
fn trap_006_what_the_caller_did_not_set_is_not_sent() {
    let written = foreign(&ask("claude-sonnet-4-5", ""));
    let keys: Vec<&String> = written.json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["max_tokens", "messages", "model"]);
}

#[test]
fn trap_007_a_temperature_above_one_is_one() {
    let (temperature, losses) = sent("claude-sonnet-4-5", r#""temperature":1.7,"#, "temperature");
    assert_eq!(temperature, 1.0);
    assert_eq!(losses, ["temperature"]);
}

#[test]
fn trap_007_in_strict_mode_a_loss_is_refused() {
    let body = ask("claude-sonnet-4-5", r#""temperature":1.7,"#);
    let mut request = read(&body).unwrap();
    request.format = "other";
    request.names = OTHER;
    let mut exchange = Exchange::new(0, 0);
    exchange.losses = crate::ir::Losses::new(true);
    let error = Anthropic
        .encode_request(
            &request,
            &Dialect::default(),
            &mut exchange,
            &mut BytesMut::new(),
        )
        .unwrap_err();
    assert_eq!(error.param.as_deref(), Some("temperature"));
}

#[test]
fn trap_008_the_temperature_wins_over_the_nucleus() {
    let written = foreign(&ask(
        "claude-sonnet-4-5",
        r#""temperature":0.20,"top_p":0.5,"top_k":3,"#,
    ));
    assert!(
        written.text.contains(r#""temperature":0.20,"top_k":3"#),
        "{}",
        written.text
    );
    assert_eq!(written.losses, ["top_p"]);
}

#[test]
fn trap_009_models_without_sampling_get_none() {
    let written = foreign(&ask(
        "claude-opus-4-7",
        r#""temperature":0.2,"top_p":0.5,"top_k":3,"#,
    ));
    assert!(
        ["temperature", "top_p", "top_k"]
            .iter()
            .all(|key| written.json.get(key).is_none())
    );
    assert_eq!(written.losses, ["temperature", "top_p", "top_k"]);
    let written = foreign(&ask("claude-opus-4-7", r#""temperature":1.0,"top_p":1,"#));
    assert_eq!(written.json.get("temperature"), None);
    assert!(written.losses.is_empty(), "the default says nothing");
}

#[test]
fn a_dialect_decides_about_sampling_if_it_says_so() {
    let body = ask("claude-sonnet-4-5", r#""temperature":0.2,"#);
    let mut request = read(&body).unwrap();
    request.format = "other";
    let dialect = Dialect {
        caps: ModelCaps {
            sampling: Some(false),
            ..ModelCaps::default()
        },
        ..Dialect::default()
    };
    let mut out = BytesMut::new();
    Anthropic
        .encode_request(&request, &dialect, &mut Exchange::new(0, 0), &mut out)
        .unwrap();
    assert!(!String::from_utf8_lossy(&out).contains("temperature"));
}

#[test]
fn trap_010_stop_strings_are_a_list_without_blanks() {
    let stops = |list: &str| {
        sent(
            "m",
            &format!(r#""stop_sequences":{list},"#),
            "stop_sequences",
        )
    };
    assert_eq!(stops("null"), (Value::Null, vec![]));
    assert_eq!(stops("[]"), (Value::Null, vec![]));
    assert_eq!(stops(r#"["x"]"#), (value(r#"["x"]"#), vec![]));
    assert_eq!(
        stops(r#"["\n","y"]"#),
        (value(r#"["y"]"#), vec!["stop[0]".to_owned()])
    );
}

fn edited(edit: impl FnOnce(&mut Request<'_>)) -> Result<Written, Error> {
    try_foreign(&ask("claude-sonnet-4-5", ""), edit)
}

#[test]
fn trap_013_several_answers_are_refused() {
    assert_eq!(
        edited(|request| request.choices = Some(2))
            .unwrap_err()
            .param
            .as_deref(),
        Some("n")
    );
    assert!(
        edited(|request| request.choices = Some(1))
            .unwrap()
            .losses
            .is_empty()
    );
}

#[test]
fn trap_014_log_probabilities_are_refused() {
    assert_eq!(
        edited(|request| request.logprobs = Some(true))
            .unwrap_err()
            .param
            .as_deref(),
        Some("logprobs")
    );
    assert_eq!(
        edited(|request| request.top_logprobs = Some(2))
            .unwrap_err()
            .param
            .as_deref(),
        Some("top_logprobs")
    );
    let written = edited(|request| {
        request.logprobs = Some(false);
        request.top_logprobs = Some(0);
    });
    assert!(written.unwrap().losses.is_empty());
}

#[test]
fn trap_015_foreign_members_obey_their_policy() {
    use crate::ir::Policy;
    let with = |policy| {
        edited(|request| {
            request
                .extra
                .push_with("foo".into(), json::Raw::EMPTY_OBJECT, policy);
        })
    };
    let written = with(Policy::Drop).unwrap();
    assert_eq!(
        (written.json.get("foo"), &*written.losses),
        (None, &["foo".to_owned()][..])
    );
    assert!(with(Policy::Silent).unwrap().losses.is_empty());
    assert_eq!(
        with(Policy::Reject).unwrap_err().param.as_deref(),
        Some("foo")
    );
}

#[test]
fn what_has_no_word_here_is_reported_unless_it_says_nothing() {
    let number = |text: &'static str| json::Raw::new(text).unwrap().number();
    let written = edited(|request| {
        request.sampling = Sampling {
            frequency_penalty: number("0.5"),
            presence_penalty: number("0.0"),
            seed: number("7"),
            ..Sampling::default()
        };
        request.store = Some(true);
        request.verbosity = Some("low".into());
        request.metadata = Some(json::Raw::new(r#"{"a":"b"}"#).unwrap());
    });
    assert_eq!(
        written.unwrap().losses,
        [
            "frequency_penalty",
            "seed",
            "verbosity",
            "metadata",
            "store"
        ]
    );
    let written = edited(|request| {
        request.store = Some(false);
        request.metadata = Some(json::Raw::EMPTY_OBJECT);
    });
    assert!(written.unwrap().losses.is_empty());
}

#[test]
fn trap_062_addresses_of_people_are_not_sent() {
    for (user, expected) in [
        ("user-1", Some("user-1")),
        ("a@b.c", None),
        ("+49 (30) 123-456", None),
        ("", None),
    ] {
        let written = edited(|request| request.user = Some(user.into())).unwrap();
        assert_eq!(
            written.json["metadata"]["user_id"].as_str(),
            expected,
            "{user}"
        );
        assert_eq!(
            written.losses.is_empty(),
            expected.is_some() || user.is_empty(),
            "{user}"
        );
    }
    let long = edited(|request| request.user = Some("x".repeat(300).into())).unwrap();
    assert_eq!(long.json["metadata"]["user_id"].as_str().unwrap().len(), 64);
}

#[test]
fn trap_063_tiers_are_mapped_or_lost() {
    for (tier, expected) in [
        ("auto", Some("auto")),
        ("default", Some("standard_only")),
        ("standard", Some("standard_only")),
        ("flex", None),
        ("priority", None),
    ] {
        let written = edited(|request| request.service_tier = Some(tier.into())).unwrap();
        assert_eq!(written.json["service_tier"].as_str(), expected, "{tier}");
        assert_eq!(written.losses.is_empty(), expected.is_some(), "{tier}");
    }
}

#[test]
fn trap_048_a_schema_of_the_answer_is_brought_to_what_can_be_enforced() {
    let schema = r#"{"type":"object","properties":{"n":{"type":"integer","minimum":1}}}"#;
    let written = edited(|request| {
        request.output = Some(OutputFormat::JsonSchema {
            name: Some("x".into()),
            description: None,
            schema: Some(json::Raw::new(schema).unwrap().into()),
            strict: Some(true),
        });
    })
    .unwrap();
    assert_eq!(
        written.json["output_config"],
        value(
            r#"{"format":{"type":"json_schema","schema":{"type":"object","properties":{"n":{"type":"integer","description":"{minimum: 1}"}},"additionalProperties":false}}}"#
        )
    );
    assert_eq!(written.losses, ["response_format"]);
}

#[test]
fn json_without_a_schema_is_lost_and_text_says_nothing() {
    let written = edited(|request| request.output = Some(OutputFormat::JsonObject)).unwrap();
    assert_eq!(
        (written.json.get("output_config"), written.losses.len()),
        (None, 1)
    );
    let written = edited(|request| request.output = Some(OutputFormat::Text)).unwrap();
    assert_eq!(
        (written.json.get("output_config"), written.losses.len()),
        (None, 0)
    );
}

#[test]
fn a_stream_is_asked_for_as_a_stream() {
    assert_eq!(
        edited(|request| request.stream = true).unwrap().json["stream"],
        true
    );
    assert_eq!(
        edited(|request| request.effort = Some(Effort::Low))
            .unwrap()
            .exchange
            .provider,
        ID
    );
}

#[test]
fn a_format_without_its_schema_is_lost_and_told() {
    let written = try_foreign(
        &conversation(r#"[{"role":"user","content":"q"}]"#),
        |request| {
            request.output = Some(OutputFormat::JsonSchema {
                name: None,
                description: None,
                schema: None,
                strict: None,
            });
        },
    )
    .unwrap();
    assert_eq!(written.json.get("output_config"), None);
    assert_eq!(written.losses, ["response_format"]);
}
