//! Which rules hold at a fallback: their plugins, limits and translators.

use std::time::Duration;

use tower_llm_gateway::policy::Phase;

use super::*;

/// The plugins that the request passes on its way to its first fallback.
#[track_caller]
fn passed(table: &Table, path: &str, model: &str) -> String {
    let decision = decide(table, path, model).unwrap();
    let next = decision.alternatives().first().unwrap();
    let before = next.caller_plugins.as_ref().map(|plugins| &plugins.0);
    let behind = next.plugins.as_ref().map(|plugins| &plugins.0);
    let sides =
        [before, behind].map(|side| names_of(side.into_iter().flat_map(|side| side.iter())));
    sides.map(|names| names.join(" ")).join(" | ")
}

fn plugin(name: &str) -> String {
    format!("{{plugin_id: custom_header, config: {{name: {name}}}}}")
}

#[test]
fn rules_that_lead_to_it_or_name_it_hold_at_it() {
    let rules = [
        ("names", "match_downstreams: [a], fallback: [c]"),
        ("leads", "match_downstreams: [c]"),
        ("all", "name: All"),
        ("names-less", "match_downstreams: [b], fallback: [c]"),
        ("elsewhere", "match_downstreams: [a, b]"),
        ("names-another", "match_downstreams: [a], fallback: [b]"),
    ]
    .map(|(id, entries)| {
        let plugin = plugin(id);
        format!("- {{id: {id}, {entries}, pipeline_config: [{plugin}]}}\n")
    });
    let table = with_rules(&rules.concat());
    assert_eq!(passed(&table, CHAT, "m"), " | names leads all names-less");
}

#[test]
fn a_rule_may_mean_the_model_that_the_fallback_gets() {
    let rules = format!(
        "- {{id: r, pattern_model: m, match_downstreams: [a], fallback: [c]}}
- {{id: sent, pattern_model: n, pipeline_config: [{}]}}
- {{id: neither, pattern_model: x, pipeline_config: [{}]}}
",
        plugin("sent"),
        plugin("neither")
    );
    assert_eq!(passed(&with_rules(&rules), CHAT, "m"), " | sent");
}

#[test]
fn a_rule_may_mean_any_name_that_the_request_has_had() {
    let rules = ["asked-for", "'asked-.*'", "m", "n", "x"].map(|model| {
        let name = model.trim_matches('\'');
        let plugin = plugin(&format!("'{name}'"));
        format!("- {{id: '{name}', pattern_model: {model}, pipeline_config: [{plugin}]}}\n")
    });
    let text = format!(
        "{DOWNSTREAMS}rules:
- {{id: all, fallback: [c]}}
{}aliases:
- {{input_model_id: 'asked-.*', is_regex: true, options: [{{downstream_id: a, output_model_id: m}}]}}
",
        rules.concat()
    );
    let passed = passed(&table(&[&text]), CHAT, "asked-for");
    assert_eq!(passed, " | asked-for m n asked-.*");
}

#[test]
fn a_rule_for_other_formats_names_a_fallback_and_does_not_hold_at_it() {
    let table = to_a(&format!(
        "match_downstream_format: [openai], timeouts: {{idle: 5s}}, pipeline_config: [{}], fallback: [c, b]",
        plugin("p")
    ));
    let decision = decide(&table, CHAT, "m").unwrap();
    let [other, same] = decision.alternatives() else {
        panic!("two fallbacks");
    };
    let idle = |next: &Alternative| next.selected.timeouts().limit(Phase::Idle, true);
    assert!(other.plugins.is_none() && same.plugins.is_some());
    assert_eq!(idle(other), Some(Duration::from_secs(300)));
    assert_eq!(idle(same), Some(Duration::from_secs(5)));
}

#[test]
fn sides_are_those_of_its_own_formats() {
    let pipeline = format!(
        "pipeline_config: [{}, {{plugin_id: openai2anthropic}}, {}]",
        plugin("one"),
        plugin("two")
    );
    let across = to_a(&format!("fallback: [c], {pipeline}"));
    assert_eq!(passed(&across, CHAT, "m"), "one | two");
    let same = to_a(&format!("fallback: [b, c], {pipeline}"));
    assert_eq!(passed(&same, CHAT, "m"), " | one two");
}

#[test]
fn a_target_that_leaves_its_format_open_gets_what_the_translators_make() {
    let text = "downstreams:
- {id: a, base_url: https://a, api_formats: [openai], output_model_ids: [m]}
- {id: open, base_url: https://open}
rules:
- {id: r, pattern_model: m, match_downstreams: [a], fallback: [open], pipeline_config: [{plugin_id: openai2gemini}]}
";
    assert_eq!(chain(&table(&[text]), CHAT, "m"), ["open  gemini"]);
    let elsewhere = text.replace("openai2gemini", "custom_header");
    assert_eq!(chain(&table(&[&elsewhere]), CHAT, "m"), ["open  openai"]);
}

#[test]
fn limits_and_tries_are_those_of_the_rules_then_of_the_fallback() {
    let text = "timeouts: {idle: 9s, first_byte: 9s, first_event: 9s}
downstreams:
- {id: a, base_url: https://a, output_model_ids: [m], timeouts: {first_byte: 1s}, retry: {attempts: 7}}
- {id: b, base_url: https://b, output_model_ids: [m], timeouts: {idle: 2s, first_byte: 2s}, retry: {attempts: 2, backoff: 2s}}
rules:
- {id: r, pattern_model: m, match_downstreams: [a], fallback: [b], timeouts: {idle: 3s}, retry: {backoff: 3s}}
";
    let decision = decide(&table(&[text]), CHAT, "m").unwrap();
    let next = &decision.alternatives()[0].selected;
    let seconds = |phase| next.timeouts().limit(phase, true).unwrap().as_secs();
    assert_eq!(
        [Phase::Idle, Phase::FirstByte, Phase::FirstEvent].map(seconds),
        [3, 2, 9]
    );
    assert_eq!(next.retry().attempts, Some(2));
    assert_eq!(next.retry().backoff, Some(Duration::from_secs(3)));
}

#[test]
fn a_translator_may_be_of_use_at_a_fallback_alone() {
    let table = to_a("fallback: [c], pipeline_config: [{plugin_id: anthropic2openai}]");
    assert_eq!(chain(&table, CHAT, "m"), ["c n anthropic"]);
}
