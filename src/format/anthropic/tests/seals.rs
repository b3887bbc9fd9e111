//! Foreign seals, to the caller and back.

use super::*;
use crate::ir::{
    BlockKind, Choice, Delta, Part, Reasoning, Response, Seal, SealPlace, Stop, StopReason,
};

/// Each kind of thought: its text, its seal, whether it is redacted, and the block that the caller gets.
fn table() -> Vec<(Reasoning<'static>, &'static str)> {
    let thought = |text: &'static str, seal: Seal<'static>, redacted: bool| Reasoning {
        text: text.into(),
        seal: Some(seal),
        redacted,
        ..Reasoning::default()
    };
    let claude = |data: &'static str| Seal::new("anthropic", data.into());
    let gpt = || Seal::new("openai_responses", "gAAA=".into()).with_id("rs_1".into());
    let gemini = |place| Seal::new("gemini", "Cg==".into()).on(place);
    vec![
        (
            thought("t", claude("Eo+/="), false),
            r#"{"type":"thinking","thinking":"t","signature":"Eo+/="}"#,
        ),
        (
            thought("", claude("Er"), true),
            r#"{"type":"redacted_thinking","data":"Er"}"#,
        ),
        (
            thought("t", gpt(), false),
            r#"{"type":"thinking","thinking":"t","signature":"oai1:rs_1:gAAA="}"#,
        ),
        (
            thought("", gpt(), false),
            r#"{"type":"redacted_thinking","data":"oai1:rs_1:gAAA="}"#,
        ),
        (
            thought("t", gemini(SealPlace::Thought), false),
            r#"{"type":"thinking","thinking":"t","signature":"gem1:thought:Cg=="}"#,
        ),
        (
            thought("", gemini(SealPlace::Call), false),
            r#"{"type":"thinking","thinking":"","signature":"gem1:call:Cg=="}"#,
        ),
        (
            thought("", gemini(SealPlace::Text), false),
            r#"{"type":"thinking","thinking":"","signature":"gem1:text:Cg=="}"#,
        ),
    ]
}

fn answered(parts: Vec<Part<'_>>) -> Value {
    let response = Response {
        format: "other",
        choices: vec![Choice {
            parts,
            ..Choice::default()
        }],
        ..Response::default()
    };
    let mut out = BytesMut::new();
    Anthropic
        .encode_response(&response, &mut Exchange::new(0, 0), &mut out)
        .unwrap();
    let mut answer: Value = serde_json::from_slice(&out).unwrap();
    answer["content"].take()
}

#[test]
fn every_seal_is_carried_to_the_caller() {
    for (thought, block) in table() {
        let content = answered(vec![Part::Reasoning(thought)]);
        assert_eq!(content, value(&format!("[{block}]")));
    }
}

#[test]
fn every_seal_comes_back_from_the_caller_as_it_was() {
    for (thought, block) in table() {
        let body = conversation(&format!(
            r#"[{{"role":"user","content":"q"}},{{"role":"assistant","content":[{block}]}}]"#
        ));
        let request = read(&body).unwrap();
        let Part::Reasoning(back) = &request.turns[1].parts[0] else {
            panic!("{block}");
        };
        assert_eq!((&back.text, &back.seal), (&thought.text, &thought.seal));
    }
}

/// The blocks that a client gathers from a stream.
fn gathered(stream: &str) -> Vec<Value> {
    let mut blocks: Vec<Value> = Vec::new();
    let data = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    for event in data.map(value) {
        match event["type"].as_str().unwrap() {
            "content_block_start" => {
                assert_eq!(event["index"], blocks.len());
                blocks.push(event["content_block"].clone());
            }
            "content_block_delta" => {
                let block = blocks.last_mut().unwrap();
                for key in ["thinking", "signature"] {
                    if let Some(more) = event["delta"][key].as_str() {
                        let text = format!("{}{more}", block[key].as_str().unwrap());
                        block[key] = text.into();
                    }
                }
            }
            _ => {}
        }
    }
    blocks
}

#[test]
fn trap_100_every_seal_is_carried_in_a_stream() {
    let mut events = vec![Event::Start {
        id: "1".into(),
        model: "m".into(),
        created: None,
        usage: crate::ir::Usage::default(),
    }];
    for (block, (thought, _)) in table().into_iter().enumerate() {
        let kind = if thought.redacted {
            BlockKind::Redacted
        } else {
            BlockKind::Reasoning
        };
        events.push(Event::BlockStart {
            block,
            choice: 0,
            kind,
        });
        events.extend([
            Event::Delta {
                block,
                delta: Delta::Text(thought.text),
            },
            Event::Delta {
                block,
                delta: Delta::Seal(thought.seal.unwrap()),
            },
            Event::BlockStop { block },
        ]);
    }
    events.push(Event::Stop {
        choice: 0,
        stop: Stop::new(StopReason::End),
    });
    events.push(Event::End);
    let expected: Vec<Value> = table().iter().map(|(_, block)| value(block)).collect();
    assert_eq!(gathered(&encode_stream(&events)), expected);
}

#[test]
fn a_foreign_thought_that_says_nothing_is_none() {
    let nothing = || Part::Reasoning(Reasoning::default());
    assert_eq!(answered(vec![nothing()]), value("[]"));
    let events = [
        Event::BlockStart {
            block: 0,
            choice: 0,
            kind: BlockKind::Reasoning,
        },
        Event::BlockStop { block: 0 },
        Event::BlockStart {
            block: 1,
            choice: 0,
            kind: BlockKind::Text,
        },
        Event::End,
    ];
    let blocks = gathered(&encode_stream(&events));
    assert_eq!(blocks, [value(r#"{"type":"text","text":""}"#)]);
}

#[test]
fn trap_054_a_seal_goes_only_to_who_made_it() {
    let blocks: Vec<&str> = table().into_iter().map(|(_, block)| block).collect();
    let body = conversation(&format!(
        r#"[{{"role":"user","content":"q"}},{{"role":"assistant","content":[{},{{"type":"text","text":"a"}}]}},{{"role":"user","content":"q"}}]"#,
        blocks.join(",")
    ));
    let sent = read(&body).map(|request| write(&request).unwrap()).unwrap();
    let kept = sent.json["messages"][1]["content"].as_array().unwrap();
    assert_eq!(kept.len(), 3, "two thoughts of this provider, and the text");
    assert_eq!(sent.losses.len(), 5);
}
