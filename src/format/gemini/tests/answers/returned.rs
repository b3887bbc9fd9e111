//! Thoughts of other providers, which clients give back as a stream told them.

use super::*;
use crate::ir::Reasoning;

const PIECES: [&str; 3] = [
    r#"{"text":"let me ","thought":true}"#,
    r#"{"text":"see","thought":true}"#,
    r#"{"text":"","thought":true,"thoughtSignature":"YW50MTpFbysv"}"#,
];

/// The thoughts in a conversation, whose contents are these.
fn thoughts(contents: &str) -> Vec<String> {
    let body = format!(r#"{{"contents":[{contents}]}}"#);
    let mut exchange = exchange();
    let request = Gemini
        .decode_request(body.as_bytes(), &mut exchange)
        .unwrap();
    let parts = request.turns.iter().flat_map(|turn| &turn.parts);
    parts
        .filter(|part| matches!(part, Part::Reasoning(Reasoning { .. })))
        .map(line)
        .collect()
}

fn model(parts: &str) -> String {
    format!(r#"{{"role":"model","parts":[{parts}]}}"#)
}

#[test]
fn pieces_of_a_thought_are_put_together_under_its_seal() {
    let one_content = model(&PIECES.join(","));
    let contents: Vec<String> = PIECES.iter().map(|piece| model(piece)).collect();
    for contents in [one_content, contents.join(",")] {
        assert_eq!(
            thoughts(&contents),
            ["thought let me see[anthropic Thought Eo+/]"]
        );
    }
}

#[test]
fn what_stands_between_divides_thoughts() {
    let contents = model(&[PIECES[0], r#"{"text":"a"}"#, PIECES[2]].join(","));
    assert_eq!(
        thoughts(&contents),
        ["thought let me ", "thought [anthropic Thought Eo+/]"]
    );
}

#[test]
fn pieces_under_an_own_seal_stay_as_they_are() {
    let own = r#"{"text":"","thought":true,"thoughtSignature":"S="}"#;
    let contents = model(&[PIECES[0], PIECES[1], own].join(","));
    assert_eq!(thoughts(&contents).len(), 3);
}

#[test]
fn a_carried_seal_in_an_answer_is_its_own() {
    let redacted = r#"{"text":"","thought":true,"thoughtSignature":"YW50cjE6RW8rLw=="}"#;
    let body = saying(&format!(r"[{},{redacted}]", PIECES[2]));
    assert_eq!(
        lines(&read(&body)),
        [
            "thought [anthropic Thought Eo+/]",
            "thought [anthropic Thought Eo+/]"
        ]
    );
    let events = events_of_parts(&[&format!("[{}]", PIECES.join(",")), &format!("[{redacted}]")]);
    assert_eq!(
        events[1..5],
        [
            "+0 of 0: Reasoning",
            "0 let me ",
            "0 see",
            "0 [anthropic Thought Eo+/]"
        ]
    );
    assert_eq!(
        events[6..8],
        ["+1 of 0: Redacted", "1 [anthropic Thought Eo+/]"]
    );
}
