//! The model name that a fallback gets.

use super::*;

/// The name under which a downstream with these models gets a request for `asked` that was sent as `sent` first.
#[track_caller]
fn name(models: &str, fallback: &str) -> Option<String> {
    let text = format!(
        "downstreams:
- {{id: first, base_url: https://first}}
- {{id: next, base_url: https://next, output_model_ids: {models}}}
rules:
- {{id: r, fallback: [{fallback}]}}
aliases:
- {{input_model_id: asked, options: [{{downstream_id: first, output_model_id: sent}}]}}
"
    );
    let decision = decide(&table(&[&text]), CHAT, "asked").unwrap();
    let next = &decision.alternatives().first()?.selected;
    Some(next.model().map_or("asked", |model| model).to_owned())
}

#[test]
fn the_name_that_is_said_comes_first() {
    let said = "{downstream: next, output_model: said}";
    let callers = "{downstream: next, output_model: passthrough}";
    for models in ["[asked]", "[sent, other]", "['*']", "[]"] {
        assert_eq!(name(models, said).as_deref(), Some("said"), "{models}");
        assert_eq!(name(models, callers).as_deref(), Some("asked"), "{models}");
    }
}

#[test]
fn the_name_that_was_sent_first_is_kept_where_it_is_known_or_any_is() {
    for models in [
        "[sent]",
        "[asked, sent]",
        "[other, sent]",
        "[other, '*']",
        "['*']",
        "[]",
    ] {
        assert_eq!(name(models, "next").as_deref(), Some("sent"), "{models}");
    }
}

#[test]
fn the_caller_s_name_is_taken_where_that_is_known_and_the_other_is_not() {
    for models in ["[asked]", "[asked, other]", "[asked, '*']"] {
        assert_eq!(name(models, "next").as_deref(), Some("asked"), "{models}");
    }
}

#[test]
fn the_only_model_is_taken_where_neither_is_known() {
    assert_eq!(name("[other]", "next").as_deref(), Some("other"));
}

#[test]
fn a_name_is_never_guessed_among_several() {
    assert_eq!(name("[other, another]", "next"), None);
}
