//! Answers of other formats, for callers of this API.

use serde_json::json;

use super::*;
use crate::ir::Seal;
use crate::{
    ir::{Arguments, Choice, Citation, Reasoning, Stop, StopReason, ToolCall, Usage},
    json::Raw,
};

fn answering<'a>(parts: Vec<Part<'a>>, stop: Stop<'a>) -> Response<'a> {
    Response {
        format: "other",
        id: "msg_1".into(),
        model: "m".into(),
        choices: vec![Choice {
            parts,
            stop: Some(stop),
            ..Choice::default()
        }],
        ..Response::default()
    }
}

fn ended(parts: Vec<Part<'_>>) -> Response<'_> {
    answering(parts, Stop::new(StopReason::End))
}

fn call<'a>(name: &'a str, arguments: &'a str) -> Part<'a> {
    Part::ToolCall(ToolCall {
        id: "c".into(),
        name: name.into(),
        arguments: Arguments::Json(Raw::new(arguments).unwrap()),
        ..ToolCall::default()
    })
}

#[test]
fn a_plain_answer_has_what_clients_require() {
    assert_eq!(
        told(&ended(vec![Part::text("hi")])),
        json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": "m",
        "choices": [{"index": 0, "logprobs": null, "finish_reason": "stop",
            "message": {"role": "assistant", "content": "hi", "refusal": null}}]})
    );
}

#[test]
fn ids_keep_what_the_provider_gave() {
    let table = [
        ("msg_01Ab", "chatcmpl-01Ab"),
        ("gen-1-2", "chatcmpl-1-2"),
        ("chatcmpl-9", "chatcmpl-9"),
        ("3f2a-41", "chatcmpl-3f2a-41"),
        ("plain", "chatcmpl-plain"),
        ("", "chatcmpl-000000000000000000000007"),
        ("msg_", "chatcmpl-000000000000000000000007"),
    ];
    for (id, expected) in table {
        let mut response = ended(vec![]);
        response.id = id.into();
        assert_eq!(told(&response)["id"], expected, "{id}");
    }
}

#[test]
fn trap_073_only_this_apis_reasons_are_said() {
    let table = [
        (StopReason::End, "stop"),
        (StopReason::StopSequence, "stop"),
        (StopReason::ToolUse, "tool_calls"),
        (StopReason::MaxTokens, "length"),
        (StopReason::ContextWindow, "length"),
        (StopReason::Refusal, "content_filter"),
        (StopReason::Pause, "length"),
        (StopReason::Compaction, "length"),
        (StopReason::MalformedToolCall, "stop"),
    ];
    for (reason, expected) in table {
        let mut stop = Stop::new(reason);
        stop.native = Some("pause_turn".into());
        assert_eq!(
            told(&answering(vec![], stop))["choices"][0]["finish_reason"],
            expected
        );
    }
}

#[test]
fn trap_072_the_explanation_of_a_refusal_is_the_refusal() {
    let mut stop = Stop::new(StopReason::Refusal);
    stop.explanation = Some("no way".into());
    let message = told(&answering(vec![], stop))["choices"][0]["message"].clone();
    assert_eq!(
        message,
        json!({"role": "assistant", "content": null, "refusal": "no way"})
    );
}

#[test]
fn trap_075_texts_are_joined_and_thoughts_kept_apart() {
    let sealed = Part::Reasoning(Reasoning {
        text: "hm ".into(),
        seal: Some(Seal::new("gemini", "sig".into())),
        ..Reasoning::default()
    });
    let redacted = Part::Reasoning(Reasoning {
        seal: Some(Seal::new("gemini", "data".into())),
        redacted: true,
        ..Reasoning::default()
    });
    let open = Part::Reasoning(Reasoning {
        text: "well".into(),
        ..Reasoning::default()
    });
    let parts = vec![
        sealed,
        redacted,
        open,
        Part::text("a"),
        call("f", "{}"),
        Part::text("b"),
    ];
    let message =
        told(&answering(parts, Stop::new(StopReason::ToolUse)))["choices"][0]["message"].clone();
    assert_eq!(
        message,
        json!({"role": "assistant", "content": "ab", "refusal": null, "reasoning_content": "hm well",
        "thinking_blocks": [
            {"type": "thinking", "thinking": "hm ", "signature": "gem1:thought:sig"},
            {"type": "redacted_thinking", "data": "gem1:thought:data"}],
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]})
    );
}

#[test]
fn content_is_empty_or_null_as_clients_expect() {
    let content =
        |response: &Response<'_>| told(response)["choices"][0]["message"]["content"].clone();
    assert_eq!(content(&ended(vec![])), "");
    assert_eq!(content(&ended(vec![call("f", "{}")])), Value::Null);
    assert_eq!(
        content(&ended(vec![Part::Refusal("no".into())])),
        Value::Null
    );
    assert_eq!(
        content(&answering(vec![], Stop::new(StopReason::Refusal))),
        Value::Null
    );
}

