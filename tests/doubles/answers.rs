//! What the doubles answer.

use serde_json::json;

use crate::case::{Case, events};

#[tokio::test]
async fn each_provider_answers_with_its_own_text_and_usage() {
    let texts = [("OpenAI", 1209), ("Anthropic", 14), ("Azure", 1087)];
    for (case, (name, input)) in Case::all().iter().zip(texts) {
        let reply = case.with(json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.header("content-type"), "application/json");
        assert!(reply.header("set-cookie").contains("double"), "{name}");
        assert!(
            reply
                .text()
                .contains(&format!("Hello from {name}! Fancy a café?"))
        );
        let usage = &reply.json()["usage"];
        assert!(
            usage["prompt_tokens"] == input || usage["input_tokens"] == input,
            "{usage}"
        );
    }
}

#[tokio::test]
async fn a_stream_sends_each_event_as_a_frame_of_its_own() {
    for case in Case::all() {
        let reply = case.with(json!({"stream": true})).await;
        assert_eq!(
            reply.header("content-type"),
            "text/event-stream; charset=utf-8"
        );
        assert!(reply.frames.len() > 5);
        for frame in &reply.frames {
            assert_eq!(frame.find("\n\n"), Some(frame.len() - 2), "{frame}");
        }
        assert!(!events(&reply).is_empty());
    }
}

#[tokio::test]
async fn openai_streams_usage_only_to_who_asks() {
    for case in [Case::openai(), Case::azure()] {
        let without = case.with(json!({"stream": true})).await;
        assert!(!without.text().contains("usage"));
        let options = json!({"stream": true, "stream_options": {"include_usage": true}});
        let with = events(&case.with(options).await);
        let (last, before) = with.split_last().unwrap();
        assert_eq!(last["choices"], json!([]));
        assert!(last["usage"]["prompt_tokens_details"]["cached_tokens"].is_u64());
        assert!(before.iter().all(|chunk| chunk["usage"].is_null()));
    }
}

#[tokio::test]
async fn every_fixture_is_reached_by_the_request_it_answers() {
    let tool = json!({"name": "get_time", "input_schema": {"type": "object"}});
    let call = json!({"type": "tool_use", "id": "t1", "name": "get_time", "input": {}});
    let result = json!({"type": "tool_result", "tool_use_id": "t1", "content": "14:30"});
    let history = json!([
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]);
    let case = Case::anthropic();
    let scenes = [
        (json!({"tools": [tool]}), "toolu_01NbR4kWs7XcYf2gTm9qLvHd"),
        (
            json!({"tools": [tool], "tool_choice": {"type": "none"}}),
            "Hello from Anthropic!",
        ),
        (json!({"tools": [tool], "messages": history}), "14:30"),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}),
            "signature",
        ),
        (
            json!({"thinking": {"type": "adaptive"}, "model": "claude-sonnet-4-6"}),
            "signature",
        ),
    ];
    for (fields, words) in scenes {
        let text = case.with(fields.clone()).await.text();
        assert!(text.contains(words), "{fields} -> {text}");
    }
}

#[tokio::test]
async fn a_tools_round_trip_passes_the_checks_of_openai() {
    for case in [Case::openai(), Case::azure()] {
        let tool = |name| json!({"type": "function", "function": {"name": name}});
        let tools = json!([tool("get_weather"), tool("get_time")]);
        let first = case.with(json!({"tools": tools})).await.json();
        let answer = &first["choices"][0]["message"];
        assert_eq!(first["choices"][0]["finish_reason"], "tool_calls");
        let result = |index: usize| {
            let id = &answer["tool_calls"][index]["id"];
            json!({"role": "tool", "tool_call_id": id, "content": "done"})
        };
        let asked = json!({"role": "user", "content": "Hi"});
        let messages = json!([asked, answer, result(1), result(0)]);
        let last = case
            .with(json!({"tools": tools, "messages": messages}))
            .await;
        assert!(last.text().contains("14:30"), "{}", last.text());
    }
}
