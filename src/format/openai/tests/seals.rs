//! Seals on thoughts and calls, there and back.

use serde_json::json;

use super::*;
use crate::ir::{Choice, Reasoning, Seal, SealPlace, ToolCall};

/// What each thought of a message is: its text, and whose seal it has.
fn thoughts(parts: &[Part<'_>]) -> Vec<String> {
    let thought = |part: &Part<'_>| match part {
        Part::Reasoning(thought) => Some(sealed(thought)),
        Part::ToolCall(_) => Some("call".to_owned()),
        _ => None,
    };
    parts.iter().filter_map(thought).collect()
}

fn sealed(thought: &Reasoning<'_>) -> String {
    let seal = thought.seal.as_ref();
    let seal = seal.map(|seal| {
        let id = seal.id.decode();
        format!(
            "{} {:?} {id}{}",
            seal.minter,
            seal.place,
            seal.data.decode()
        )
    });
    let redacted = if thought.redacted { "redacted " } else { "" };
    format!(
        "{redacted}{:?} {}",
        thought.text.decode(),
        seal.unwrap_or_default()
    )
}

const GOOGLE_CALL: &str = r#"{"id":"c","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"Cg=="}}}"#;

#[test]
fn the_seal_on_a_call_is_read_from_a_message() {
    let body = saying(&format!(
        r#"[{{"role":"assistant","content":null,"tool_calls":[{GOOGLE_CALL}]}}]"#
    ));
    let request = decode(&body);
    assert_eq!(
        thoughts(&request.turns[0].parts),
        [r#""" gemini Call Cg=="#, "call"]
    );
    assert_eq!(sent(&request)["messages"], value(&body)["messages"]);
}

#[test]
fn the_seal_on_a_call_is_read_from_an_answer_and_written_again() {
    let body = format!(
        r#"{{"id":"1","model":"m","choices":[{{"index":0,"finish_reason":"tool_calls","message":{{"role":"assistant","content":null,"tool_calls":[{GOOGLE_CALL}]}}}}]}}"#
    );
    let mut response = answer(&body);
    assert_eq!(thoughts(&response.choices[0].parts).len(), 2);
    let call = |told: &Value| told.pointer("/choices/0/message/tool_calls/0").cloned();
    assert_eq!(call(&told(&response)), Some(value(GOOGLE_CALL)));
    response.format = "other";
    let told = told(&response);
    assert_eq!(call(&told), Some(value(GOOGLE_CALL)));
    assert!(told.pointer("/choices/0/message/thinking_blocks").is_none());
}

#[test]
fn only_the_call_behind_a_seal_has_it() {
    let call = |id: &'static str| {
        Part::ToolCall(ToolCall {
            id: id.into(),
            name: "f".into(),
            ..ToolCall::default()
        })
    };
    let seal = Part::Reasoning(Reasoning {
        seal: Some(Seal::of_call("s".into())),
        ..Reasoning::default()
    });
    let response = Response {
        format: "other",
        choices: vec![Choice {
            parts: vec![call("a"), seal, call("b"), call("c")],
            ..Choice::default()
        }],
        ..Response::default()
    };
    let told = told(&response);
    let calls = told.pointer("/choices/0/message/tool_calls").unwrap();
    let has = |at: usize| calls[at].get("extra_content").is_some();
    assert_eq!([has(0), has(1), has(2)], [false, true, false]);
}

