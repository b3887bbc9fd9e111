//! What is wrong with it, and where.

use super::*;

/// A key, and what is wrong with it, behind the place.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "timeouts: 5s",
        "",
        "expected a map, or off, found text; write `key: value`, each on a line of its own",
    ),
    (
        "timeouts: true",
        "",
        "expected a map, or off, found true or false; write `key: value`, each on a line of its own",
    ),
    (
        "timeouts: {idle: 5}",
        ".idle",
        "expected a time, found a number; write it as 500ms, 5s or 2m",
    ),
    (
        "timeouts: {idle: 5 s}",
        ".idle",
        "\"5 s\" is not a time above zero; write it as 500ms, 5s or 2m",
    ),
    (
        "timeouts: {idle: 0s}",
        ".idle",
        "\"0s\" is not a time above zero; write it as 500ms, 5s or 2m",
    ),
    (
        "timeouts: {idle: -1s}",
        ".idle",
        "\"-1s\" is not a time above zero; write it as 500ms, 5s or 2m",
    ),
    (
        "timeouts: {idle: 99999999999999999999s}",
        ".idle",
        "\"99999999999999999999s\" is not a time above zero; write it as 500ms, 5s or 2m",
    ),
    (
        "timeouts: {idel: 5s}",
        ".idel",
        "unknown key \"idel\"; did you mean \"idle\"?",
    ),
    (
        "retry: 3",
        "",
        "expected a map, or off, found a number; write `key: value`, each on a line of its own",
    ),
    (
        "retry: {attempts: 0}",
        ".attempts",
        "expected a whole number above zero, found a number",
    ),
    (
        "retry: {attempts: many}",
        ".attempts",
        "expected a whole number above zero, found text",
    ),
    (
        "retry: {backoff: 250}",
        ".backoff",
        "expected a time, found a number; write it as 500ms, 5s or 2m",
    ),
    (
        "retry: {backoff: soon}",
        ".backoff",
        "\"soon\" is not a time; write it as 500ms, 5s or 2m",
    ),
    (
        "retry: {max_wait: never}",
        ".max_wait",
        "\"never\" is not a time; write it as 500ms, 5s or 2m",
    ),
    (
        "retry: {budget: 1.5}",
        ".budget",
        "expected a number from 0 to 1, or a percentage, found a number",
    ),
    (
        "retry: {budget: 150%}",
        ".budget",
        "expected a number from 0 to 1, or a percentage, found text",
    ),
    (
        "retry: {budget: -1}",
        ".budget",
        "expected a number from 0 to 1, or a percentage, found a number",
    ),
    (
        "retry: {budget: NaN%}",
        ".budget",
        "expected a number from 0 to 1, or a percentage, found text",
    ),
    (
        "retry: {statuses: 401}",
        ".statuses",
        "expected a list, found a number; write [one, two], or each on a line of its own behind a dash",
    ),
    (
        "retry: {statuses: [200]}",
        ".statuses[0]",
        "a status of failure is a number from 400 to 599",
    ),
    (
        "retry: {statuses: [99999]}",
        ".statuses[0]",
        "a status of failure is a number from 400 to 599",
    ),
    (
        "retry: {statuses: [unauthorized]}",
        ".statuses[0]",
        "expected a whole number above zero, found text",
    ),
    (
        "retry: {on_empty: 1}",
        ".on_empty",
        "expected true or false, found a number",
    ),
    (
        "retry: {attempt: 3}",
        ".attempt",
        "unknown key \"attempt\"; did you mean \"attempts\"?",
    ),
];

