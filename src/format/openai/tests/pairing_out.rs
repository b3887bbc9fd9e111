//! Calls and results of other formats, for providers of this API.

use serde_json::json;

use super::*;
use crate::ir::{ToolCall, ToolResult};

fn call(id: &str) -> Part<'_> {
    Part::ToolCall(ToolCall {
        id: id.into(),
        name: "f".into(),
        ..ToolCall::default()
    })
}

fn result<'a>(id: &'a str, text: &'a str) -> Part<'a> {
    let texts = Some(text).filter(|text| !text.is_empty());
    Part::ToolResult(ToolResult {
        call_id: id.into(),
        content: texts.into_iter().map(Part::text).collect(),
        ..ToolResult::default()
    })
}

fn conversation(turns: Vec<(Role, Vec<Part<'_>>)>) -> Request<'_> {
    let turns = turns.into_iter().enumerate();
    foreign(
        turns
            .map(|(index, (role, parts))| Turn::new(role, index, parts))
            .collect(),
    )
}

/// Each message as a line: who speaks, and what is called or answered.
fn lines(request: &Request<'_>) -> Vec<String> {
    let sent = sent(request);
    let messages = sent["messages"].as_array().unwrap().iter();
    let line = |message: &Value| {
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        let calls: Vec<_> = calls.map(|call| call["id"].as_str().unwrap()).collect();
        let answers = message["tool_call_id"].as_str().unwrap_or_default();
        let role = message["role"].as_str().unwrap();
        format!(
            "{role}{}{answers} {}",
            calls.iter().flat_map(|id| [" ", id]).collect::<String>(),
            message["content"].as_str().unwrap_or("-")
        )
    };
    messages.map(line).collect()
}

#[test]
fn trap_028_a_call_without_result_gets_one() {
    let request = conversation(vec![
        (Role::Assistant, vec![call("a"), call("b")]),
        (Role::User, vec![result("b", "2"), Part::text("go on")]),
    ]);
    assert_eq!(
        lines(&request),
        [
            "assistant a b -",
            "toolb 2",
            "toola Error: [no result recorded]",
            "user go on"
        ]
    );
    assert_eq!(losses(&request), ["turns[0].parts[0]"]);
}

#[test]
fn trap_028_a_call_at_the_end_gets_a_result() {
    let request = conversation(vec![(Role::Assistant, vec![call("a")])]);
    assert_eq!(
        lines(&request),
        ["assistant a -", "toola Error: [no result recorded]"]
    );
}

#[test]
fn trap_028_a_result_without_call_is_the_users_text() {
    let request = conversation(vec![
        (Role::User, vec![Part::text("q"), result("x", "old")]),
        (Role::Assistant, vec![call("a")]),
        (
            Role::User,
            vec![result("a", "1"), result("a", "again"), result("y", "")],
        ),
    ]);
    assert_eq!(
        lines(&request),
        [
            "user Tool result: old",
            "user q",
            "assistant a -",
            "toola 1",
            "user Tool result: again"
        ]
    );
    assert_eq!(
        losses(&request),
        [
            "turns[0].parts[1]",
            "turns[2].parts[1]",
            "turns[2].parts[2]"
        ]
    );
}

#[test]
fn of_two_calls_with_one_id_the_first_stays() {
    let request = conversation(vec![
        (Role::Assistant, vec![call("a"), call("a")]),
        (Role::User, vec![result("a", "1")]),
    ]);
    assert_eq!(lines(&request), ["assistant a -", "toola 1"]);
    assert_eq!(losses(&request), ["turns[0].parts[1]"]);
}

#[test]
fn calls_without_ids_get_their_own_and_are_answered_in_order() {
    let request = conversation(vec![
        (Role::Assistant, vec![call(""), call("")]),
        (Role::User, vec![result("", "1"), result("", "2")]),
        (Role::Assistant, vec![call("")]),
        (Role::User, vec![result("", "3")]),
    ]);
    let sent = sent(&request);
    let id = |pointer: &str| sent.pointer(pointer).unwrap().as_str().unwrap();
    let ids = [
        id("/messages/0/tool_calls/0/id"),
        id("/messages/0/tool_calls/1/id"),
        id("/messages/3/tool_calls/0/id"),
    ];
    let answered = [1, 2, 4].map(|at| id(&format!("/messages/{at}/tool_call_id")));
    assert_eq!(ids, answered);
    let distinct: std::collections::HashSet<_> = ids.into_iter().collect();
    assert_eq!(distinct.len(), 3);
}

#[test]
fn results_follow_their_own_of_two_turns_of_the_model() {
    let request = conversation(vec![
        (Role::Assistant, vec![call("a")]),
        (Role::Assistant, vec![call("b")]),
        (Role::User, vec![result("b", "2"), result("a", "1")]),
    ]);
    assert_eq!(
        lines(&request),
        ["assistant a -", "toola 1", "assistant b -", "toolb 2"]
    );
}

#[test]
fn what_a_caller_of_this_api_says_is_not_mended() {
    let body = saying(
        r#"[{"role":"tool","tool_call_id":"x","content":"old"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}]"#,
    );
    let request = decode(&body);
    assert_eq!(sent(&request)["messages"], value(&body)["messages"]);
    assert_eq!(losses(&request), Vec::<String>::new());
}

#[test]
fn what_an_orphan_shows_is_still_shown() {
    let image = crate::ir::Image::new(crate::ir::Source::Url("https://example.com/a.png".into()));
    let mut request = conversation(vec![(Role::User, vec![result("x", "")])]);
    let Part::ToolResult(orphan) = &mut request.turns[0].parts[0] else {
        panic!()
    };
    orphan.content.push(Part::Image(image));
    assert_eq!(
        sent(&request)["messages"],
        json!([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]}])
    );
}
