//! What servers of this API want differently.

use serde_json::json;

use super::*;
use crate::{
    format::ReasoningEcho,
    ir::{Cache, Effort, Image, Reasoning, Seal, Source, Thinking, ToolCall, ToolResult},
};

fn thought(text: &str) -> Part<'_> {
    Part::Reasoning(Reasoning {
        text: text.into(),
        seal: Some(Seal::new("other", "sig".into())),
        ..Reasoning::default()
    })
}

fn thinking_turns<'a>() -> Request<'a> {
    let call = Part::ToolCall(ToolCall {
        id: "c".into(),
        name: "f".into(),
        ..ToolCall::default()
    });
    let result = Part::ToolResult(ToolResult {
        call_id: "c".into(),
        ..ToolResult::default()
    });
    foreign(vec![
        Turn::new(Role::Assistant, 0, vec![thought("a"), thought("b"), call]),
        Turn::new(Role::User, 1, vec![result]),
        Turn::new(Role::Assistant, 2, vec![thought("c"), Part::text("x")]),
    ])
}

/// The thoughts of both messages, and what is lost.
fn echoed(echo: ReasoningEcho) -> ([Value; 2], Vec<String>) {
    let dialect = Dialect {
        reasoning_content_echo: echo,
        ..Dialect::default()
    };
    let (mut sent, losses) = sent_as(&thinking_turns(), &dialect);
    let mut thoughts = |at: usize| sent["messages"][at]["reasoning_content"].take();
    ([thoughts(0), thoughts(2)], losses)
}

#[test]
fn thoughts_are_told_to_servers_that_want_them() {
    assert_eq!(
        echoed(ReasoningEcho::Always),
        ([json!("ab"), json!("c")], Vec::new())
    );
}

#[test]
fn some_servers_want_only_the_thoughts_before_calls() {
    assert_eq!(
        echoed(ReasoningEcho::ToolTurns),
        (
            [json!("ab"), Value::Null],
            vec!["turns[2].parts[0]".to_owned()]
        )
    );
}

#[test]
fn other_servers_are_told_no_thoughts() {
    let (thoughts, losses) = echoed(ReasoningEcho::Never);
    assert_eq!(thoughts, [Value::Null, Value::Null]);
    assert_eq!(losses.len(), 3);
}

#[test]
fn a_server_that_knows_no_effort_is_told_none() {
    let dialect = Dialect {
        supports_reasoning_effort: false,
        ..Dialect::default()
    };
    for (thinking, effort) in [(None, Some(Effort::High)), (Some(Thinking::Disabled), None)] {
        let mut request = asking();
        (request.thinking, request.effort) = (thinking, effort);
        let (sent, losses) = sent_as(&request, &dialect);
        assert!(sent.get("reasoning_effort").is_none());
        assert_eq!(losses.len(), 1);
    }
}

fn marked<'a>(text: &'a str, ttl: Option<&'a str>) -> Part<'a> {
    Part::Text {
        text: text.into(),
        citations: Vec::new(),
        cache: Some(Cache {
            ttl: ttl.map(Into::into),
        }),
        extra: crate::ir::Extra::default(),
    }
}

fn with_breakpoints(request: &Request<'_>) -> Value {
    let dialect = Dialect {
        supports_prompt_cache_breakpoint: true,
        ..Dialect::default()
    };
    let (sent, losses) = sent_as(request, &dialect);
    assert!(losses.is_empty(), "{losses:?}");
    sent
}

#[test]
fn cache_boundaries_reach_servers_that_take_them() {
    let image = Image {
        cache: Some(Cache::default()),
        ..Image::new(Source::Url("https://a.example/i.png".into()))
    };
    let mut request = foreign(vec![user(vec![
        marked("q", Some("5m")),
        Part::Image(image),
    ])]);
    request.system = vec![marked("s", Some("12h"))];
    let sent = with_breakpoints(&request);
    assert_eq!(
        sent["messages"],
        json!([
            {"role": "system", "content": [{"type": "text", "text": "s",
                "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}}]},
            {"role": "user", "content": [
                {"type": "text", "text": "q", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"}},
                {"type": "image_url", "image_url": {"url": "https://a.example/i.png"},
                    "prompt_cache_breakpoint": {"mode": "explicit"}}]},
        ])
    );
}

#[test]
fn a_cache_boundary_behind_a_result_is_behind_its_text() {
    let mut request = thinking_turns();
    request.turns.truncate(2);
    request.turns[0].parts.drain(..2);
    let Part::ToolResult(result) = &mut request.turns[1].parts[0] else {
        panic!()
    };
    result.content = vec![Part::text("r")];
    result.cache = Some(Cache::default());
    assert_eq!(
        with_breakpoints(&request)["messages"][1]["content"],
        json!([{"type": "text", "text": "r", "prompt_cache_breakpoint": {"mode": "explicit"}}])
    );
}

#[test]
fn trap_061_of_five_cache_boundaries_the_last_four_stay() {
    let parts = ["1", "2", "3", "4", "5"].map(|text| marked(text, None));
    let sent = with_breakpoints(&foreign(vec![user(parts.into())]));
    let parts = sent["messages"][0]["content"].as_array().unwrap().iter();
    let is_marked = parts.map(|part| part.get("prompt_cache_breakpoint").is_some());
    assert_eq!(
        is_marked.collect::<Vec<_>>(),
        [false, true, true, true, true]
    );
}

#[test]
fn cache_boundaries_are_no_loss_where_they_are_not_taken() {
    let request = foreign(vec![user(vec![marked("q", Some("5m"))])]);
    assert_eq!(sent(&request)["messages"][0]["content"], "q");
    assert!(losses(&request).is_empty());
}
