//! Experiments of aliases.

use super::*;

fn aliases(alias: &str) -> Table {
    table(&[&format!(
        "downstreams: [{{id: a, base_url: https://a, output_model_ids: [own]}}, {{id: b, base_url: https://b, output_model_ids: [only]}}]
rules: [{{id: fast-rule, pattern_model: fast, match_downstreams: [a]}}]
aliases: [{alias}]"
    )])
}

const SPLIT: &str = "split: {key: ['header:x-session-id'], arms: [{id: a, downstream: a, output_model: x}, {id: b, downstream: b}]}";

#[test]
fn an_alias_stands_for_arms_as_it_does_for_an_option() {
    let table = aliases(&format!("{{input_model_id: fast, {SPLIT}}}"));
    let mut ways: Vec<_> = arms_of(&table, "fast")
        .iter()
        .map(|drawn| drawn.experiment.to_string())
        .collect();
    ways.dedup();
    assert_eq!(ways, ["fast"]);
    let sent = |key: u32| {
        let headers = session(key);
        let decision = table.decide(&facts("fast", &headers)).unwrap();
        let rules: Vec<_> = decision.rules().map(|rule| rule.id().to_string()).collect();
        (decision.selected().model().unwrap().to_string(), rules)
    };
    let mut seen: Vec<_> = (0..64).map(sent).collect();
    seen.sort();
    seen.dedup();
    // A rule that leads to one of them holds there.
    let with_rule = ("x".to_owned(), vec!["fast-rule".to_owned()]);
    assert_eq!(seen, [("only".to_owned(), Vec::new()), with_rule]);
}

#[test]
fn a_pattern_s_arms_get_the_name_that_was_asked_for_where_they_have_it() {
    let table = aliases(
        "{input_model_id: 'o.*', is_regex: true, announced_names: [ones], split: {experiment: e, key: ['header:x-session-id'], arms: [{id: a, downstream: a}, {id: b, downstream: b}]}}",
    );
    for (model, expected) in [("own", ["own", "only"]), ("ones", ["own", "only"])] {
        let mut seen: Vec<_> = (0..64)
            .map(|key| {
                let headers = session(key);
                let decision = table.decide(&facts(model, &headers)).unwrap();
                decision.selected().model_sent().unwrap().to_string()
            })
            .collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 2, "{model}");
        assert!(
            expected
                .iter()
                .all(|name| seen.contains(&(*name).to_owned())),
            "{seen:?}"
        );
    }
}

#[test]
fn an_alias_whose_arms_are_all_off_stands_for_nothing() {
    let table = table(&[
        "downstreams: [{id: a, base_url: https://a, is_enabled: false}, {id: b, base_url: https://b, output_model_ids: [m]}]
aliases: [{input_model_id: m, split: {arms: [{id: a1, downstream: a}, {id: a2, downstream: a}]}}]",
    ]);
    let headers = HeaderMap::new();
    let decision = table.decide(&facts("m", &headers)).unwrap();
    assert!(decision.assignment().is_none());
    assert_eq!(&**decision.selected().target().id(), "b");
}
