//! What a rule says of copies of its requests.

use super::*;

/// A document of downstreams and a rule for `m` that goes to `a`, with this entry at line 11, column 5.
fn with(entry: &str) -> String {
    format!(
        "downstreams:
  - {{id: a, base_url: https://a, output_model_ids: [m]}}
  - {{id: several, base_url: https://b, output_model_ids: [x, y]}}
  - {{id: own, handler: inner, api_formats: [openai], output_model_ids: [m]}}
  - {{id: callers, base_url: https://c, auth: forward_client, output_model_ids: [m]}}
rules:
  - id: r
    pattern_model: m
    match_downstreams: [a]
    {entry}
"
    )
}

#[track_caller]
fn assert_mistake(entry: &str, mistake: &str) {
    assert_eq!(mistakes(&with(entry)), [mistake], "{entry}");
}

#[test]
fn a_shadow_is_an_id_or_says_more() {
    for entry in [
        "shadow: {downstream: several, output_model: x}",
        "shadow: {downstream: several, output_model: x, sample: 5%, max_in_flight: 2, timeout: 30s}",
        "shadow: {downstream: several, output_model: y, sample: 0.05}",
        "shadow: {downstream: a, output_model: n}",
    ] {
        assert!(build(&with(entry)).is_ok(), "{entry}");
    }
}

#[test]
fn a_downstream_that_is_not_there_is_named_with_what_was_meant() {
    assert_mistake(
        "shadow: severl",
        "10:13: rules[0].shadow: unknown downstream \"severl\"; did you mean \"several\"?",
    );
}

#[test]
fn a_value_that_can_not_be_is_named() {
    for (entry, mistake) in [
        (
            "shadow: {sample: 1%}",
            "10:13: rules[0].shadow: \"downstream\" is missing",
        ),
        (
            "shadow: {downstream: a, output_model: n, sample: 5}",
            "10:54: rules[0].shadow.sample: expected a number from 0 to 1, or a percentage, found a number",
        ),
        (
            "shadow: {downstream: a, output_model: n, max_in_flight: 0}",
            "10:61: rules[0].shadow.max_in_flight: expected a whole number above zero, found a number",
        ),
        (
            "shadow: {downstream: a, part: 5%}",
            "10:29: rules[0].shadow.part: unknown key \"part\"; known are downstream, output_model, sample, max_in_flight, timeout",
        ),
    ] {
        assert_mistake(entry, mistake);
    }
}

#[test]
fn a_shadow_with_several_models_has_to_say_which() {
    assert_mistake(
        "shadow: several",
        "10:13: rules[0].shadow: rule \"r\" can't tell what \"m\" is called at \"several\", which has x, y; say which model: {downstream: several, output_model: …}",
    );
}

#[test]
fn a_shadow_that_is_where_the_rule_leads_is_none() {
    assert_mistake(
        "shadow: a",
        "10:13: rules[0].shadow: \"a\" is where the rule leads anyway; name another downstream, or another model: {downstream: a, output_model: …}",
    );
}

#[test]
fn who_must_not_be_asked_twice_gets_no_copies() {
    assert_mistake(
        "shadow: own",
        "10:13: rules[0].shadow: \"own\" is the host's own handler, which gets no copies",
    );
    assert_mistake(
        "shadow: callers",
        "10:13: rules[0].shadow: \"callers\" gets the caller's own credential, and no caller pays for copies",
    );
}
