//! Conversations of other formats, for providers of this API.

use serde_json::json;

use super::*;
use crate::ir::Seal;
use crate::{
    ir::{
        Arguments, Cache, Citation, Document, Extra, Image, Policy, Reasoning, Source, ToolCall,
        ToolResult,
    },
    json::Raw,
};

fn call<'a>(id: &'a str, arguments: &'a str) -> Part<'a> {
    Part::ToolCall(ToolCall {
        id: id.into(),
        name: "f".into(),
        arguments: Arguments::Json(Raw::new(arguments).unwrap()),
        ..ToolCall::default()
    })
}

fn result<'a>(id: &'a str, content: Vec<Part<'a>>) -> Part<'a> {
    Part::ToolResult(ToolResult {
        call_id: id.into(),
        content,
        ..ToolResult::default()
    })
}

fn assistant(parts: Vec<Part<'_>>) -> Turn<'_> {
    Turn::new(Role::Assistant, 1, parts)
}

fn messages(turns: Vec<Turn<'_>>) -> Value {
    sent(&foreign(turns))["messages"].clone()
}

fn png<'a>() -> Part<'a> {
    Part::Image(Image {
        media_type: Some("image/png".into()),
        ..Image::new(Source::Base64 {
            data: "AAAA".into(),
        })
    })
}

#[test]
fn instructions_are_one_message() {
    let mut request = asking();
    request.system = vec![Part::text("a")];
    assert_eq!(
        sent(&request)["messages"][0],
        json!({"role": "system", "content": "a"})
    );
    request.system.push(Part::text("b"));
    let texts = json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]);
    assert_eq!(sent(&request)["messages"][0]["content"], texts);
}

#[test]
fn trap_019_empty_instructions_are_none() {
    let mut request = asking();
    request.system = vec![Part::text("")];
    assert_eq!(sent(&request), sent(&asking()));
}

#[test]
fn trap_020_instructions_in_mid_conversation_stay_there() {
    let turns = vec![
        user(vec![Part::text("a")]),
        Turn::new(Role::System, 1, vec![Part::text("s")]),
        user(vec![Part::text("b")]),
    ];
    let roles: Vec<_> = messages(turns)
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["role"].clone())
        .collect();
    assert_eq!(roles, ["user", "system", "user"]);
}

#[test]
fn trap_023_a_message_that_only_calls_has_null_content() {
    let said = messages(vec![assistant(vec![
        Part::text(""),
        call("c", r#"{ "a" : 1 }"#),
    ])]);
    assert_eq!(
        said[0],
        json!({"role": "assistant", "content": null, "tool_calls": [
        {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}}]})
    );
}

#[test]
fn trap_025_026_results_come_first_and_each_in_its_own_message() {
    let said = messages(vec![
        assistant(vec![call("c1", "{}"), call("c2", "{}")]),
        user(vec![
            Part::text("and?"),
            result("c1", vec![Part::text("1")]),
            result("c2", vec![]),
        ]),
    ]);
    assert_eq!(
        said.as_array().unwrap()[1..],
        [
            json!({"role": "tool", "tool_call_id": "c1", "content": "1"}),
            json!({"role": "tool", "tool_call_id": "c2", "content": ""}),
            json!({"role": "user", "content": "and?"}),
        ]
    );
}

#[test]
fn trap_027_what_stands_between_calls_and_results_moves_behind_them() {
    let said = messages(vec![
        assistant(vec![call("c1", "{}")]),
        Turn::new(Role::System, 2, vec![Part::text("s")]),
        Turn::new(Role::Tool, 3, vec![result("c1", vec![Part::text("1")])]),
        assistant(vec![Part::text("ok")]),
    ]);
    let roles: Vec<_> = said
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["role"].clone())
        .collect();
    assert_eq!(roles, ["assistant", "tool", "system", "assistant"]);
}

#[test]
fn trap_030_images_in_results_are_shown_by_the_user() {
    let said = messages(vec![
        assistant(vec![call("c1", "{}"), call("c2", "{}")]),
        user(vec![
            result("c1", vec![Part::text("see"), png()]),
            result("c2", vec![Part::text("2")]),
            Part::text("go on"),
        ]),
    ]);
    assert_eq!(
        said.as_array().unwrap()[1..],
        [
            json!({"role": "tool", "tool_call_id": "c1", "content": "see\n[see the next user message]"}),
            json!({"role": "tool", "tool_call_id": "c2", "content": "2"}),
            json!({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}),
            json!({"role": "user", "content": "go on"}),
        ]
    );
}

#[test]
fn trap_031_a_failed_tool_says_so_once() {
    for (text, expected) in [
        ("no", "Error: no"),
        ("Error: no", "Error: no"),
        ("", "Error: "),
    ] {
        let mut failed = ToolResult::default();
        (failed.call_id, failed.is_error) = ("c".into(), true);
        failed.content = vec![Part::text(text)];
        let said = messages(vec![
            assistant(vec![call("c", "{}")]),
            user(vec![Part::ToolResult(failed)]),
        ]);
        assert_eq!(said[1]["content"], expected);
    }
}

