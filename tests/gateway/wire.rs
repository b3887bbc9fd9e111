//! What goes to a provider, and what comes back, when all is well.

use serde_json::{Value, json};

use crate::{
    caller::{
        CALLERS, CHAT, Caller, MESSAGES, PASSED, Reply, SONNET, answer, ask, gateway_with, post,
        upstream_calls,
    },
    support::{doubles::Recorded, page::Page},
};

/// The one request that a double saw.
fn only(requests: Vec<Recorded>) -> Recorded {
    let [request] = <[_; 1]>::try_from(requests).expect("there was one request");
    request
}

fn openai_tools() -> Value {
    let tool = |name: &str, parameter: &str| {
        json!({"type": "function", "function": {"name": name, "parameters": {
            "type": "object", "properties": {parameter: {"type": "string"}}}}})
    };
    json!([tool("get_weather", "city"), tool("get_time", "timezone")])
}

const ODD: &str = "{ \"messages\" :[{\"role\":\"user\",\"content\":\"H\\u0069 \\/ \u{e9}\"}],\n\t\
    \"temperature\":1.0,\"seed\":  18446744073709551615,\"model\" :\"gpt-4o\",\"top_p\":1e0 }\r\n";

#[tokio::test]
async fn row_01_not_a_byte_changes_on_the_way_to_openai() {
    let page = Page::start().await;
    let reply = answer(&page, post(CHAT, ODD)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = only(page.openai.requests());
    assert_eq!(seen.body, ODD);
    assert_eq!(seen.target, CHAT);
    assert_eq!(seen.header("authorization"), Some("Bearer sk-proj-..."));
}

#[tokio::test]
async fn row_01_fields_that_nobody_knows_go_along() {
    let page = Page::start().await;
    let odd = ODD.replacen('{', r#"{"x-new":[1.0,{"a":1e400}],"x-new":null,"#, 1);
    let reply = answer(&page, post(CHAT, odd.clone())).await;
    assert_eq!(only(page.openai.requests()).body, odd);
    // The double knows as little of them as the provider does.
    assert_eq!(reply.status, 400);
    let (_, message) = reply.error(Caller::OpenAi);
    assert!(
        message.contains("x-new") || message.contains("JSON"),
        "{message}"
    );
}

#[tokio::test]
async fn row_01_not_a_byte_changes_on_the_way_back() {
    let page = Page::start().await;
    let reply = answer(&page, post(CHAT, ODD)).await;
    let sent = include_str!("../fixtures/openai/text.json");
    assert_eq!(reply.text(), sent);
}

#[tokio::test]
async fn a_stream_that_passes_is_the_provider_s_to_the_byte() {
    let page = Page::start().await;
    let sent = [
        include_str!("../fixtures/openai/text.sse"),
        include_str!("../fixtures/anthropic/text.sse"),
        include_str!("../fixtures/azure/text.sse"),
    ];
    for ((caller, model), sent) in PASSED.into_iter().zip(sent) {
        let reply = answer(&page, caller.asks(model, "Hi", true)).await;
        assert_eq!(reply.text(), sent);
        assert!(!reply.broken);
    }
}

#[tokio::test]
async fn row_02_anthropic_gets_a_messages_request() {
    let page = Page::start().await;
    let mut body = Caller::OpenAi.question(SONNET, "How is the weather?", false);
    body["messages"] = json!([
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How is the weather?"},
    ]);
    body["tools"] = openai_tools();
    let reply = answer(&page, post(CHAT, body.to_string())).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = only(page.anthropic.requests());
    assert_eq!(seen.target, MESSAGES);
    assert_eq!(seen.header("x-api-key"), Some("sk-ant-..."));
    assert_eq!(seen.header("anthropic-version"), Some("2023-06-01"));
    let seen = seen.json();
    assert_eq!(seen["model"], SONNET);
    assert_eq!(seen["tools"][1]["name"], "get_time");
    assert_eq!(
        seen["tools"][0]["input_schema"],
        body["tools"][0]["function"]["parameters"]
    );
    assert!(seen["system"].to_string().contains("Be brief."), "{seen}");
    assert!(seen["max_tokens"].is_u64(), "{seen}");
}

#[tokio::test]
async fn row_02_the_answer_comes_in_openai_s_shape() {
    let page = Page::start().await;
    let reply = answer(&page, Caller::OpenAi.asks(SONNET, "Hi", false)).await;
    let reply = reply.json();
    assert_eq!(reply["object"], "chat.completion");
    assert_eq!(reply["model"], SONNET);
    assert!(reply["created"].is_u64());
    let choice = &reply["choices"][0];
    assert_eq!(choice["finish_reason"], "stop");
    assert_eq!(choice["message"]["role"], "assistant");
    let text = "Hello from Anthropic! Fancy a café? 🌿";
    assert_eq!(choice["message"]["content"], text);
}

/// The double counts 14 fresh, 118 newly cached and 1,536 cached tokens, and 17 of the answer.
fn assert_usage(usage: &Value) {
    assert_eq!(usage["prompt_tokens"], 14 + 118 + 1536, "{usage}");
    assert_eq!(usage["completion_tokens"], 17, "{usage}");
    assert_eq!(usage["total_tokens"], 14 + 118 + 1536 + 17, "{usage}");
    let details = &usage["prompt_tokens_details"];
    assert_eq!(details["cached_tokens"], 1536, "{usage}");
}

#[tokio::test]
async fn row_02_cached_tokens_are_part_of_openai_s_prompt_tokens() {
    let page = Page::start().await;
    let reply = answer(&page, Caller::OpenAi.asks(SONNET, "Hi", false)).await;
    assert_usage(&reply.json()["usage"]);
}

#[tokio::test]
async fn row_02_tool_calls_keep_their_ids_and_arguments() {
    let page = Page::start().await;
    let mut body = Caller::OpenAi.question(SONNET, "Hi", false);
    body["tools"] = openai_tools();
    let reply = answer(&page, post(CHAT, body.to_string())).await.json();
    let choice = &reply["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    let calls = &choice["message"]["tool_calls"];
    assert_eq!(calls[0]["id"], "toolu_01NbR4kWs7XcYf2gTm9qLvHd");
    assert_eq!(calls[0]["function"]["name"], "get_weather");
    assert_eq!(calls[0]["function"]["arguments"], r#"{"city":"Paris"}"#);
    assert_eq!(calls[1]["id"], "toolu_01QzJ8tGp3VaKe6hUx5nBwMr");
}

fn assert_chunks(reply: &Reply) {
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), "text/event-stream");
    assert!(reply.text().ends_with("data: [DONE]\n\n"));
    let events = reply.events();
    assert!(
        events
            .iter()
            .all(|event| event["object"] == "chat.completion.chunk")
    );
}

#[tokio::test]
async fn row_03_the_stream_comes_as_chunks_and_ends_with_done() {
    let page = Page::start().await;
    let reply = answer(&page, Caller::OpenAi.asks(SONNET, "Hi", true)).await;
    assert_chunks(&reply);
    assert_eq!(reply.said(), "Hello from Anthropic! Fancy a café? 🌿");
    assert_eq!(only(page.anthropic.requests()).json()["stream"], true);
    assert_usage(&reply.events().last().unwrap()["usage"]);
}

#[tokio::test]
async fn row_03_streamed_tool_calls_add_up() {
    let page = Page::start().await;
    let mut body = Caller::OpenAi.question(SONNET, "Hi", true);
    body["tools"] = openai_tools();
    let reply = answer(&page, post(CHAT, body.to_string())).await;
    assert_chunks(&reply);
    let (mut ids, mut arguments) = (Vec::new(), [String::new(), String::new()]);
    for event in reply.events() {
        let calls = event["choices"][0]["delta"]["tool_calls"].clone();
        for call in calls.as_array().into_iter().flatten() {
            ids.extend(call["id"].as_str().map(str::to_owned));
            let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
            arguments[index] += call["function"]["arguments"].as_str().unwrap_or_default();
        }
    }
    let expected = [
        "toolu_01NbR4kWs7XcYf2gTm9qLvHd",
        "toolu_01QzJ8tGp3VaKe6hUx5nBwMr",
    ];
    assert_eq!(ids, expected);
    assert_eq!(
        arguments,
        [r#"{"city": "Paris"}"#, r#"{"timezone": "Europe/Paris"}"#]
    );
}

#[tokio::test]
async fn row_04_azure_gets_its_own_name_for_the_model_and_no_other_change() {
    let page = Page::start().await;
    let reply = answer(&page, post(CHAT, ODD.replace("gpt-4o", "azure-gpt4o"))).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.text(), include_str!("../fixtures/azure/text.json"));
    let seen = only(page.azure.requests());
    assert_eq!(seen.body, ODD);
    assert_eq!(seen.target, "/openai/v1/chat/completions");
    assert_eq!(seen.header("api-key"), Some("azure-key-..."));
    assert_eq!(seen.header("authorization"), None);
}

#[tokio::test]
async fn a_large_body_under_another_name_has_its_exact_length() {
    let page = Page::start().await;
    let padded = |model| {
        let text = "x".repeat(200_000);
        format!(
            r#"{{"messages":[{{"role":"user","content":"{text}"}}],"model":"{model}","top_p":1.0}}"#
        )
    };
    let reply = answer(&page, post(CHAT, padded("azure-gpt4o"))).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let (seen, sent) = (only(page.azure.requests()), padded("gpt-4o"));
    assert!(seen.body == sent, "{} bytes", seen.body.len());
    assert_eq!(
        seen.header("content-length"),
        Some(&*sent.len().to_string())
    );
    assert_eq!(seen.header("transfer-encoding"), None);
}

#[tokio::test]
async fn row_12_an_anthropic_caller_s_bytes_reach_anthropic() {
    let page = Page::start().await;
    let body = format!(
        "{{\"max_tokens\": 64,\n\"messages\":[{{\"role\":\"user\",\"content\":\"Hi\"}}],\"model\":\"{SONNET}\" }}"
    );
    let reply = answer(&page, post(MESSAGES, body.clone())).await;
    assert_eq!(
        reply.text(),
        include_str!("../fixtures/anthropic/text.json")
    );
    assert_eq!(only(page.anthropic.requests()).body, body);
}

#[tokio::test]
async fn row_13_an_anthropic_caller_reaches_openai() {
    let page = Page::start().await;
    let mut request = Caller::Anthropic.asks("gpt-4o", "Hi", false);
    request
        .headers_mut()
        .insert("anthropic-version", "2023-06-01".parse().unwrap());
    let reply = answer(&page, request).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let reply = reply.json();
    assert_eq!(reply["type"], "message");
    assert_eq!(reply["stop_reason"], "end_turn");
    assert_eq!(
        reply["content"][0]["text"],
        "Hello from OpenAI! Fancy a café? 👋"
    );
    // 1,209 tokens, 1,152 of them cached.
    assert_eq!(reply["usage"]["input_tokens"], 1209 - 1152);
    assert_eq!(reply["usage"]["cache_read_input_tokens"], 1152);
    assert_eq!(reply["usage"]["output_tokens"], 14);
    let seen = only(page.openai.requests());
    assert_eq!(seen.target, CHAT);
    assert_eq!(seen.header("authorization"), Some("Bearer sk-proj-..."));
    assert_eq!(seen.header("anthropic-version"), None);
}

#[tokio::test]
async fn row_13_the_stream_comes_as_messages_events() {
    let page = Page::start().await;
    let reply = answer(&page, Caller::Anthropic.asks("gpt-4o", "Hi", true)).await;
    assert_eq!(reply.header("content-type"), "text/event-stream");
    assert_eq!(reply.said(), "Hello from OpenAI! Fancy a café? 👋");
    let events = reply.events();
    assert_eq!(events[0]["type"], "message_start");
    assert_eq!(events.last().unwrap()["type"], "message_stop");
    assert_eq!(events[events.len() - 2]["usage"]["output_tokens"], 14);
}

#[tokio::test]
async fn row_22_the_rule_s_translator_changes_no_byte_of_the_translation() {
    let page = Page::start().await;
    let by_rule = page.gateway().unwrap();
    let alone = gateway_with(&page, |config| {
        config.replace("- plugin_id: anthropic2openai", "[]")
    });
    let off = gateway_with(&page, |config| {
        let (before, rule) = config.split_once("id: sonnet-rule").unwrap();
        let rule = rule.replacen("is_enabled: true", "is_enabled: false", 1);
        format!("{before}id: sonnet-rule{rule}")
    });
    for stream in [false, true] {
        let mut replies = Vec::new();
        for gateway in [&by_rule, &alone, &off] {
            let reply = ask(gateway, Caller::OpenAi.asks(SONNET, "Hi", stream)).await;
            assert_eq!(reply.status, 200);
            replies.push((
                without_time(&reply.text()),
                page.anthropic.requests().pop().unwrap().body,
            ));
        }
        assert_eq!(replies[0], replies[1]);
        assert_eq!(replies[0], replies[2]);
    }
}

/// A chat completion says when it was made, which is now.
fn without_time(text: &str) -> String {
    let mut pieces = text.split("\"created\":");
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        kept += piece.trim_start_matches(|digit: char| digit.is_ascii_digit());
    }
    kept
}

#[tokio::test]
async fn a_path_may_be_mounted_anywhere_for_models_that_somebody_owns() {
    let page = Page::start().await;
    for caller in CALLERS {
        let body = caller.question("gpt-4o", "Hi", false).to_string();
        let path = format!("/team/llm{}", caller.path());
        let reply = answer(&page, post(&path, body)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    assert_eq!(upstream_calls(&page), 2);
}

#[tokio::test]
async fn row_54_a_downstream_without_formats_gets_what_comes_and_its_key_as_bearer() {
    let page = Page::start().await;
    let gateway = gateway_with(&page, |config| {
        config.replacen("    api_formats: [openai]\n", "", 1)
    });
    let reply = ask(&gateway, post(CHAT, ODD)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = only(page.openai.requests());
    assert_eq!(seen.body, ODD);
    assert_eq!(seen.header("authorization"), Some("Bearer sk-proj-..."));
}
