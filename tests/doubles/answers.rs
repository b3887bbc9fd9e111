//! What the doubles answer.

use serde_json::{Value, json};

use crate::case::{Case, events};

#[tokio::test]
async fn each_provider_answers_with_its_own_text_and_usage() {
    let texts = [
        ("OpenAI", 1209),
        ("Anthropic", 14),
        ("Azure", 1087),
        ("Responses", 905),
        ("Gemini", 612),
    ];
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
        let mut body = reply.json();
        let names = ["prompt_tokens", "input_tokens", "promptTokenCount"];
        let usages = [body["usage"].take(), body["usageMetadata"].take()];
        let mut counts = usages.iter().flat_map(|it| names.map(|name| &it[name]));
        assert!(counts.any(|count| *count == input), "{usages:?}");
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

/// The thinking loop of each provider that seals its thoughts: the fields of the first request, the
/// list of turns and what of the answer goes back, and the results.
fn loops() -> [(Case, Value, Value, Value); 3] {
    let schema = json!({"type": "object"});
    let call = |name: &str| fixture(name);
    let anthropic = call("anthropic");
    let responses = call("responses");
    let gemini = call("gemini");
    let id = &anthropic["content"][1]["id"];
    let call_id = &responses["output"][1]["call_id"];
    [
        (
            Case::anthropic(),
            json!({"thinking": {"type": "enabled", "budget_tokens": 1024},
                "tools": [{"name": "get_weather", "input_schema": schema}]}),
            json!([{"role": "assistant", "content": anthropic["content"]}]),
            json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id}]}),
        ),
        (
            Case::responses(),
            json!({"reasoning": {"effort": "low", "summary": "auto"},
                "include": ["reasoning.encrypted_content"], "store": false,
                "tools": [{"type": "function", "name": "get_weather", "parameters": schema,
                    "strict": false}]}),
            responses["output"].clone(),
            json!({"type": "function_call_output", "call_id": call_id, "output": "sunny"}),
        ),
        (
            Case::gemini(),
            json!({"generationConfig": {"thinkingConfig": {"includeThoughts": true}},
                "tools": [{"functionDeclarations": [{"name": "get_weather"}]}]}),
            json!([gemini["candidates"][0]["content"]]),
            json!({"role": "user", "parts": [{"functionResponse":
                {"name": "get_weather", "response": {"sky": "sunny"}}}]}),
        ),
    ]
}

fn fixture(provider: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    let path = format!("{folder}/{provider}/thinking_tools.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[tokio::test]
async fn a_thought_that_comes_back_whole_gets_an_answer_of_its_own() {
    for (case, fields, said, result) in loops() {
        let first = case.with(fields.clone()).await.text();
        assert!(
            first.contains("get_weather") && first.contains("+/+/7w=="),
            "{first}"
        );
        let mut turns = vec![case.turn("user", "Hi")];
        turns.extend(said.as_array().unwrap().clone());
        turns.push(result);
        let mut again = fields.clone();
        again[case.turns] = turns.into();
        let whole = case.with(again.clone()).await.text();
        assert!(whole.contains("My thought came back whole"), "{whole}");
        let touched = again.to_string().replace("+/+/7w==", "+/+/7g==");
        let touched = case.with(serde_json::from_str(&touched).unwrap()).await;
        assert_eq!(touched.status, 400, "{}", touched.text());
    }
}

#[tokio::test]
async fn responses_tells_and_seals_thoughts_only_to_who_asks() {
    let case = Case::responses();
    for (fields, told, sealed) in [
        (json!({"reasoning": {"effort": "low"}}), false, false),
        (
            json!({"reasoning": {"effort": "low", "summary": "auto"}}),
            true,
            false,
        ),
        (
            json!({"reasoning": {"effort": "low"}, "include": ["reasoning.encrypted_content"]}),
            false,
            true,
        ),
    ] {
        for stream in [true, false] {
            let mut fields = fields.clone();
            fields["stream"] = stream.into();
            let reply = case.with(fields).await;
            let text = reply.text();
            assert_eq!(text.contains("Greeting back"), told, "{text}");
            assert_eq!(text.contains("encrypted_content"), sealed, "{text}");
            let numbers = events(&reply);
            let numbers = numbers
                .iter()
                .map(|it| it["sequence_number"].as_u64().unwrap());
            assert!(numbers.zip(0..).all(|(number, place)| number == place));
        }
    }
}
