//! Where a request goes when its target fails.

mod naming;
mod operations;
mod plugins;
mod router;

use tower_llm_gateway::failover::Alternative;

use crate::{support::*, *};

const MESSAGES: &str = "/v1/messages";

/// Two owners of `m`, one of `n`, one of two others, and one that takes any.
const DOWNSTREAMS: &str = "downstreams:
- {id: a, base_url: https://a, api_formats: [openai], output_model_ids: [m]}
- {id: b, base_url: https://b, api_formats: [openai], output_model_ids: [m]}
- {id: c, base_url: https://c, api_formats: [anthropic], output_model_ids: [n]}
- {id: d, base_url: https://d, api_formats: [openai], output_model_ids: [x, y]}
- {id: e, base_url: https://e, api_formats: [openai], output_model_ids: ['*']}
";

fn with_rules(rules: &str) -> Table {
    table(&[&format!("{DOWNSTREAMS}rules:\n{rules}")])
}

/// A rule for `m` that goes to `a`, with these further entries.
fn to_a(entries: &str) -> Table {
    with_rules(&format!(
        "- {{id: r, pattern_model: m, match_downstreams: [a], {entries}}}\n"
    ))
}

/// An alternative in a line: downstream, model if it is renamed, format.
fn line(alternative: &Alternative) -> String {
    let selected = &alternative.selected;
    let model = selected.model().map_or("", |model| &**model);
    format!("{} {model} {}", selected.target().id(), selected.provider())
}

#[track_caller]
fn chain(table: &Table, path: &str, model: &str) -> Vec<String> {
    let decision = decide(table, path, model).unwrap();
    decision.alternatives().iter().map(line).collect()
}

#[test]
fn a_decision_without_fallbacks_has_no_alternatives() {
    assert_eq!(chain(&c0(), CHAT, "gpt-4o"), [""; 0]);
}

#[test]
fn fallbacks_come_in_the_order_of_the_rule_each_in_its_own_format() {
    let table = to_a("fallback: [c, b]");
    assert_eq!(chain(&table, CHAT, "m"), ["c n anthropic", "b  openai"]);
    let of_a_caller_of_anthropic = chain(&table, MESSAGES, "m");
    assert_eq!(of_a_caller_of_anthropic, ["c n anthropic", "b  openai"]);
}

#[test]
fn the_most_specific_rule_that_has_some_says_all_of_them() {
    let rules = "- {id: all, pattern_model: '*', fallback: [c]}
- {id: some, pattern_model: 'm*', fallback: [b, e]}
- {id: silent, pattern_model: m, match_downstreams: [a]}
";
    let table = with_rules(rules);
    assert_eq!(chain(&table, CHAT, "m"), ["b  openai", "e  openai"]);
    assert_eq!(chain(&table, CHAT, "x"), ["c n anthropic"]);
}

#[test]
fn an_empty_list_says_that_there_are_none() {
    let rules = "- {id: all, pattern_model: '*', fallback: [c]}
- {id: none, pattern_model: m, match_downstreams: [a], fallback: []}
";
    assert_eq!(chain(&with_rules(rules), CHAT, "m"), [""; 0]);
}

#[test]
fn a_rule_that_does_not_hold_has_no_say() {
    for filter in [
        "match_format: [anthropic]",
        "match_downstream_format: [anthropic]",
        "match_downstreams: [b]",
        "pattern_path: /v1/messages",
        "is_enabled: false",
    ] {
        let rules = format!(
            "- {{id: r, pattern_model: m, match_downstreams: [a]}}\n- {{id: f, {filter}, fallback: [c]}}\n"
        );
        assert_eq!(chain(&with_rules(&rules), CHAT, "m"), [""; 0], "{filter}");
    }
}

#[test]
fn who_decides_does_not_matter() {
    let rules = "rules:
- {id: all, fallback: [c]}
- {id: names, pattern_model: z, match_downstreams: [e]}
aliases:
- {input_model_id: w, options: [{downstream_id: a, output_model_id: m}]}
";
    let table = table(&[DOWNSTREAMS, rules]);
    for model in ["m", "z", "w"] {
        assert_eq!(chain(&table, CHAT, model), ["c n anthropic"], "{model}");
    }
}

#[test]
fn a_rule_for_the_model_that_an_alias_stands_for_says_its_fallbacks() {
    let rules = "rules:
- {id: sent, pattern_model: m, fallback: [b]}
aliases:
- {input_model_id: w, options: [{downstream_id: a, output_model_id: m}]}
";
    let table = table(&[DOWNSTREAMS, rules]);
    assert_eq!(chain(&table, CHAT, "w"), ["b m openai"]);
}

#[test]
fn what_is_tried_first_is_not_among_them() {
    let rules = "- {id: r, pattern_model: m, match_downstreams: [a, b], fallback: [a, {downstream: b, output_model: m}, c]}\n";
    assert_eq!(
        chain(&with_rules(rules), CHAT, "m"),
        ["b  openai", "c n anthropic"]
    );
    let b_first = rules.replace("[a, b]", "[b]");
    assert_eq!(
        chain(&with_rules(&b_first), CHAT, "m"),
        ["a  openai", "c n anthropic"]
    );
}

#[test]
fn another_model_of_the_same_downstream_is_another_target() {
    let rules = "- {id: r, pattern_model: x, fallback: [{downstream: d, output_model: y}]}\n";
    assert_eq!(chain(&with_rules(rules), CHAT, "x"), ["d y openai"]);
    assert_eq!(
        chain(
            &with_rules(&rules.replace("pattern_model: x, ", "")),
            CHAT,
            "y"
        ),
        [""; 0]
    );
}

#[test]
fn nothing_is_tried_twice() {
    let table = to_a(
        "fallback: [b, {downstream: b, output_model: m}, {downstream: b, output_model: z}, {downstream: b, output_model: passthrough}]",
    );
    assert_eq!(chain(&table, CHAT, "m"), ["b  openai", "b z openai"]);
}

#[test]
fn a_downstream_that_is_off_is_left_out() {
    let off = DOWNSTREAMS.replace("{id: b,", "{id: b, is_enabled: false,");
    let rule = "rules: [{id: r, pattern_model: m, fallback: [b, c]}]";
    assert_eq!(chain(&table(&[&off, rule]), CHAT, "m"), ["c n anthropic"]);
}

#[test]
fn a_decision_without_fallbacks_allocates_nothing_for_them() {
    let count = |table: &Table| {
        let headers = http::HeaderMap::new();
        let facts = router::facts(&headers);
        allocation_counter::measure(|| drop(table.decide(&facts).unwrap())).count_total
    };
    let without = count(&to_a("timeouts: {idle: 5s}"));
    let elsewhere = "- {id: r, pattern_model: m, match_downstreams: [a], timeouts: {idle: 5s}}
- {id: other, pattern_model: n, fallback: [b]}
";
    assert_eq!(count(&with_rules(elsewhere)), without);
    assert_eq!(without, 0);
}
