//! What looks like a mistake, and what only looks like one at first sight.

use super::*;

pub(super) fn lints(text: &str) -> Vec<String> {
    let config = Config::from_yaml_with(text, no_variables).unwrap();
    let table = config
        .build(&registry())
        .unwrap_or_else(|errors| panic!("{errors}"));
    let lints = config.lints(&table);
    lints.iter().map(ToString::to_string).collect()
}

#[test]
fn a_limit_that_a_shorter_one_always_forestalls_looks_like_a_mistake() {
    for (entry, below, sentence) in [
        (
            "timeouts: {total: 30s, first_byte: 1m}",
            "timeouts.first_byte",
            "\"first_byte\" has no effect: \"total\" is shorter",
        ),
        (
            "timeouts: {total: 30s, idle: 31s}",
            "timeouts.idle",
            "\"idle\" has no effect: \"total\" is shorter",
        ),
        (
            "timeouts: {attempt: 30s, connect: 1m}",
            "timeouts.connect",
            "\"connect\" has no effect: \"attempt\" is shorter",
        ),
        (
            "timeouts: {total: 30s, attempt: 1m}",
            "timeouts.attempt",
            "\"attempt\" has no effect: \"total\" is shorter",
        ),
        (
            "retry: {backoff: 2s, max_backoff: 1s}",
            "retry.backoff",
            "\"backoff\" has no effect: \"max_backoff\" is shorter",
        ),
    ] {
        let said = lints(&with("", "", entry));
        assert_eq!(said.len(), 1, "{entry}");
        assert!(
            said[0].ends_with(&format!(": rules[0].{below}: {sentence}")),
            "{said:?}"
        );
    }
    let said = lints(&with("ejection: {base: 2m, longest: 1m}", "", ""));
    assert_eq!(
        said,
        ["1:18: ejection.base: \"base\" has no effect: \"longest\" is shorter"]
    );
}

#[test]
fn limits_that_may_be_meant_so_are_left_alone() {
    for (of_document, of_rule) in [
        (
            "",
            "timeouts: {total: 30s, first_byte: none, attempt: none}",
        ),
        ("", "timeouts: {total: 30s, idle: 30s, attempt: 30s}"),
        ("timeouts: {idle: 1m}", "timeouts: {total: 30s}"),
        ("", "retry: {attempts: 1}"),
        ("", "timeouts: {total: none, idle: 5m}"),
    ] {
        assert_eq!(lints(&with(of_document, "", of_rule)), [""; 0]);
    }
}
