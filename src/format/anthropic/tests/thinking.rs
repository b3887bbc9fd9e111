use super::*;
use crate::ir::Seal;
use crate::ir::{Display, Effort, Part, Reasoning, Thinking};

fn think(
    model: &str,
    max_tokens: u64,
    edit: impl FnOnce(&mut Request<'_>),
) -> (String, Vec<String>) {
    let body = format!(
        r#"{{"model":"{model}","max_tokens":{max_tokens},"messages":[{{"role":"user","content":"q"}}]}}"#
    );
    let written = try_foreign(&body, edit).unwrap();
    let thinking = written
        .json
        .get("thinking")
        .map(ToString::to_string)
        .unwrap_or_default();
    let effort = written.json["output_config"]["effort"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (
        format!("{thinking} {effort}").trim().to_owned(),
        written.losses,
    )
}

fn effort(model: &str, effort: Effort) -> (String, usize) {
    let (sent, losses) = think(model, 50_000, |request| request.effort = Some(effort));
    (sent, losses.len())
}

#[test]
fn trap_050_every_effort_on_every_kind_of_model() {
    let adaptive = |effort: &str| {
        (
            format!(r#"{{"display":"summarized","type":"adaptive"}} {effort}"#),
            0,
        )
    };
    let budget = |tokens: u64| {
        (
            format!(r#"{{"budget_tokens":{tokens},"type":"enabled"}}"#),
            0,
        )
    };
    for (at, model) in ["claude-opus-5", "claude-opus-4-6", "claude-fable-5"]
        .into_iter()
        .enumerate()
    {
        for (level, expected) in [
            (Effort::Minimal, adaptive("low")),
            (Effort::Low, adaptive("low")),
            (Effort::Medium, adaptive("medium")),
            (Effort::High, adaptive("high")),
            (Effort::Max, adaptive("max")),
        ] {
            assert_eq!(effort(model, level), expected, "{model}");
        }
        let (sent, losses) = effort(model, Effort::XHigh);
        let expected = if at == 1 { ("high", 1) } else { ("xhigh", 0) };
        assert_eq!(
            (sent.rsplit(' ').next().unwrap(), losses),
            expected,
            "{model}"
        );
    }
    for (level, tokens) in [
        (Effort::Minimal, 1024),
        (Effort::Low, 1024),
        (Effort::Medium, 2048),
        (Effort::High, 4096),
        (Effort::XHigh, 8192),
        (Effort::Max, 16_384),
    ] {
        assert_eq!(effort("claude-sonnet-4-5", level), budget(tokens));
    }
    assert_eq!(
        effort("claude-opus-5", Effort::None),
        (r#"{"type":"disabled"}"#.to_owned(), 0)
    );
    assert_eq!(effort("claude-fable-5", Effort::None), (String::new(), 1));
    assert_eq!(
        effort("claude-sonnet-4-5", Effort::None),
        (String::new(), 0)
    );
    let (sent, losses) = think("claude-3-opus-20240229", 4000, |request| {
        request.effort = Some(Effort::High);
    });
    assert_eq!((sent, losses.len()), (String::new(), 1));
}

#[test]
fn nothing_is_sent_of_what_was_not_asked() {
    assert_eq!(
        think("claude-opus-5", 9000, |_| ()),
        (String::new(), vec![])
    );
}

#[test]
fn trap_051_a_budget_is_smaller_than_the_token_limit_or_thinking_goes() {
    let at = |max_tokens| {
        think("claude-sonnet-4-5", max_tokens, |request| {
            request.effort = Some(Effort::High);
        })
    };
    assert_eq!(at(4096).0, r#"{"budget_tokens":4095,"type":"enabled"}"#);
    assert_eq!(at(1025).0, r#"{"budget_tokens":1024,"type":"enabled"}"#);
    assert_eq!(
        at(1024),
        (String::new(), vec!["reasoning_effort".to_owned()])
    );
}

#[test]
fn a_budget_of_another_format_is_kept_or_becomes_an_effort() {
    let with = |model: &str, budget| {
        think(model, 9000, |request| {
            request.thinking = Some(Thinking::Budget(budget));
        })
    };
    assert_eq!(
        with("claude-sonnet-4-5", 3000).0,
        r#"{"budget_tokens":3000,"type":"enabled"}"#
    );
    assert_eq!(
        with("claude-sonnet-4-5", 5).0,
        r#"{"budget_tokens":1024,"type":"enabled"}"#
    );
    for (budget, effort) in [(5000, "high"), (2048, "medium"), (1024, "low"), (1, "low")] {
        assert!(
            with("claude-opus-5", budget).0.ends_with(effort),
            "{budget}"
        );
    }
    let disabled = think("claude-opus-5", 9000, |request| {
        request.thinking = Some(Thinking::Disabled);
    });
    assert_eq!(disabled.0, r#"{"type":"disabled"}"#);
}

#[test]
fn thoughts_that_nobody_wants_to_see_are_omitted() {
    let (sent, _) = think("claude-opus-5", 9000, |request| {
        request.effort = Some(Effort::Low);
        request.display = Some(Display::Omitted);
    });
    assert_eq!(sent, r#"{"display":"omitted","type":"adaptive"} low"#);
}

#[test]
fn trap_052_a_history_of_calls_without_thoughts_turns_a_budget_off() {
    let ask = |thought: &str, model: &str| {
        let body = format!(
            r#"{{"model":"{model}","max_tokens":9000,"messages":[{{"role":"user","content":"q"}},{{"role":"assistant","content":[{thought}{{"type":"tool_use","id":"a","name":"f","input":{{}}}}]}},{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"a"}}]}}]}}"#
        );
        let written = try_foreign(&body, |request| request.effort = Some(Effort::High)).unwrap();
        (
            written.json.get("thinking").is_some(),
            written.losses.contains(&"reasoning_effort".to_owned()),
        )
    };
    assert_eq!(ask("", "claude-sonnet-4-5"), (false, true));
    assert_eq!(
        ask(
            r#"{"type":"thinking","thinking":"t","signature":"s"},"#,
            "claude-sonnet-4-5"
        ),
        (true, false)
    );
    assert_eq!(ask("", "claude-opus-5"), (true, false));
}

#[test]
fn sampling_gives_way_to_thinking() {
    let body = r#"{"model":"claude-sonnet-4-5","max_tokens":9000,"temperature":0.5,"top_k":3,"messages":[{"role":"user","content":"q"}]}"#;
    let written = try_foreign(body, |request| request.effort = Some(Effort::High)).unwrap();
    assert_eq!(
        (written.json.get("temperature"), written.json.get("top_k")),
        (None, None)
    );
    assert_eq!(written.losses, ["temperature", "top_k"]);
}

#[test]
fn trap_053_a_thought_that_is_only_sealed_is_kept_and_comes_first() {
    let written = messages(
        r#"[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"thinking","thinking":"","signature":"sig"},{"type":"redacted_thinking","data":"blob"}]},{"role":"user","content":"b"}]"#,
    );
    assert_eq!(
        written[1]["content"],
        value(
            r#"[{"type":"thinking","thinking":"","signature":"sig"},{"type":"redacted_thinking","data":"blob"},{"type":"text","text":"a"}]"#
        )
    );
}

#[test]
fn trap_054_a_thought_that_others_sealed_or_nobody_did_is_left_out() {
    for block in [
        r#"{"type":"thinking","thinking":"t","signature":""}"#,
        r#"{"type":"thinking","thinking":"t","signature":"openai:sig"}"#,
        r#"{"type":"thinking","thinking":"t","signature":"unheard:sig"}"#,
        r#"{"type":"redacted_thinking","data":"openai:blob"}"#,
    ] {
        let body = conversation(&format!(
            r#"[{{"role":"user","content":"q"}},{{"role":"assistant","content":[{block},{{"type":"text","text":"a"}}]}},{{"role":"user","content":"b"}}]"#
        ));
        for own in [true, false] {
            let mut request = read(&body).unwrap();
            if !own {
                request.format = "other";
                request.names = OTHER;
            }
            let written = write(&request).unwrap();
            assert_eq!(written.json["messages"][1]["content"], "a", "{block}");
            assert_eq!(written.losses, ["messages[1].content[0]"], "{block}");
        }
    }
}

#[test]
fn a_foreign_seal_is_given_back_to_its_minter() {
    let body = conversation(
        r#"[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"oai1:a:b"}]}]"#,
    );
    let request = read(&body).unwrap();
    let Part::Reasoning(Reasoning { seal, .. }) = &request.turns[0].parts[0] else {
        panic!("no thought");
    };
    let expected = Seal::new("openai_responses", "b".into()).with_id("a".into());
    assert_eq!(*seal, Some(expected));
}
