//! Rows of the routing table that show on the wire alone.

use std::time::Duration;

use http_body_util::BodyExt;
use tower::ServiceExt;
use tower_llm_gateway::{Gateway, config::Config};

use crate::{
    caller::{CHAT, Caller, MESSAGES, Reply, SONNET, answer, ask, gateway_with, upstream_calls},
    support::{doubles::Double, page::Page},
};

#[tokio::test]
async fn row_07_an_unknown_model_is_asked_of_no_provider() {
    let page = Page::start().await;
    let reply = answer(&page, Caller::OpenAi.asks("foo", "Hi", false)).await;
    assert_eq!(reply.status, 404);
    assert_eq!(upstream_calls(&page), 0);
}

#[tokio::test]
async fn row_08_a_stream_of_an_unknown_model_is_refused_in_json() {
    let page = Page::start().await;
    let reply = answer(&page, Caller::OpenAi.asks("foo", "Hi", true)).await;
    assert_eq!(reply.status, 404);
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.json()["error"]["code"], "model_not_found");
    assert_eq!(upstream_calls(&page), 0);
}

#[tokio::test]
async fn row_33_of_two_rules_for_one_header_the_more_specific_wins() {
    let page = Page::start().await;
    let header =
        |headers| format!("[{{plugin_id: custom_header, config: {{headers: {headers}}}}}]");
    let (one, two) = (header("{X-A: '1'}"), header("{X-A: '2', X-B: '2'}"));
    let gateway = gateway_with(&page, |config| {
        format!(
            "{config}\n  - {{id: any-wild, pattern_path: '*', pipeline_config: {two}}}\n  - {{id: model-exact, pattern_path: {CHAT}, pattern_model: gpt-4o, pipeline_config: {one}}}\n"
        )
    });
    let reply = ask(&gateway, Caller::OpenAi.asks("gpt-4o", "Hi", false)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = page.openai.requests().pop().unwrap();
    assert_eq!(seen.header("x-a"), Some("1"));
    assert_eq!(seen.header("x-b"), Some("2"));
}

/// What the caller gets and the provider sees, with this pipeline in the rule for Sonnet.
async fn with_pipeline(page: &Page, pipeline: &str, stream: bool) -> (Reply, serde_json::Value) {
    let rule = "    pipeline_config:\n      - plugin_id: anthropic2openai\n";
    let gateway = gateway_with(page, |config| {
        config.replace(
            rule,
            &format!("    pipeline_config: {pipeline} # changed\n"),
        )
    });
    let reply = ask(&gateway, Caller::OpenAi.asks(SONNET, "Hi", stream)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    (reply, page.anthropic.requests().pop().unwrap().json())
}

#[tokio::test]
async fn row_48_two_translators_for_one_way_convert_once() {
    let page = Page::start().await;
    let both = "[{plugin_id: openai2anthropic}, {plugin_id: anthropic2openai}]";
    for stream in [false, true] {
        let (by_rule, seen) = with_pipeline(&page, both, stream).await;
        let (alone, expected) = with_pipeline(&page, "[]", stream).await;
        assert_eq!(seen, expected);
        let without_time = |reply: &Reply| {
            let mut events = reply.events();
            if !stream {
                events = vec![reply.json()];
            }
            for event in &mut events {
                event["created"].take();
            }
            events
        };
        assert_eq!(without_time(&by_rule), without_time(&alone));
    }
}

#[tokio::test]
async fn row_51_a_header_is_set_beside_a_translator() {
    let page = Page::start().await;
    let pipeline = "[{plugin_id: custom_header, config: {headers: {x-team: blue}}}, {plugin_id: openai2anthropic}]";
    let (reply, _) = with_pipeline(&page, pipeline, false).await;
    assert_eq!(reply.json()["object"], "chat.completion");
    let seen = page.anthropic.requests().pop().unwrap();
    assert_eq!(seen.target, MESSAGES);
    assert_eq!(seen.header("x-team"), Some("blue"));
}

#[tokio::test]
async fn row_53_a_format_may_have_an_address_of_its_own() {
    let openai = Double::openai("CANARY-ours").start().await;
    let anthropic = Double::anthropic("CANARY-ours").start().await;
    let config = format!(
        "downstreams: [{{id: x, api_formats: [openai, anthropic], base_url: '{}', api_key: CANARY-ours, format_urls: {{anthropic: '{}'}}, output_model_ids: [{SONNET}]}}]",
        openai.url(),
        anthropic.url(),
    );
    let gateway = Gateway::from_yaml(&config).unwrap();
    let reply = ask(&gateway, Caller::Anthropic.asks(SONNET, "Hi", false)).await;
    assert_eq!(
        reply.text(),
        include_str!("../fixtures/anthropic/text.json")
    );
    let seen = anthropic.requests().pop().unwrap();
    assert_eq!(seen.header("x-api-key"), Some("CANARY-ours"));
    assert_eq!(seen.header("authorization"), None);
    assert!(openai.requests().is_empty());
}

/// The page without Azure.
fn without_azure(page: &Page) -> Config {
    let config = page.config();
    let (before, azure) = config.split_once("  - id: azure-openai").unwrap();
    let (_, rules) = azure.split_once("\nrules:\n").unwrap();
    let (rules, _) = rules.split_once("  - id: azure-rule").unwrap();
    Config::from_yaml(&format!("{before}\nrules:\n{rules}")).unwrap()
}

#[tokio::test]
async fn row_65_a_running_stream_ends_as_it_began_when_its_provider_is_taken_away() {
    let slowly = |_: &str, double: Double| double.event_interval(Duration::from_millis(2));
    let page = Page::start_with(slowly).await;
    let gateway = page.gateway().unwrap();
    let asks = || Caller::OpenAi.asks("azure-gpt4o", "Hi", true);
    let Ok(response) = gateway.service().oneshot(asks()).await;
    let mut body = response.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    gateway.reload(&without_azure(&page)).unwrap();
    let rest = body.collect().await.unwrap().to_bytes();
    let sent = include_str!("../fixtures/azure/text.sse");
    assert!(first.len() < sent.len(), "it was over before the change");
    assert_eq!([first, rest].concat(), sent.as_bytes());

    let reply = ask(&gateway, asks()).await;
    assert_eq!(reply.status, 404);
    assert_eq!(reply.json()["error"]["code"], "model_not_found");
    assert_eq!(page.azure.requests().len(), 1);
}
