use super::*;
use crate::ir::{Reasoning, Seal, SealPlace};

/// A thought with a seal on something.
fn sealed(minter: &'static str, place: SealPlace, text: &'static str) -> Part<'static> {
    Part::Reasoning(Reasoning {
        text: text.into(),
        seal: Some(Seal::new(minter, "Cg==".into()).on(place)),
        ..Reasoning::default()
    })
}

fn on(place: SealPlace) -> Part<'static> {
    sealed("gemini", place, "")
}

/// What is sent for a last step of the model, to a model that wants its seals, and what is lost.
fn step(parts: Vec<Part<'static>>) -> (Value, Vec<String>) {
    let mut request = turns(vec![user(0, vec![Part::text("q")]), model(1, parts)]);
    request.model = NEW.into();
    let written = write(&request).unwrap();
    (written.json["contents"][1]["parts"].clone(), written.losses)
}

#[test]
fn a_seal_goes_back_to_the_part_it_came_on() {
    let (parts, _) = step(vec![
        sealed("gemini", SealPlace::Thought, "hm"),
        Part::text("a"),
        on(SealPlace::Text),
        on(SealPlace::Call),
        call("c", "f"),
        call("d", "f"),
    ]);
    assert_eq!(
        parts,
        json!([{"text": "hm", "thought": true, "thoughtSignature": "Cg=="},
               {"text": "a", "thoughtSignature": "Cg=="},
               {"functionCall": {"id": "c", "name": "f", "args": {}}, "thoughtSignature": "Cg=="},
               {"functionCall": {"id": "d", "name": "f", "args": {}}}])
    );
}

#[test]
fn seals_that_were_moved_before_all_calls_keep_their_order() {
    let first = Part::Reasoning(Reasoning {
        seal: Some(Seal::new("gemini", "MQ==".into()).on(SealPlace::Call)),
        ..Reasoning::default()
    });
    let (parts, _) = step(vec![
        first,
        on(SealPlace::Call),
        call("c", "f"),
        call("d", "f"),
    ]);
    assert_eq!(parts[0]["thoughtSignature"], "MQ==");
    assert_eq!(parts[1]["thoughtSignature"], "Cg==");
}

#[test]
fn a_seal_on_a_text_that_is_not_there_has_an_empty_one() {
    let (parts, _) = step(vec![on(SealPlace::Text)]);
    assert_eq!(parts, json!([{"text": "", "thoughtSignature": "Cg=="}]));
}

#[test]
fn thoughts_of_other_providers_are_left_out() {
    let unsealed = Part::Reasoning(Reasoning {
        text: "t".into(),
        ..Reasoning::default()
    });
    let (parts, losses) = step(vec![
        sealed("anthropic", SealPlace::Thought, "t"),
        unsealed,
        Part::text("a"),
    ]);
    assert_eq!(parts, json!([{"text": "a"}]));
    assert_eq!(losses, ["messages[1].content[0]", "messages[1].content[1]"]);
}

const SKIP: &str = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

#[test]
fn trap_055_each_step_since_the_user_spoke_has_a_seal_on_its_first_call() {
    let history = vec![
        user(0, vec![Part::text("q")]),
        model(1, vec![call("a", "f")]),
        user(2, vec![result("a", "r")]),
        model(3, vec![Part::text("done")]),
        user(4, vec![Part::text("again")]),
        model(5, vec![call("b", "f"), call("c", "f")]),
        user(6, vec![result("b", "r"), result("c", "r")]),
        model(7, vec![on(SealPlace::Call), call("d", "f")]),
        user(8, vec![result("d", "r")]),
        model(9, vec![call("e", "f")]),
        user(10, vec![result("e", "r")]),
    ];
    let mut request = turns(history);
    request.model = NEW.into();
    let written = write(&request).unwrap();
    let seal = |content: usize, part: usize| {
        let part = &written.json["contents"][content]["parts"][part];
        part.get("thoughtSignature").cloned()
    };
    assert_eq!(seal(1, 0), None);
    assert_eq!(seal(5, 0), Some(json!(SKIP)));
    assert_eq!(seal(5, 1), None);
    assert_eq!(seal(7, 0), Some(json!("Cg==")));
    assert_eq!(seal(9, 0), Some(json!(SKIP)));
    assert_eq!(
        written.losses,
        ["messages[5].content[0]", "messages[9].content[0]"]
    );
}

#[test]
fn trap_055_older_models_get_no_seal_that_is_made_up() {
    let request = turns(vec![
        user(0, vec![Part::text("q")]),
        model(1, vec![call("a", "f")]),
    ]);
    assert!(!write(&request).unwrap().text.contains("thoughtSignature"));
}

#[test]
fn seals_are_read_where_they_stand() {
    let body = r#"{"contents":[{"role":"model","parts":[{"text":"hm","thought":true,"thoughtSignature":"MQ=="},{"text":"a","thoughtSignature":"Mg=="},{"functionCall":{"name":"f"},"thoughtSignature":"Mw=="},{"thoughtSignature":"NA=="}]}]}"#;
    let request = read(body).unwrap();
    let seen: Vec<String> = request.turns[0]
        .parts
        .iter()
        .map(|part| match part {
            Part::Reasoning(thought) => {
                let seal = thought.seal.as_ref().unwrap();
                format!("{} {:?} {}", seal.minter, seal.place, seal.data.decode())
            }
            Part::Text { .. } => "text".to_owned(),
            Part::ToolCall(_) => "call".to_owned(),
            part => panic!("{part:?}"),
        })
        .collect();
    assert_eq!(
        seen,
        [
            "gemini Thought MQ==",
            "text",
            "gemini Text Mg==",
            "gemini Call Mw==",
            "call",
            "gemini Text NA=="
        ]
    );
}

#[test]
fn seals_that_callers_carry_for_others_are_read_in_either_alphabet() {
    for (carried, data, redacted) in [
        // `ant1:a?>` and `antr1:x`; `?>` differs between the alphabets.
        ("YW50MTphPz4/", "a?>?", false),
        ("YW50MTphPz4_", "a?>?", false),
        ("YW50cjE6eA==", "x", true),
    ] {
        let body = format!(
            r#"{{"contents":[{{"role":"model","parts":[{{"text":"","thought":true,"thoughtSignature":"{carried}"}}]}}]}}"#
        );
        let request = read(&body).unwrap();
        match &request.turns[0].parts[0] {
            Part::Reasoning(thought) => {
                let seal = thought.seal.as_ref().unwrap();
                assert!(seal.is_of("anthropic"));
                assert_eq!((&*seal.data.decode(), thought.redacted), (data, redacted));
            }
            part => panic!("{part:?}"),
        }
    }
}

#[test]
fn contents_of_nothing_but_foreign_thoughts_are_left_out_at_home_too() {
    // "ant1:s", in base64.
    let thought =
        r#"{"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":"YW50MTpz"}]}"#;
    let said = r#"{"role":"model","parts":[{"text":"a"}]}"#;
    let user = r#"{"role":"user","parts":[{"text":"q"}]}"#;
    let body = format!(r#"{{"contents":[{user},{thought},{said},{user}]}}"#);
    let mut request = read(&body).unwrap();
    request.model = NEW.into();
    let written = write(&request).unwrap();
    assert_eq!(
        written.json["contents"],
        value(&format!("[{user},{said},{user}]"))
    );
}
