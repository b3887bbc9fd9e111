//! Thoughts and their seals.

use super::*;
use crate::ir::{Reasoning, Seal, SealPlace};

fn thought(item: &str) -> Reasoning<'static> {
    let body = saying(&format!("[{item}]"));
    let request = decode(&body);
    let Part::Reasoning(thought) = &request.turns[0].parts[0] else {
        panic!("no thought");
    };
    Reasoning {
        text: thought.text.clone().into_owned(),
        seal: thought.seal.clone().map(Seal::into_owned),
        redacted: thought.redacted,
        ..Reasoning::default()
    }
}

fn sealed(text: &'static str, seal: Seal<'static>) -> Part<'static> {
    Part::Reasoning(Reasoning {
        text: text.into(),
        seal: Some(seal),
        ..Reasoning::default()
    })
}

#[test]
fn a_seal_of_this_api_belongs_to_its_item() {
    let thought = thought(
        r#"{"type":"reasoning","id":"rs_1","encrypted_content":"gAAA","summary":[{"type":"summary_text","text":"hm"}]}"#,
    );
    assert_eq!(thought.text, "hm");
    assert_eq!(
        thought.seal.unwrap(),
        Seal::new("openai_responses", "gAAA".into()).with_id("rs_1".into())
    );
}

#[test]
fn open_thoughts_are_read_where_there_is_no_summary() {
    let thought = thought(
        r#"{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}"#,
    );
    assert_eq!(thought.text, "hm");
    assert!(thought.seal.is_none());
}

#[test]
fn seals_that_are_carried_come_back_to_who_made_them() {
    let seal = |data: &str| {
        let item = format!(
            r#"{{"type":"reasoning","id":"rs_1","encrypted_content":"{data}","summary":[]}}"#
        );
        let thought = thought(&item);
        (thought.seal.unwrap(), thought.redacted)
    };
    let claude = Seal::new("anthropic", "EoC".into());
    assert_eq!(seal("ant1:EoC"), (claude.clone(), false));
    assert_eq!(seal("antr1:EoC"), (claude, true));
    let gemini = Seal::new("gemini", "Cg==".into()).on(SealPlace::Call);
    assert_eq!(seal("gem1:call:Cg=="), (gemini, false));
}

#[test]
fn trap_057_a_thought_of_this_api_goes_back_whole() {
    let seal = Seal::new("openai_responses", "gAAA".into()).with_id("rs_1".into());
    let items = items(vec![
        user(vec![Part::text("a")]),
        assistant(vec![sealed("hm", seal), Part::text("b")]),
    ]);
    let expected = r#"{"type":"reasoning","id":"rs_1","encrypted_content":"gAAA",
        "summary":[{"type":"summary_text","text":"hm"}]}"#;
    assert_eq!(items[1], value(expected));
}

#[test]
fn a_thought_that_is_only_in_its_seal_has_no_summary() {
    let seal = Seal::new("openai_responses", "gAAA".into());
    let items = items(vec![assistant(vec![sealed("", seal)])]);
    assert_eq!(
        items[0],
        value(r#"{"type":"reasoning","summary":[],"encrypted_content":"gAAA"}"#)
    );
}

#[test]
fn trap_054_a_thought_of_another_provider_is_stripped() {
    let claude = Seal::new("anthropic", "EoC".into());
    let unsealed = Part::Reasoning(Reasoning {
        text: "hm".into(),
        ..Reasoning::default()
    });
    let request = foreign(vec![
        user(vec![Part::text("a")]),
        assistant(vec![sealed("hm", claude), unsealed, Part::text("b")]),
    ]);
    let body = sent(&request);
    assert_eq!(body["input"].as_array().unwrap().len(), 2);
    assert!(!body.to_string().contains("hm"));
    assert_eq!(
        losses(&request),
        ["messages[1].content[0]", "messages[1].content[1]"]
    );
}

#[test]
fn trap_054_a_caller_of_the_api_itself_sends_it_no_foreign_seal_either() {
    let body = saying(
        r#"[{"role":"user","content":"a"},
        {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"ant1:EoC"},
        {"role":"assistant","content":"b"}]"#,
    );
    let (body, losses) = sent_as(&decode(&body), &Dialect::default());
    assert_eq!(body["input"].as_array().unwrap().len(), 2);
    assert_eq!(losses, ["input[1].content[0]"]);
}

#[test]
fn a_summary_without_its_seal_goes_home_only_to_who_keeps_thoughts() {
    let summary =
        r#"{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}]}"#;
    let shown = r#"{"type":"reasoning","id":"rs_1","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}"#;
    let sealed = r#"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}"#;
    let said = r#"{"role":"user","content":"hi"}"#;
    for (thought, store, goes) in [
        (summary, "true", true),
        (summary, "false", false),
        (shown, "false", true),
        (sealed, "false", true),
    ] {
        let body = format!(r#"{{"model":"m","store":{store},"input":[{thought},{said}]}}"#);
        let sent = sent(&decode(&body));
        let items = sent["input"].as_array().unwrap();
        assert_eq!(items.len(), 1 + usize::from(goes), "{body}");
    }
}

#[test]
fn bodies_with_thoughts_that_nobody_keeps_or_sealed_are_read() {
    let body = |store: &str, data: &str| {
        format!(r#"{{"store": {store},"input":[{{"type":"reasoning","summary":[]{data}}}]}}"#)
    };
    let sealed = r#","encrypted_content":"gAAA""#;
    for (body, foreign) in [
        (body("false", ""), true),
        (body("true", ""), false),
        (body("false", sealed), false),
        (body("true", r#","encrypted_content":"ant1:EoC""#), true),
    ] {
        let is_read = codec().has_foreign_thoughts(body.as_bytes(), "", &Dialect::default());
        assert_eq!(is_read, foreign, "{body}");
    }
}
