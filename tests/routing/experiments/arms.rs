//! Who takes part, which arms can serve, and what they are sent.

use tower_llm_gateway::experiment::Subject;

use super::*;

#[test]
fn who_is_held_out_is_so_of_every_experiment() {
    let halves = halves("1", "99");
    let splits = |document| splits(document, &[("one", &halves), ("two", &halves)]);
    let table = splits("experiments: {holdout: 10%}");
    let free = splits("");
    let held = |drawn: &Assignment| drawn.by == AssignedBy::Holdout;
    let (one, two) = (arms_of(&table, "one"), arms_of(&table, "two"));
    for ((one, two), free) in one.iter().zip(&two).zip(arms_of(&free, "one")) {
        assert_eq!(held(one), held(two));
        let expected = if held(one) { "a" } else { &free.arm };
        assert_eq!(&*one.arm, expected);
    }
    let counted = counts(one.iter().map(|one| one.by.as_str()));
    assert!(chi_square(&counted, &[("holdout", 10.0), ("key", 90.0)]) < RARE[1]);
}

#[test]
fn who_is_not_covered_gets_control_and_who_is_stays_so() {
    let of = |coverage: &str| {
        let split = format!("coverage: {coverage}, {}", halves("1", "1"));
        arms_of(&splits("", &[("chat", &split)]), "chat")
    };
    let (small, large, all) = (of("20%"), of("0.5"), of("100%"));
    for ((small, large), all) in small.iter().zip(&large).zip(&all) {
        assert!(!small.by.is_drawn() || large.by.is_drawn());
        let expected = if small.by.is_drawn() { &*all.arm } else { "a" };
        assert_eq!(&*small.arm, expected);
    }
    let counted = counts(small.iter().map(|drawn| drawn.by.as_str()));
    assert!(chi_square(&counted, &[("coverage", 80.0), ("key", 20.0)]) < RARE[1]);
}

#[test]
fn the_first_key_that_is_there_counts() {
    let arms = "arms: [{id: a, downstream: a}, {id: b, downstream: b}]";
    let split = format!("key: ['header:x-session-id', host, 'body:user'], {arms}");
    let table = splits("", &[("chat", &split)]);
    let (none, with) = (HeaderMap::new(), session(1));
    let subject = Subject::new("bob");
    let unit = |facts: &Facts<'_>| assigned(&table, facts).unit;
    let ada = unit(&facts("chat", &with));
    let mut other = facts("chat", &none);
    other.body = br#"{"user": "eve"}"#;
    let eve = unit(&other);
    other.subject = Some(&subject);
    let bob = unit(&other);
    other.headers = &with;
    assert_eq!(unit(&other), ada);
    assert!(ada != bob && bob != eve && eve != ada);
}

#[test]
fn an_arm_that_the_rule_lets_nobody_through_to_is_left_out() {
    let table = table(&[&format!(
        "downstreams: [{{id: a, base_url: https://a, api_formats: [openai]}}, {{id: b, base_url: https://b, api_formats: [anthropic]}}, {{id: c, base_url: https://c, api_formats: [openai]}}, {{id: d, base_url: https://d, is_enabled: false}}]
rules: [{{id: chat, pattern_path: {CHAT}, pattern_model: chat, match_downstream_format: [openai], split: {{key: ['header:x-session-id'], arms: [{{id: b, downstream: b, weight: 50}}, {{id: a, downstream: a, weight: 30}}, {{id: c, downstream: c, weight: 10}}, {{id: d, downstream: d, weight: 10}}]}}}}]"
    )]);
    let drawn = arms_of(&table, "chat");
    let counted = counts(names(&drawn));
    assert!(
        chi_square(&counted, &[("a", 3.0), ("c", 1.0)]) < RARE[1],
        "{counted:?}"
    );
    // What is said of weights is what this request was drawn by.
    let shares: Vec<_> = drawn[0]
        .arms
        .iter()
        .map(|arm| (&*arm.arm, arm.share))
        .collect();
    assert_eq!(shares, [("b", 0.0), ("a", 0.75), ("c", 0.25)]);
}

#[test]
fn a_rule_of_which_no_arm_can_serve_has_no_say() {
    let table = table(&[&format!(
        "downstreams: [{{id: a, base_url: https://a, api_formats: [openai], output_model_ids: [m]}}]
rules:
- {{id: r, pattern_model: m, match_downstream_format: [gemini], split: {{arms: [{{id: a1, downstream: a}}, {{id: a2, downstream: a}}]}}}}
- {{id: s, pattern_path: {CHAT}, pattern_model: 'm*', split: {{arms: [{{id: a3, downstream: a}}, {{id: a4, downstream: a}}]}}}}"
    )]);
    let headers = HeaderMap::new();
    assert_eq!(&*assigned(&table, &facts("m", &headers)).experiment, "s");
}

/// Where the arms `a` and `b` of this rule lead, for a model.
fn ways(rule: &str, model: &str) -> Vec<String> {
    let table = table(&[&format!(
        "downstreams:
- {{id: a, base_url: https://a, output_model_ids: [own, other]}}
- {{id: b, base_url: https://b, output_model_ids: [only]}}
- {{id: c, base_url: https://c, output_model_ids: [own]}}
rules: [{{id: chat, {rule}}}]"
    )]);
    let ways = (0..64).map(|key| {
        let headers = session(key);
        let decision = table.decide(&facts(model, &headers)).unwrap();
        let selected = decision.selected();
        let sent = selected.model().map_or(model, |sent| sent);
        format!("{} {sent}", selected.target().id())
    });
    let mut ways: Vec<_> = ways.collect();
    ways.sort();
    ways.dedup();
    ways
}

const A_AND_B: &str =
    "key: ['header:x-session-id'], arms: [{id: a, downstream: a}, {id: b, downstream: b}]";

#[test]
fn an_arm_need_not_have_the_model_that_it_gets_a_part_of() {
    let rule = format!("pattern_model: own, split: {{{A_AND_B}}}");
    assert_eq!(ways(&rule, "own"), ["a own", "b only"]);
}

#[test]
fn an_arm_says_which_name_is_sent_before_the_rule_does() {
    let arms = "key: ['header:x-session-id'], arms: [{id: a, downstream: a, output_model: x}, {id: b, downstream: b}, {id: c, downstream: c, output_model: passthrough}]";
    let rule = format!("pattern_model: chat, output_model: y, split: {{{arms}}}");
    assert_eq!(ways(&rule, "chat"), ["a x", "b y", "c chat"]);
}

#[test]
fn a_rule_that_names_no_model_gives_none_another_name() {
    let rule = format!("split: {{{A_AND_B}}}");
    assert_eq!(ways(&rule, "own"), ["a own"]);
    assert_eq!(ways(&rule, "only"), ["b only"]);
}

#[test]
fn a_request_without_a_model_gets_the_arm_of_the_rule_for_its_path() {
    let table = table(&[
        "downstreams: [{id: a, base_url: https://a}, {id: b, base_url: https://b}]
rules: [{id: files, pattern_path: /v1/files, split: {key: ['header:x-session-id'], arms: [{id: a, downstream: a}, {id: b, downstream: b}]}}]",
    ]);
    let (mut seen, uri) = (Vec::new(), "/v1/files".parse().unwrap());
    for key in 0..64 {
        let headers = session(key);
        let concern = table.concerns(&http::Method::GET, &uri, &headers).unwrap();
        let facts = Facts::read(&concern, &headers, b"").unwrap();
        seen.push(assigned(&table, &facts).arm.to_string());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen, ["a", "b"]);
}
