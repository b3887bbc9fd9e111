//! What rules, aliases and documents say of experiments.

use super::*;

/// Three downstreams, and a rule `r` for `m` with an experiment of these arms at line 9.
fn with_arms(arms: &str) -> String {
    with(&format!("key: [host]\n      arms: [{arms}]"))
}

/// The same with this in the place of all that the experiment says, at line 8, column 7.
fn with(split: &str) -> String {
    format!(
        "downstreams:
  - {{id: openai, base_url: https://a, output_model_ids: [gpt-4o]}}
  - {{id: several, base_url: https://b, output_model_ids: [x, y]}}
rules:
  - id: r
    pattern_model: m
    split:
      {split}
"
    )
}

const ARMS: &str =
    "arms: [{id: control, downstream: openai}, {id: other, downstream: several, output_model: x}]";

/// The first document of an experiment `r`, with this said of all.
fn with_all(experiments: &str) -> String {
    format!("experiments: {experiments}\n{}", with(ARMS))
}

#[track_caller]
fn assert_mistake(text: &str, mistake: &str) {
    assert_eq!(mistakes(text), [mistake], "{text}");
}

#[test]
fn what_is_said_of_an_experiment_is_all_optional_but_its_arms() {
    let table = build(&with(ARMS)).unwrap();
    let rule = table.rules().next().unwrap();
    assert_eq!(&**rule.experiment().unwrap(), "r");
    let split = rule.split().unwrap();
    assert!(split.keys.is_empty());
    assert_eq!(
        format!("{} {}", split.coverage, split.arms[0].weight),
        "1 1"
    );

    let all = "experiment: e\n      key: ['header:x-session-id', 'body:user', 'body:safety_identifier', 'body:metadata.user_id', 'body:prompt_cache_key', host, conversation]\n      coverage: 20%";
    let table = build(&with(&format!(
        "{all}\n      {}",
        ARMS.replace("openai}", "openai, weight: 0.9}")
            .replace("x}", "x, weight: 10}")
    )))
    .unwrap();
    let rule = table.rules().next().unwrap();
    assert_eq!(&**rule.experiment().unwrap(), "e");
    let split = rule.split().unwrap();
    assert_eq!(split.keys.len(), 7);
    assert_eq!(split.coverage.to_string(), "0.2");
    let weights = split.arms.iter().map(|arm| arm.weight.to_string());
    assert_eq!(weights.collect::<Vec<_>>(), ["0.9", "10"]);
}

#[test]
fn an_alias_has_options_or_a_split() {
    let document = |alias: &str| {
        format!(
            "downstreams: [{{id: openai, base_url: https://a, output_model_ids: [gpt-4o]}}, {{id: several, base_url: https://b}}]\naliases:\n  - {{input_model_id: fast, {alias}}}\n"
        )
    };
    let split = format!("split: {{{ARMS}}}");
    let table = build(&document(&split)).unwrap();
    assert_eq!(
        &**table.aliases().next().unwrap().experiment().unwrap(),
        "fast"
    );
    let option = "options: [{downstream_id: several, output_model_id: m}]";
    assert_mistake(
        &document(&format!("{option}, {split}")),
        "3:92: aliases[0].split: an alias has options or a split, and not both",
    );
    assert_mistake(
        &document("announced_names: []"),
        "3:5: aliases[0]: \"options\" is missing",
    );
}

#[test]
fn a_key_that_is_none_is_named_with_what_was_meant() {
    for (key, mistake) in [
        (
            "'heder:x-session-id'",
            "unknown key \"heder:x-session-id\"; did you mean \"header:x-session-id\"?",
        ),
        (
            "'body:usr'",
            "unknown key \"body:usr\"; did you mean \"body:user\"?",
        ),
        ("hosts", "unknown key \"hosts\"; did you mean \"host\"?"),
        (
            "Conversation",
            "unknown key \"Conversation\"; did you mean \"conversation\"?",
        ),
        ("'header:a b'", "\"a b\" is no name of a header"),
    ] {
        let text = with(&format!("key: [{key}]\n      {ARMS}"));
        assert_mistake(&text, &format!("8:13: rules[0].split.key[0]: {mistake}"));
    }
}

#[test]
fn a_value_of_another_kind_is_named() {
    for (split, mistake) in [
        (
            "key: host",
            "8:12: rules[0].split.key: expected a list, found text; write [one, two], or each on a line of its own behind a dash",
        ),
        (
            "coverage: 120%",
            "8:17: rules[0].split.coverage: expected a number from 0 to 1, or a percentage, found text",
        ),
        (
            "experiment: 7",
            "8:19: rules[0].split.experiment: expected text, found a number; put it in quotes",
        ),
        (
            "experiment: ''",
            "8:19: rules[0].split.experiment: \"experiment\" can't be empty",
        ),
        (
            "weights: []",
            "8:7: rules[0].split.weights: unknown key \"weights\"; known are experiment, key, coverage, arms",
        ),
    ] {
        assert_mistake(&with(&format!("{split}\n      {ARMS}")), mistake);
    }
    assert_mistake(&with("key: []"), "8:7: rules[0].split: \"arms\" is missing");
    assert_mistake(
        &with_arms("{id: a, downstream: openai, wieght: 1}, {id: b, downstream: openai}"),
        "9:42: rules[0].split.arms[0].wieght: unknown key \"wieght\"; did you mean \"weight\"?",
    );
    assert_mistake(
        &with_arms("{downstream: openai}, {id: b, downstream: openai}"),
        "9:14: rules[0].split.arms[0]: \"id\" is missing",
    );
}

#[test]
fn row_61_weights_are_named_where_they_are_wrong() {
    let arms = |a: &str, b: &str| {
        with_arms(&format!(
            "{{id: a, downstream: openai{a}}}, {{id: b, downstream: openai, output_model: z{b}}}"
        ))
    };
    for (a, b, mistake) in [
        (
            ", weight: 0",
            ", weight: 0.0",
            "8:7: rules[0].split: all weights are 0, so that no arm gets anything",
        ),
        (
            ", weight: -1",
            ", weight: 1",
            "9:50: rules[0].split.arms[0].weight: a weight is 0, or from 1e-9 to 1e9",
        ),
        (
            ", weight: 1",
            ", weight: 1e99",
            "9:107: rules[0].split.arms[1].weight: a weight is 0, or from 1e-9 to 1e9",
        ),
        (
            ", weight: 1",
            "",
            "9:59: rules[0].split.arms[1].id: \"weight\" is missing, which other arms have",
        ),
        (
            ", weight: 1",
            ", weight: 10%",
            "9:107: rules[0].split.arms[1].weight: expected a number, found text",
        ),
    ] {
        let found = mistakes(&arms(a, b));
        assert_eq!(found, [mistake]);
    }
}

#[test]
fn arms_that_are_none_are_named() {
    for (arms, mistake) in [
        (
            "{id: a, downstream: openai}",
            "8:7: rules[0].split: an experiment compares two arms or more, and this one has 1",
        ),
        (
            "{id: a, downstream: openai}, {id: a, downstream: openai, output_model: z}",
            "9:48: rules[0].split.arms[1].id: another arm has the id \"a\" too",
        ),
        (
            "{id: a, downstream: openai}, {id: b=c, downstream: openai, output_model: z}",
            "9:48: rules[0].split.arms[1].id: an arm's id is a word, without \"=\" in it, or control characters, or spaces around it",
        ),
        (
            "{id: a, downstream: opnai}, {id: b, downstream: openai, output_model: z}",
            "9:34: rules[0].split.arms[0].downstream: unknown downstream \"opnai\"; did you mean \"openai\"?",
        ),
        (
            "{id: a, downstream: openai}, {id: b, downstream: openai, output_model: \"z\\n\"}",
            "9:85: rules[0].split.arms[1].output_model: the model \"z\\n\" has control characters",
        ),
    ] {
        assert_mistake(&with_arms(arms), mistake);
    }
}

#[test]
fn a_name_at_an_arm_is_never_guessed() {
    let arms = "{id: a, downstream: openai}, {id: b, downstream: several}";
    let mistake = "9:63: rules[0].split.arms[1].downstream: the rule sends \"m\" to \"several\", which has none of that name but x, y; say output_model";
    assert_mistake(&with_arms(arms), mistake);
    let all = with_arms(arms)
        .replace("pattern_model: m", "pattern_model: '*'")
        .replace(", y]", "]");
    let errors = mistakes(&all);
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(
        errors[0].ends_with("would rename every unknown model to gpt-4o; say output_model"),
        "{errors:?}"
    );
    for (from, to) in [
        ("several}", "several, output_model: x}"),
        ("pattern_model: m", "pattern_model: x"),
        ("pattern_model: m", "pattern_model: m\n    output_model: z"),
        ("    pattern_model: m\n", ""),
        (
            "    pattern_model: m\n",
            "    pattern_model: m\n    is_enabled: false\n",
        ),
        ("[x, y]", "['*']"),
    ] {
        build(&with_arms(arms).replace(from, to)).unwrap_or_else(|errors| panic!("{to}: {errors}"));
    }
}

#[test]
fn two_experiments_of_one_name_are_named() {
    let second = format!("  - id: s\n    pattern_model: n\n    split: {{experiment: r, {ARMS}}}\n");
    let text = format!("{}{second}", with(ARMS));
    assert_mistake(
        &text,
        "11:12: rules[1].split: another experiment has the name \"r\" too",
    );
    let off = format!("{text}    is_enabled: false\n");
    assert!(build(&off).is_ok());
}

#[test]
fn all_that_is_said_of_all_experiments_is_read() {
    let text = with_all("{holdout: 5%, layers: {l: {r: 100%}}, override_key: CANARY-qa}");
    assert!(build(&text).is_ok());
}

#[test]
fn what_is_wrong_with_layers_and_holdout_is_named() {
    for (experiments, mistake) in [
        (
            "{holdout: 101%}",
            "1:24: experiments.holdout: expected a number from 0 to 1, or a percentage, found text",
        ),
        (
            "{holdot: 5%}",
            "1:15: experiments.holdot: unknown key \"holdot\"; did you mean \"holdout\"?",
        ),
        (
            "{layers: [r]}",
            "1:23: experiments.layers: expected a map, found a list; write `key: value`, each on a line of its own",
        ),
        (
            "{layers: {l: {q: 50%}}}",
            "1:28: experiments.layers.l.q: unknown experiment \"q\"; did you mean \"r\"?",
        ),
        (
            "{layers: {l: {r: 2}}}",
            "1:31: experiments.layers.l.r: expected a number from 0 to 1, or a percentage, found a number",
        ),
        (
            "{layers: {l: {r: 1}, m: {r: 1}}}",
            "1:39: experiments.layers.m.r: \"r\" is in a layer already",
        ),
        (
            "{override_key: ''}",
            "1:29: experiments.override_key: a key can't be empty",
        ),
        (
            "{override_key: '${QA}'}",
            "1:29: experiments.override_key: the environment variable QA is not set",
        ),
    ] {
        assert_mistake(&with_all(experiments), mistake);
    }
}

#[test]
fn shares_of_a_layer_are_not_more_than_all() {
    let second = format!("  - id: s\n    pattern_model: n\n    split: {{{ARMS}}}\n");
    let shares = |r: &str, s: &str| {
        format!(
            "{}{second}",
            with_all(&format!("{{layers: {{l: {{r: {r}, s: {s}}}}}}}"))
        )
    };
    assert_mistake(
        &shares("60%", "0.5"),
        "1:24: experiments.layers.l: the shares of \"l\" come to 110%, and there are no more than 100%",
    );
    assert!(build(&shares("60%", "40%")).is_ok());
}

#[test]
fn an_override_key_is_never_shown() {
    let config = Config::from_yaml(&with_all(&format!("{{override_key: {SECRET}}}"))).unwrap();
    let table = config.build(&registry()).unwrap();
    let key = secrecy::SecretString::from(SECRET);
    for shown in [format!("{config:?}"), format!("{table:?}")] {
        assert!(!shown.contains(key.expose_secret()), "{shown}");
    }
}

#[test]
fn targets_are_called_fallback_or_split() {
    assert_mistake(
        &rule_with("targets: []"),
        "8:5: rules[0].targets: \"targets\" is written as \"fallback\" here, which is a list in its order, or as \"split\", which has weights",
    );
}
