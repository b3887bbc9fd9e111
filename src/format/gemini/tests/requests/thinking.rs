use super::*;
use crate::ir::{Display, Effort, Thinking};

/// `thinkingConfig`, and whether anything is lost.
fn thinking(model: &'static str, edit: impl FnOnce(&mut Request<'_>)) -> (Value, bool) {
    let mut request = other(model);
    edit(&mut request);
    let written = write(&request).unwrap();
    let config = written.json["generationConfig"]["thinkingConfig"].clone();
    (config, !written.losses.is_empty())
}

fn effort(model: &'static str, effort: Effort) -> (Value, bool) {
    thinking(model, |request| request.effort = Some(effort))
}

#[test]
fn trap_050_an_effort_is_a_level_of_newer_models() {
    for (word, pro, flash) in [
        (Effort::None, ("LOW", true), ("MINIMAL", true)),
        (Effort::Minimal, ("LOW", true), ("MINIMAL", false)),
        (Effort::Low, ("LOW", false), ("LOW", false)),
        (Effort::Medium, ("MEDIUM", false), ("MEDIUM", false)),
        (Effort::High, ("HIGH", false), ("HIGH", false)),
        (Effort::XHigh, ("XHIGH", false), ("XHIGH", false)),
        (Effort::Max, ("XHIGH", true), ("XHIGH", true)),
    ] {
        for (model, (level, lossy)) in [(NEW, pro), ("gemini-3-flash-preview", flash)] {
            let shown = word != Effort::None;
            let expected = json!({"thinkingLevel": level, "includeThoughts": shown});
            assert_eq!(effort(model, word), (expected, lossy), "{model} {word:?}");
        }
    }
}

#[test]
fn trap_050_an_effort_is_a_budget_of_older_models() {
    for (word, budget) in [
        (Effort::None, 0),
        (Effort::Minimal, 1),
        (Effort::Low, 1024),
        (Effort::Medium, 2048),
        (Effort::High, 4096),
        (Effort::XHigh, 8192),
        (Effort::Max, 16384),
    ] {
        let shown = word != Effort::None;
        let expected = json!({"thinkingBudget": budget, "includeThoughts": shown});
        assert_eq!(effort(OLD, word), (expected, false), "{word:?}");
    }
    for (model, least) in [("gemini-2.5-pro", 128), ("gemini-2.5-flash-lite", 512)] {
        assert_eq!(effort(model, Effort::Minimal).0["thinkingBudget"], least);
    }
}

#[test]
fn trap_050_a_model_that_always_thinks_does_so_a_little() {
    let mut request = other("gemini-2.5-pro");
    request.effort = Some(Effort::None);
    let mut dialect = Dialect::default();
    dialect.caps.always_thinks = Some(true);
    let written = write_in(&request, &dialect).unwrap();
    assert_eq!(
        written.json["generationConfig"]["thinkingConfig"]["thinkingBudget"],
        128
    );
}

#[test]
fn a_budget_is_a_level_of_newer_models() {
    let budget = |model, budget| {
        thinking(model, |request| {
            request.thinking = Some(Thinking::Budget(budget));
        })
        .0
    };
    assert_eq!(budget(OLD, 3000)["thinkingBudget"], 3000);
    for (tokens, level) in [(4096, "HIGH"), (2048, "MEDIUM"), (1024, "LOW")] {
        assert_eq!(budget(NEW, tokens)["thinkingLevel"], level);
        assert_eq!(budget(NEW, tokens).get("thinkingBudget"), None);
    }
}

#[test]
fn thinking_as_much_as_the_model_likes_is_neither() {
    let adaptive = |request: &mut Request<'_>| request.thinking = Some(Thinking::Adaptive);
    for model in [OLD, NEW] {
        assert_eq!(
            thinking(model, adaptive).0,
            json!({"includeThoughts": true})
        );
    }
    let hidden = thinking(NEW, |request| {
        request.thinking = Some(Thinking::Adaptive);
        request.display = Some(Display::Omitted);
    });
    assert_eq!(hidden.0, json!({"includeThoughts": false}));
}

#[test]
fn not_thinking_is_the_least_there_is() {
    let off = |model| thinking(model, |request| request.thinking = Some(Thinking::Disabled)).0;
    assert_eq!(
        off(OLD),
        json!({"thinkingBudget": 0, "includeThoughts": false})
    );
    assert_eq!(
        off(NEW),
        json!({"thinkingLevel": "LOW", "includeThoughts": false})
    );
    let between = thinking(OLD, |request| {
        request.thinking = Some(Thinking::BetweenTools);
    });
    assert_eq!(
        between,
        (json!({"thinkingBudget": 0, "includeThoughts": false}), true)
    );
}

#[test]
fn nothing_is_said_unless_it_was_asked_for() {
    assert_eq!(thinking(NEW, |_| ()), (Value::Null, false));
    let hidden = |request: &mut Request<'_>| request.display = Some(Display::Omitted);
    assert_eq!(thinking(NEW, hidden), (Value::Null, false));
    let shown = |request: &mut Request<'_>| request.display = Some(Display::Summarized);
    assert_eq!(thinking(NEW, shown).0, json!({"includeThoughts": true}));
}

#[test]
fn models_that_do_not_think_are_not_told_to() {
    assert_eq!(
        effort("gemini-2.0-flash", Effort::High),
        (Value::Null, true)
    );
    assert_eq!(
        effort("gemini-2.0-flash", Effort::None),
        (Value::Null, false)
    );
}
