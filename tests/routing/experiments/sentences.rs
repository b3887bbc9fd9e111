//! What is said of an experiment, and why.

use serde_json::json;

use super::*;

fn explain(table: &Table, facts: &Facts<'_>) -> serde_json::Value {
    serde_json::to_value(table.explain(facts)).unwrap()
}

fn said(explanation: &serde_json::Value) -> String {
    explanation["why"].to_string()
}

#[test]
fn an_explanation_names_experiment_arm_reason_and_weights() {
    let (table, headers) = (chat("3", "1"), session(1));
    let explanation = explain(&table, &facts("chat", &headers));
    let arm = assigned(&table, &facts("chat", &headers)).arm;
    assert_eq!(explanation["experiment"], "chat");
    assert_eq!(explanation["arm"], &*arm);
    assert_eq!(explanation["assignment"], "key");
    assert_eq!(explanation["arms"], json!([["a", 0.75], ["b", 0.25]]));
    let why = [
        format!(
            "Rule 'chat' says where 'chat' goes. Its experiment 'chat' gives the request arm '{arm}', which leads to '{arm}'."
        ),
        "The model sent is 'chat', as the caller says.".to_owned(),
        format!("'{arm}' does not say what it speaks, and gets the caller's format, openai."),
        "The arm is drawn by whose request it is.".to_owned(),
        "Of all that is drawn, the arms get: 'a' 75%, 'b' 25%.".to_owned(),
    ];
    assert_eq!(explanation["why"], json!(why));
}

#[test]
fn an_explanation_says_why_somebody_takes_no_part() {
    let held = splits(
        "experiments: {holdout: 100%}",
        &[("chat", &halves("1", "1"))],
    );
    let layered = splits(
        "experiments: {layers: {l: {chat: 0}}}",
        &[("chat", &halves("1", "1"))],
    );
    let uncovered = splits(
        "",
        &[("chat", &format!("coverage: 0, {}", halves("1", "1")))],
    );
    let random = chat("1", "1");
    let (with, without) = (session(1), HeaderMap::new());
    for (table, headers, sentence) in [
        (
            held,
            &with,
            "It is kept out of all experiments, and gets control.",
        ),
        (
            layered,
            &with,
            "Its place in the layer is not the experiment's, and it gets control.",
        ),
        (
            uncovered,
            &with,
            "The experiment doesn't cover it, and it gets control.",
        ),
        (
            random,
            &without,
            "The arm is drawn by chance, for nothing says whose request it is",
        ),
    ] {
        let said = said(&explain(&table, &facts("chat", headers)));
        assert!(said.contains(sentence), "{said}");
    }
}

#[test]
fn an_explanation_names_the_model_as_the_arm_says_and_arms_that_are_left_out() {
    let table = table(&[&format!(
        "downstreams: [{{id: a, base_url: https://a, api_formats: [openai]}}, {{id: b, base_url: https://b, api_formats: [anthropic]}}]
aliases: [{{input_model_id: fast, split: {{arms: [{{id: a, downstream: a, output_model: x}}, {{id: a2, downstream: a, output_model: y, weight: 0}}]}}}}]
rules: [{{id: chat, pattern_path: {CHAT}, pattern_model: chat, match_downstream_format: [openai], split: {{arms: [{{id: a, downstream: a, output_model: x}}, {{id: b, downstream: b, output_model: y}}]}}}}]"
    ).replace("{id: a, downstream: a, output_model: x}, {id: a2", "{id: a, downstream: a, output_model: x, weight: 1}, {id: a2")]);
    let headers = HeaderMap::new();
    let of_rule = said(&explain(&table, &facts("chat", &headers)));
    for sentence in [
        "The model sent is 'x', as arm 'a' says.",
        "Of its arms, 'b' can't serve such a request, and is left out.",
    ] {
        assert!(of_rule.contains(sentence), "{of_rule}");
    }
    let of_alias = said(&explain(&table, &facts("fast", &headers)));
    let sentence = "Alias 'fast' stands for 'fast'. Its experiment 'fast' gives the request arm 'a', which leads to 'a'.";
    assert!(of_alias.contains(sentence), "{of_alias}");
}
