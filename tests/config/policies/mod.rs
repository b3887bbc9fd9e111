//! How patiently providers are called: what the document, a downstream and a rule say of it, and who counts.

mod lints;
mod mistakes;

use std::time::Duration;

use http::StatusCode;
use tower_llm_gateway::{
    context::Selected,
    policy::{AllEjected, Ejection, Retry, Timeouts},
    router::Decision,
    target::Target,
};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A document of one downstream and one rule with these entries, which stand at line 1, column 1; line 5, column 5; and
/// line 8, column 5. Where there is none, a comment stands.
fn with(of_document: &str, of_downstream: &str, of_rule: &str) -> String {
    let or_comment = |entry: &str| match entry {
        "" => "#".to_owned(),
        entry => entry.to_owned(),
    };
    format!(
        "{}
downstreams:
  - id: a
    base_url: https://a
    {}
rules:
  - id: r
    {}
    pattern_model: m
    match_downstreams: [a]
",
        or_comment(of_document),
        or_comment(of_downstream),
        or_comment(of_rule)
    )
}

fn decided(table: &Table) -> Decision {
    support::decide(table, support::CHAT, "m").unwrap()
}

fn selected(of_document: &str, of_downstream: &str, of_rule: &str) -> Selected {
    let text = with(of_document, of_downstream, of_rule);
    let table = build(&text).unwrap_or_else(|errors| panic!("{errors}"));
    decided(&table).selected().clone()
}

fn target(of_document: &str, of_downstream: &str) -> Target {
    let selected = selected(of_document, of_downstream, "");
    Target::clone(selected.target())
}

/// The limits that are said, of a stream.
fn limits(timeouts: Timeouts) -> [Option<Duration>; 8] {
    Phase::ALL.map(|phase| timeouts.limit(phase, true))
}

#[track_caller]
fn assert_said_everywhere(entry: &str, says: impl Fn(&Selected) -> bool) {
    assert!(says(&selected(entry, "", "")), "document: {entry}");
    assert!(says(&selected("", entry, "")), "downstream: {entry}");
    assert!(says(&selected("", "", entry)), "rule: {entry}");
    assert!(!says(&selected("", "", "")), "nobody: {entry}");
}

#[test]
fn the_examples_of_the_documentation_are_accepted() {
    let documentation = include_str!("../../../src/config/mod.rs");
    let lines = documentation.lines();
    let lines: Vec<_> = lines.filter_map(|line| line.strip_prefix("//!")).collect();
    let text = lines.join("\n");
    let text = text.replace("${OPENAI_API_KEY}", "key");
    let text = text.replace("${LLM_QA_KEY}", "key");
    let examples: Vec<_> = text
        .split("```")
        .filter_map(|part| part.strip_prefix("yaml"))
        .collect();
    assert_eq!(examples.len(), 4);
    for example in examples {
        build(example).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(lints::lints(example), [""; 0]);
    }
}

#[test]
fn every_limit_of_time_may_be_said_everywhere() {
    for phase in Phase::ALL {
        for (text, limit) in [
            ("7ms", Some(Duration::from_millis(7))),
            ("7s", Some(7 * SECOND)),
            ("7m", Some(420 * SECOND)),
            ("7h", Some(25_200 * SECOND)),
        ] {
            assert_said_everywhere(&format!("timeouts: {{{phase}: {text}}}"), |selected| {
                selected.timeouts().limit(phase, true) == limit
            });
        }
    }
}

#[test]
fn none_is_no_limit_and_off_is_none_at_all() {
    let connect = Timeouts::new().with(Phase::Connect, Timeouts::NEVER);
    assert_said_everywhere("timeouts: {connect: none}", |selected| {
        limits(selected.timeouts()) == limits(connect)
    });
    for off in ["timeouts: off", "timeouts: false"] {
        assert_said_everywhere(off, |selected| limits(selected.timeouts()) == [None; 8]);
    }
}

#[test]
fn all_of_a_retry_may_be_said_everywhere() {
    let mut retry = Retry::new();
    retry.attempts = Some(5);
    retry.backoff = Some(2 * SECOND);
    retry.max_backoff = Some(4 * SECOND);
    retry.max_wait = Some(60 * SECOND);
    retry.budget = Some(0.5);
    retry.statuses = Some([StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].into());
    retry.on_empty = Some(true);
    let entry = "retry: {attempts: 5, backoff: 2s, max_backoff: 4s, max_wait: 1m, budget: 0.5, statuses: [401, 403], on_empty: true}";
    assert_said_everywhere(entry, |selected| selected.retry() == retry);
}

#[test]
fn a_retry_that_is_off_is_one_try() {
    for off in ["retry: off", "retry: false"] {
        assert_said_everywhere(off, |selected| selected.retry().attempts == Some(1));
    }
}

#[test]
fn pauses_may_be_none_at_all_and_a_provider_may_be_waited_for_without_end() {
    assert_said_everywhere(
        "retry: {backoff: 0s, max_backoff: 0ms, max_wait: 0s}",
        |selected| {
            let retry = selected.retry();
            let pauses = [retry.backoff, retry.max_backoff, retry.max_wait];
            pauses == [Some(Duration::ZERO); 3]
        },
    );
    assert_said_everywhere("retry: {max_wait: none}", |selected| {
        selected.retry().max_wait == Some(Duration::MAX)
    });
}

