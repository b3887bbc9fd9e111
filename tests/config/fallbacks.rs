//! What a rule says of where requests go if its target fails.

use super::*;

/// A document of downstreams `a` (which has `m`), `b` (`x`, `y`) and a rule for `m` that goes to `a`, with this entry at
/// line 9, column 5.
fn with(entry: &str) -> String {
    format!(
        "downstreams:
  - {{id: anthropic, base_url: https://a, output_model_ids: [m]}}
  - {{id: several, base_url: https://b, output_model_ids: [x, y]}}
rules:
  - id: r
    pattern_model: m
    match_downstreams: [anthropic]
    {entry}
"
    )
}

#[track_caller]
fn assert_mistake(entry: &str, mistake: &str) {
    assert_eq!(mistakes(&with(entry)), [mistake], "{entry}");
}

#[test]
fn a_fallback_is_an_id_or_says_the_model_too() {
    let entry = "fallback: [{downstream: several, output_model: x}, {downstream: several, output_model: y}]";
    assert!(build(&with(entry)).is_ok());
    let lines = "fallback:\n    - downstream: several\n      output_model: passthrough";
    assert!(build(&with(lines)).is_ok());
    let json = r#"{"downstreams": [{"id": "a", "base_url": "https://a"}, {"id": "b", "base_url": "https://b"}], "rules": [{"id": "r", "pattern_model": "m", "match_downstreams": ["a"], "fallback": ["b"]}]}"#;
    assert!(Config::from_json(json).unwrap().build(&registry()).is_ok());
}

#[test]
fn a_downstream_that_is_not_there_is_named_with_what_was_meant() {
    let mistake =
        "8:16: rules[0].fallback[0]: unknown downstream \"severl\"; did you mean \"several\"?";
    assert_mistake("fallback: [severl]", mistake);
    let mistake = "8:29: rules[0].fallback[0].downstream: unknown downstream \"severl\"; did you mean \"several\"?";
    assert_mistake("fallback: [{downstream: severl, output_model: x}]", mistake);
}

#[test]
fn a_value_of_another_kind_is_named() {
    for (entry, mistake) in [
        (
            "fallback: several",
            "8:15: rules[0].fallback: expected a list, found text; write [one, two], or each on a line of its own behind a dash",
        ),
        (
            "fallback: [7]",
            "8:16: rules[0].fallback[0]: expected text, found a number; put it in quotes",
        ),
        (
            "fallback: [{output_model: x}]",
            "8:16: rules[0].fallback[0]: \"downstream\" is missing",
        ),
        (
            "fallback: [{downstream: several, model: x}]",
            "8:38: rules[0].fallback[0].model: unknown key \"model\"; known are downstream, output_model",
        ),
        (
            "fallback: [{downstream: several, output_model: gpt-*}]",
            "8:52: rules[0].fallback[0].output_model: a model id is a whole name, or \"passthrough\" for the caller's",
        ),
    ] {
        assert_mistake(entry, mistake);
    }
}

#[test]
fn a_fallback_that_is_where_the_rule_leads_is_none() {
    let mistake = "8:16: rules[0].fallback[0]: \"anthropic\" is where the rule leads anyway; name another downstream, or another model: {downstream: anthropic, output_model: …}";
    assert_mistake("fallback: [anthropic]", mistake);
    let renamed = "output_model: z\n    fallback: [{downstream: anthropic, output_model: z}]";
    let mistake = "9:29: rules[0].fallback[0].downstream: \"anthropic\" is where the rule leads anyway; name another downstream, or another model: {downstream: anthropic, output_model: …}";
    assert_mistake(renamed, mistake);
    assert!(
        build(&with(
            &renamed.replace(", output_model: z}", ", output_model: n}")
        ))
        .is_ok()
    );
}

#[test]
fn a_fallback_that_occurs_twice_is_named() {
    let entry = "fallback: [{downstream: several, output_model: x}, {downstream: several, output_model: x}]";
    let mistake = "8:69: rules[0].fallback[1].downstream: \"several\" is named twice";
    assert_mistake(entry, mistake);
}

#[test]
fn a_name_at_a_fallback_is_never_guessed_among_several() {
    let entry = "fallback: [several]";
    let mistake = "8:16: rules[0].fallback[0]: rule \"r\" can't tell what \"m\" is called at \"several\", which has x, y; say which model: {downstream: several, output_model: …}";
    assert_mistake(entry, mistake);
    assert!(build(&with(&format!("{entry}\n    is_enabled: false"))).is_ok());
}

#[test]
fn a_name_at_a_fallback_that_depends_on_the_request_is_no_mistake() {
    let text = with("fallback: [several]");
    for (from, to) in [
        ("pattern_model: m", "pattern_models: ['re:[mx]', 'x*']"),
        ("pattern_model: m", "pattern_model: m\n    output_model: y"),
        ("    pattern_model: m\n", ""),
        ("[x, y]", "[x, m]"),
        ("[x, y]", "[x, '*']"),
    ] {
        let text = text.replace(from, to);
        build(&text).unwrap_or_else(|errors| panic!("{to}: {errors}"));
    }
    let alias =
        "aliases: [{input_model_id: w, options: [{downstream_id: anthropic, output_model_id: x}]}]";
    assert!(build(&format!("{text}{alias}")).is_ok());
}

#[test]
fn a_fallback_that_is_off_is_named_where_it_stands() {
    let text = with("fallback: [{downstream: several, output_model: x}]");
    let text = text.replace("id: several,", "id: several, is_enabled: false,");
    let config = Config::from_yaml(&text).unwrap();
    let lints = config.lints(&config.build(&registry()).unwrap());
    let lints: Vec<_> = lints.iter().map(ToString::to_string).collect();
    assert_eq!(
        lints,
        ["8:29: rules[0].fallback[0].downstream: fallback several is left out: it is off"]
    );
}