#[test]
fn trap_064_callers_of_functions_get_a_function_call() {
    let mut exchange = exchange();
    exchange.legacy_functions = true;
    let response = answering(vec![call("f", "{}")], Stop::new(StopReason::ToolUse));
    let choice = told_in(&response, &mut exchange)["choices"][0].clone();
    assert_eq!(choice["finish_reason"], "function_call");
    assert_eq!(
        choice["message"]["function_call"],
        json!({"name": "f", "arguments": "{}"})
    );
    assert!(choice["message"].get("tool_calls").is_none());
}

#[test]
fn trap_046_a_custom_tool_that_was_a_function_is_one_again() {
    let mut exchange = exchange();
    exchange.freeform_tools.insert("sent_name".to_owned());
    exchange
        .tool_names
        .insert("sent_name".to_owned(), "patch".to_owned());
    for (name, arguments, input) in [
        ("patch", r#"{"input":"a\nb"}"#, "a\nb"),
        ("sent_name", r#"{"other":1}"#, r#"{"other":1}"#),
    ] {
        let response = answering(vec![call(name, arguments)], Stop::new(StopReason::ToolUse));
        assert_eq!(
            told_in(&response, &mut exchange)["choices"][0]["message"]["tool_calls"][0],
            json!({"id": "c", "type": "custom", "custom": {"name": name, "input": input}})
        );
    }
}

#[test]
fn web_pages_are_cited_with_their_place_in_the_joined_text() {
    let web = Citation {
        url: Some("https://e.com".into()),
        title: Some("t".into()),
        ..Citation::default()
    };
    let book = Citation {
        cited_text: Some("x".into()),
        native: Some(Raw::EMPTY_OBJECT),
        ..Citation::default()
    };
    let cited = Part::Text {
        text: "née".into(),
        citations: vec![book, web],
        cache: None,
        extra: crate::ir::Extra::default(),
    };
    let mut exchange = exchange();
    let answer = ended(vec![Part::text("ab"), cited]);
    let message = told_in(&answer, &mut exchange)["choices"][0]["message"].clone();
    assert_eq!(
        message["annotations"],
        json!([{"type": "url_citation", "url_citation":
        {"start_index": 2, "end_index": 5, "title": "t", "url": "https://e.com"}}])
    );
    let lost: Vec<_> = exchange.losses.iter().map(|loss| &*loss.path).collect();
    assert_eq!(lost, ["choices[0].message.annotations"]);
}

#[test]
fn trap_112_116_usage_adds_up_and_the_unknown_is_left_out() {
    let table = [
        (
            Usage {
                input: Some(5),
                cache_read: Some(100),
                cache_write: Some(20),
                output: Some(3),
                ..Usage::default()
            },
            json!({"prompt_tokens": 125, "completion_tokens": 3, "total_tokens": 128,
                "prompt_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 20}}),
        ),
        (
            Usage {
                input: Some(5),
                output: Some(3),
                reasoning: Some(2),
                ..Usage::default()
            },
            json!({"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8,
                "completion_tokens_details": {"reasoning_tokens": 2}}),
        ),
    ];
    for (usage, expected) in table {
        let mut response = ended(vec![]);
        response.usage = Some(usage);
        assert_eq!(told(&response)["usage"], expected);
    }
}

#[test]
fn the_tier_that_served_is_said_in_this_apis_words() {
    for (tier, expected) in [
        ("standard", json!("default")),
        ("priority", json!("priority")),
        ("batch", Value::Null),
    ] {
        let mut response = ended(vec![]);
        response.service_tier = Some(tier.into());
        assert_eq!(told(&response)["service_tier"], expected);
    }
}

#[test]
fn what_no_answer_here_can_hold_is_lost_and_reported() {
    let mut exchange = exchange();
    let native = Part::Native {
        kind: "search".into(),
        value: Raw::EMPTY_OBJECT,
        policy: crate::ir::Policy::Drop,
    };
    let body = told_in(&ended(vec![native, Part::text("a")]), &mut exchange);
    assert_eq!(body["choices"][0]["message"]["content"], "a");
    let lost: Vec<_> = exchange.losses.iter().map(|loss| &*loss.path).collect();
    assert_eq!(lost, ["choices[0].message.content"]);
}

#[test]
fn calls_without_an_id_get_one_each() {
    let call = || {
        Part::ToolCall(ToolCall {
            name: "f".into(),
            ..ToolCall::default()
        })
    };
    let answer = told(&ended(vec![call(), call()]));
    let id = |index: usize| answer["choices"][0]["message"]["tool_calls"][index]["id"].clone();
    assert!(id(0).as_str().unwrap().starts_with("call_"));
    assert_ne!(id(0), id(1));
}