#[test]
fn the_seal_on_a_streamed_call_comes_before_it() {
    let chunk = format!(
        r#"{{"id":"1","model":"m","choices":[{{"index":0,"delta":{{"tool_calls":[{}]}}}}]}}"#,
        GOOGLE_CALL.replacen('{', r#"{"index":0,"#, 1)
    );
    let events = events(&[&chunk, "[DONE]"]);
    assert_eq!(events[1], "+0 of 0: Reasoning");
    assert!(
        events[2].contains("Call") && events[2].contains("Cg=="),
        "{}",
        events[2]
    );
    assert_eq!(events[3..5], ["-0", "+1 of 0: call c f"]);
}

#[test]
fn a_streamed_call_begins_with_its_seal() {
    let events = [
        stream_out::start(),
        stream_out::open(0, BlockKind::Reasoning),
        Event::Delta {
            block: 0,
            delta: Delta::Seal(Seal::of_call("Cg==".into())),
        },
        Event::BlockStop { block: 0 },
        stream_out::call(1, "f"),
        stream_out::call(2, "g"),
    ];
    let deltas = deltas(&written(&events, exchange()));
    let seal = |delta: &Value| {
        delta
            .pointer("/tool_calls/0/extra_content/google/thought_signature")
            .cloned()
    };
    assert_eq!(deltas.len(), 3);
    assert_eq!(seal(&deltas[1]), Some(json!("Cg==")));
    assert_eq!(seal(&deltas[2]), None);
}

/// The events between the start and the end of a stream of these deltas.
fn of_deltas(pieces: &[&str]) -> Vec<String> {
    let chunk = |piece: &&str| {
        format!(r#"{{"id":"1","model":"m","choices":[{{"index":0,"delta":{piece}}}]}}"#)
    };
    let all: Vec<String> = pieces.iter().map(chunk).collect();
    let mut all: Vec<&str> = all.iter().map(String::as_str).collect();
    all.push("[DONE]");
    let events = events(&all);
    events[1..events.len() - 2].to_vec()
}

fn seal_line(block: usize, seal: &Seal<'_>) -> String {
    format!("{block} {:?}", Delta::Seal(seal.clone()))
}

#[test]
fn thoughts_that_come_in_both_spellings_are_told_once() {
    let events = of_deltas(&[
        r#"{"reasoning_content":"a","thinking_blocks":[{"type":"thinking","thinking":"a","signature":null}]}"#,
        r#"{"reasoning_content":"b","thinking_blocks":[{"type":"thinking","thinking":"b"}]}"#,
        r#"{"reasoning_content":"","thinking_blocks":[{"type":"thinking","thinking":"","signature":"sig"}]}"#,
        r#"{"content":"x"}"#,
    ]);
    let seal = seal_line(0, &Seal::new("anthropic", "sig".into()));
    assert_eq!(
        events,
        [
            "+0 of 0: Reasoning",
            "0 a",
            "0 b",
            &seal,
            "-0",
            "+1 of 0: Text",
            "1 x",
            "-1"
        ]
    );
}

#[test]
fn a_whole_block_behind_its_pieces_is_only_the_seal() {
    let events = of_deltas(&[
        r#"{"reasoning_content":"a"}"#,
        r#"{"reasoning_content":"b"}"#,
        r#"{"thinking_blocks":[{"index":0,"type":"thinking","thinking":"ab","signature":"sig"}]}"#,
        r#"{"reasoning_content":"c"}"#,
    ]);
    let seal = seal_line(0, &Seal::new("anthropic", "sig".into()));
    assert_eq!(
        events,
        [
            "+0 of 0: Reasoning",
            "0 a",
            "0 b",
            &seal,
            "-0",
            "+1 of 0: Reasoning",
            "1 c",
            "-1"
        ]
    );
}

#[test]
fn thoughts_that_come_only_in_blocks_are_told() {
    let events = of_deltas(&[
        r#"{"thinking_blocks":[{"type":"thinking","thinking":"a"}]}"#,
        r#"{"thinking_blocks":[{"type":"thinking","thinking":"b","signature":"sig"}]}"#,
    ]);
    let seal = seal_line(0, &Seal::new("anthropic", "sig".into()));
    assert_eq!(events, ["+0 of 0: Reasoning", "0 a", "0 b", &seal, "-0"]);
}

#[test]
fn trap_100_a_redacted_thought_comes_out_of_a_stream() {
    let events = of_deltas(&[r#"{"thinking_blocks":[{"type":"redacted_thinking","data":"xyz"}]}"#]);
    let seal = seal_line(0, &Seal::new("anthropic", "xyz".into()));
    assert_eq!(events, ["+0 of 0: Redacted", &seal, "-0"]);
}

#[test]
fn a_carried_seal_is_its_minters() {
    for (carrier, seal) in [
        (
            "oai1:rs_1:gA==",
            Seal::new("openai_responses", "gA==".into()).with_id("rs_1".into()),
        ),
        (
            "gem1:text:Cg==",
            Seal::new("gemini", "Cg==".into()).on(SealPlace::Text),
        ),
        ("ant1:Eo", Seal::new("anthropic", "Eo".into())),
    ] {
        let block = format!(r#"{{"type":"thinking","thinking":"t","signature":"{carrier}"}}"#);
        let streamed = of_deltas(&[&format!(r#"{{"thinking_blocks":[{block}]}}"#)]);
        assert_eq!(streamed[2], seal_line(0, &seal));
        let body = saying(&format!(
            r#"[{{"role":"assistant","content":"x","thinking_blocks":[{block}]}}]"#
        ));
        let request = decode(&body);
        let Part::Reasoning(thought) = &request.turns[0].parts[0] else {
            panic!()
        };
        assert_eq!(thought.seal.as_ref(), Some(&seal));
        assert_eq!(
            sent(&request)["messages"][0]["thinking_blocks"][0]["type"],
            "thinking"
        );
    }
}

#[test]
fn seals_of_all_minters_are_carried_to_the_caller() {
    let thought = |seal: Seal<'static>, redacted: bool| {
        Part::Reasoning(Reasoning {
            text: if redacted { "" } else { "t" }.into(),
            seal: Some(seal),
            redacted,
            ..Reasoning::default()
        })
    };
    let response = Response {
        format: "other",
        choices: vec![Choice {
            parts: vec![
                thought(Seal::new("anthropic", "Eo".into()), false),
                thought(Seal::new("anthropic", "Er".into()), true),
                thought(
                    Seal::new("openai_responses", "gA".into()).with_id("rs".into()),
                    false,
                ),
                thought(Seal::new("gemini", "Cg".into()), false),
                thought(Seal::new("", "nobody's".into()), false),
            ],
            ..Choice::default()
        }],
        ..Response::default()
    };
    assert_eq!(
        told(&response)["choices"][0]["message"]["thinking_blocks"],
        json!([
            {"type": "thinking", "thinking": "t", "signature": "Eo"},
            {"type": "redacted_thinking", "data": "Er"},
            {"type": "thinking", "thinking": "t", "signature": "oai1:rs:gA"},
            {"type": "thinking", "thinking": "t", "signature": "gem1:thought:Cg"},
        ])
    );
}

#[test]
fn sources_behind_a_call_are_not_lost() {
    let events = of_deltas(&[
        r#"{"content":"Hi there"}"#,
        r#"{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]}"#,
        r#"{"annotations":[{"type":"url_citation","url_citation":{"url":"https://a.example","start_index":0,"end_index":2}}]}"#,
    ]);
    assert!(
        events.iter().any(|line| line.contains("cites Some")),
        "{events:?}"
    );
}