const MISTAKES_OF_EJECTION: &[(&str, &str, &str)] = &[
    (
        "ejection: never",
        "",
        "expected a map, or off, found text; write `key: value`, each on a line of its own",
    ),
    (
        "ejection: true",
        "",
        "expected a map, or off, found true or false; write `key: value`, each on a line of its own",
    ),
    (
        "ejection: {enabled: 0}",
        ".enabled",
        "expected true or false, found a number",
    ),
    (
        "ejection: {consecutive: 0}",
        ".consecutive",
        "expected a whole number above zero, found a number",
    ),
    (
        "ejection: {ratio: 2}",
        ".ratio",
        "expected a number from 0 to 1, or a percentage, found a number",
    ),
    (
        "ejection: {ratio: 0}",
        ".ratio",
        "a ratio of 0 is reached without a failure; for none, leave it out",
    ),
    (
        "ejection: {least: few}",
        ".least",
        "expected a whole number above zero, found text",
    ),
    (
        "ejection: {base: 0s}",
        ".base",
        "\"0s\" is not a time above zero; write it as 500ms, 5s or 2m",
    ),
    (
        "ejection: {longest: none}",
        ".longest",
        "\"none\" is not a time above zero; write it as 500ms, 5s or 2m",
    ),
    (
        "ejection: {probes: 0}",
        ".probes",
        "expected a whole number above zero, found a number",
    ),
    (
        "ejection: {all_ejected: refuze}",
        ".all_ejected",
        "unknown value \"refuze\"; did you mean \"refuse\"?",
    ),
    (
        "ejection: {ratios: 1}",
        ".ratios",
        "unknown key \"ratios\"; did you mean \"ratio\"?",
    ),
];

/// The mistakes without their lines and columns.
fn paths(text: &str) -> Vec<String> {
    let errors = build(text).expect_err("there are mistakes in it");
    let said = errors.iter().map(|error| {
        assert!(error.line.is_some() && error.column.is_some());
        let suggestion = error.suggestion.as_ref();
        let suggestion = suggestion.map_or(String::new(), |suggestion| format!("; {suggestion}"));
        format!("{}: {}{suggestion}", error.path, error.message)
    });
    said.collect()
}

#[test]
fn every_mistake_has_its_place_in_the_document_the_downstream_and_the_rule() {
    for (entry, below, mistake) in MISTAKES {
        let (key, _) = entry.split_once(':').unwrap();
        let expected = |place: &str| [format!("{place}{key}{below}: {mistake}")];
        assert_eq!(paths(&with(entry, "", "")), expected(""));
        assert_eq!(paths(&with("", entry, "")), expected("downstreams[0]."));
        assert_eq!(paths(&with("", "", entry)), expected("rules[0]."));
    }
}

#[test]
fn every_mistake_about_ejection_has_its_place_in_the_document_and_the_downstream() {
    for (entry, below, mistake) in MISTAKES_OF_EJECTION {
        let expected = |place: &str| [format!("{place}ejection{below}: {mistake}")];
        assert_eq!(paths(&with(entry, "", "")), expected(""));
        assert_eq!(paths(&with("", entry, "")), expected("downstreams[0]."));
    }
}

#[test]
fn a_mistake_has_the_line_and_column_of_the_value() {
    let entry = "timeouts: {connect: 1s, idle: 5}";
    let mistake = "expected a time, found a number; write it as 500ms, 5s or 2m";
    assert_eq!(
        mistakes(&with("", "", entry)),
        [format!("8:35: rules[0].timeouts.idle: {mistake}")]
    );
    assert_eq!(
        mistakes(&with(entry, "", "")),
        [format!("1:31: timeouts.idle: {mistake}")]
    );
}

#[test]
fn what_is_said_in_another_place_is_told_where() {
    assert_eq!(
        mistakes(&with("", "", "ejection: off")),
        ["8:5: rules[0].ejection: \"ejection\" is said of a downstream, or of all"]
    );
    assert_eq!(
        mistakes(&with("", "fallback: [b]", "")),
        ["5:5: downstreams[0].fallback: \"fallback\" is said by a rule"]
    );
}

#[test]
fn empty_answers_are_spoken_of_once_in_a_document() {
    let text = with("retry: {on_empty: true}\nretry_on_empty: false", "", "");
    assert_eq!(
        mistakes(&text),
        ["2:17: retry_on_empty: \"retry\" says it already; leave one of them out"]
    );
}