#[test]
fn trap_037_long_ids_are_hashed_alike_in_call_and_result() {
    let long = "x".repeat(70);
    let said = messages(vec![
        assistant(vec![call(&long, "{}")]),
        user(vec![result(&long, vec![])]),
    ]);
    let id = said[0]["tool_calls"][0]["id"].as_str().unwrap();
    assert!(id.starts_with("call_") && id.len() == 29);
    assert_eq!(said[1]["tool_call_id"], id);
    let kept = "y".repeat(40);
    let said = messages(vec![assistant(vec![call(&kept, "{}")])]);
    assert_eq!(said[0]["tool_calls"][0]["id"], kept);
}

#[test]
fn big_numbers_in_arguments_stay() {
    let said = messages(vec![assistant(vec![call(
        "c",
        r#"{"n":123456789012345678901234567890}"#,
    )])]);
    assert_eq!(
        said[0]["tool_calls"][0]["function"]["arguments"],
        r#"{"n":123456789012345678901234567890}"#
    );
}

#[test]
fn trap_054_foreign_thoughts_are_not_told() {
    let thought = Part::Reasoning(Reasoning {
        text: "hm".into(),
        seal: Some(Seal::new("gemini", "sig".into())),
        ..Reasoning::default()
    });
    let request = foreign(vec![assistant(vec![thought, Part::text("a")])]);
    assert_eq!(
        sent(&request)["messages"][0],
        json!({"role": "assistant", "content": "a"})
    );
    assert_eq!(losses(&request), ["turns[1].parts[0]"]);
}

#[test]
fn a_refusal_and_several_texts_keep_their_places() {
    let said = messages(vec![assistant(vec![
        Part::text("a"),
        Part::text("b"),
        Part::Refusal("no".into()),
    ])]);
    assert_eq!(
        said[0],
        json!({"role": "assistant", "refusal": "no",
        "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]})
    );
}

#[test]
fn images_and_documents_are_said_as_this_api_has_them() {
    let web = Part::Image(Image {
        detail: Some("low".into()),
        ..Image::new(Source::Url("https://e.com".into()))
    });
    let pdf = Part::Document(Document::new(Source::Base64 {
        data: "AAAA".into(),
    }));
    let titled = Part::Document(Document {
        title: Some("t".into()),
        ..Document::new(Source::Text("text".into()))
    });
    let request = foreign(vec![user(vec![web, pdf, titled])]);
    assert_eq!(
        sent(&request)["messages"][0]["content"],
        json!([
            {"type": "image_url", "image_url": {"url": "https://e.com", "detail": "low"}},
            {"type": "file", "file": {"filename": "document.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
            {"type": "text", "text": "t\n\ntext"},
        ])
    );
    assert_eq!(losses(&request), ["turns[0].parts[2]"]);
}

#[test]
fn what_lies_elsewhere_is_refused_with_its_place() {
    let parts = [
        Part::Image(Image::new(Source::File("f".into()))),
        Part::Document(Document::new(Source::Url("https://e.com/a.pdf".into()))),
        Part::Document(Document::new(Source::File("f".into()))),
        Part::Native {
            kind: "film".into(),
            value: Raw::EMPTY_OBJECT,
            policy: Policy::Reject,
        },
    ];
    for part in parts {
        let request = foreign(vec![user(vec![Part::text("a"), part])]);
        assert_eq!(
            rejected(&request).param.as_deref(),
            Some("turns[0].parts[1]")
        );
    }
}

#[test]
fn losses_have_their_place_in_the_callers_spelling() {
    let mut extra = Extra::default();
    extra.push("x".into(), Raw::EMPTY_OBJECT);
    let text = Part::Text {
        text: "a".into(),
        citations: vec![Citation::default()],
        cache: Some(Cache::default()),
        extra: extra.clone(),
    };
    let native = Part::Native {
        kind: "n".into(),
        value: Raw::EMPTY_OBJECT,
        policy: Policy::Drop,
    };
    let mut turn = Turn::new(Role::Assistant, 4, vec![text, native]);
    turn.extra = extra;
    let request = foreign(vec![turn]);
    assert_eq!(
        losses(&request),
        [
            "turns[4].x",
            "turns[4].parts[0].x",
            "turns[4].parts[0].citations",
            "turns[4].parts[1]",
        ]
    );
    assert_eq!(
        sent(&request)["messages"][0],
        json!({"role": "assistant", "content": "a"})
    );
}

#[test]
fn files_of_the_model_are_shown_by_the_user_before_its_message() {
    let image = || {
        let data = "AA-_".into();
        Part::Image(crate::ir::Image::new(crate::ir::Source::Base64 { data }))
    };
    let shown = json!({"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA+/"}}
    ]});
    let drawn = Turn::new(Role::Assistant, 0, vec![image(), Part::text("t")]);
    let request = foreign(vec![drawn]);
    let said = json!({"role": "assistant", "content": "t"});
    assert_eq!(sent(&request)["messages"], json!([shown, said]));
    assert_eq!(losses(&request), ["turns[0].parts[0]"]);
    let request = foreign(vec![Turn::new(Role::System, 0, vec![image()])]);
    assert_eq!(sent(&request)["messages"], json!([shown]));
}