#[test]
fn fractions_may_be_percentages() {
    for (text, number) in [
        ("0", 0.0),
        ("1", 1.0),
        ("0.25", 0.25),
        ("25%", 0.25),
        ("0%", 0.0),
    ] {
        assert_said_everywhere(&format!("retry: {{budget: {text}}}"), |selected| {
            selected.retry().budget == Some(number)
        });
    }
}

#[test]
fn all_of_an_ejection_may_be_said_of_a_downstream_and_of_all() {
    let mut ejection = Ejection::new();
    ejection.enabled = Some(true);
    ejection.consecutive = Some(3);
    ejection.ratio = Some(0.75);
    ejection.least = Some(10);
    ejection.base = Some(SECOND);
    ejection.longest = Some(60 * SECOND);
    ejection.probes = Some(2);
    ejection.all = Some(AllEjected::Refuse);
    let entry = "ejection: {enabled: true, consecutive: 3, ratio: 75%, least: 10, base: 1s, longest: 1m, probes: 2, all_ejected: refuse}";
    assert_eq!(target(entry, "").ejection(), ejection);
    assert_eq!(target("", entry).ejection(), ejection);
    let tried = target("", "ejection: {all_ejected: try}").ejection();
    assert_eq!(tried.all, Some(AllEjected::Try));
}

#[test]
fn an_ejection_can_be_off() {
    for off in [
        "ejection: off",
        "ejection: false",
        "ejection: {enabled: false}",
    ] {
        assert_eq!(target(off, "").ejection().enabled, Some(false), "{off}");
        assert_eq!(target("", off).ejection().enabled, Some(false), "{off}");
    }
    let on = target("ejection: off", "ejection: {enabled: true}").ejection();
    assert_eq!(on.enabled, Some(true));
}

#[test]
fn tresors_word_for_empty_answers_is_understood() {
    for (text, on_empty) in [("true", Some(true)), ("false", Some(false))] {
        let retry = selected(&format!("retry_on_empty: {text}"), "", "").retry();
        assert_eq!(retry.on_empty, on_empty);
    }
    let nearer = selected("retry_on_empty: true", "retry: {on_empty: false}", "").retry();
    assert_eq!(nearer.on_empty, Some(false));
}

#[test]
fn the_nearest_word_counts_field_by_field() {
    let selected = selected(
        "timeouts: {connect: 1s, idle: 1s, total: 1s}\nretry: {attempts: 1, backoff: 1s, max_wait: 1s}\nejection: {consecutive: 1, probes: 1}",
        "timeouts: {connect: 2s, idle: 2s}\n    retry: {attempts: 2, backoff: 2s}\n    ejection: {consecutive: 2}",
        "timeouts: {connect: 3s}\n    retry: {attempts: 3}",
    );
    let limit = |phase| selected.timeouts().limit(phase, true).unwrap().as_secs();
    let phases = [Phase::Connect, Phase::Idle, Phase::Total, Phase::FirstEvent];
    assert_eq!(phases.map(limit), [3, 2, 1, 600]);
    let retry = selected.retry();
    assert_eq!(retry.attempts, Some(3));
    assert_eq!(retry.backoff, Some(2 * SECOND));
    assert_eq!(retry.max_wait, Some(SECOND));
    assert_eq!(retry.max_backoff, None);
    let ejection = selected.target().ejection();
    assert_eq!((ejection.consecutive, ejection.probes), (Some(2), Some(1)));
}

#[test]
fn a_list_of_statuses_replaces_the_one_behind_it() {
    let of_rule = selected("retry: {statuses: [401]}", "", "retry: {statuses: [403]}").retry();
    assert_eq!(of_rule.statuses, Some([StatusCode::FORBIDDEN].into()));
    let none = selected("retry: {statuses: [401]}", "", "retry: {statuses: []}").retry();
    assert_eq!(none.statuses, Some([].into()));
}

#[test]
fn of_several_documents_the_first_one_s_word_counts_for_all() {
    let mut config = Config::from_yaml("timeouts: {idle: 1s}\nretry_on_empty: true").unwrap();
    config
        .append_yaml(&with(
            "timeouts: {idle: 2s, connect: 2s}\nretry: {on_empty: false, attempts: 2}\nejection: off",
            "",
            "",
        ))
        .unwrap();
    config
        .append_yaml("retry: {attempts: 3, backoff: 3s}\nejection: {enabled: true, probes: 3}")
        .unwrap();
    let table = config.build(&registry()).unwrap();
    let decision = decided(&table);
    let selected = decision.selected();
    let limit = |phase| selected.timeouts().limit(phase, true);
    assert_eq!(limit(Phase::Idle), Some(SECOND));
    assert_eq!(limit(Phase::Connect), Some(2 * SECOND));
    let retry = selected.retry();
    assert_eq!(retry.on_empty, Some(true));
    assert_eq!((retry.attempts, retry.backoff), (Some(2), Some(3 * SECOND)));
    let ejection = selected.target().ejection();
    assert_eq!((ejection.enabled, ejection.probes), (Some(false), Some(3)));
}

#[test]
fn a_downstream_may_say_how_many_requests_it_takes_at_once() {
    assert_eq!(target("", "").max_in_flight(), None);
    let target = target("", "max_in_flight: 7");
    assert_eq!(target.max_in_flight(), Some(7));
    for none in ["max_in_flight: 0", "max_in_flight: many"] {
        assert!(build(&with("", none, "")).is_err(), "{none}");
    }
    for elsewhere in [
        with("max_in_flight: 7", "", ""),
        with("", "", "max_in_flight: 7"),
    ] {
        assert!(build(&elsewhere).is_err());
    }
}
