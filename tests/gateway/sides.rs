//! On which side of the translation plugins run, and in which order.

use std::sync::{Arc, Mutex};

use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::{ServiceExt, layer::layer_fn, service_fn};
use tower_llm_gateway::{
    Body, BoxError, Gateway,
    config::Config,
    plugin::{PluginLayer, Registry, Stack},
};

use crate::{
    caller::{CHAT, Caller, SONNET, ask, gateway_with},
    support::page::Page,
};

/// What the plugins saw: their names on the way there, with the format of the body, and on the way back.
type Seen = Arc<Mutex<Vec<String>>>;

/// A plugin that notes what it sees.
fn noting(name: String, seen: Seen) -> PluginLayer {
    PluginLayer::new(layer_fn(move |inner: Stack| {
        let (name, seen) = (name.clone(), Arc::clone(&seen));
        service_fn(move |request: Request<Body>| {
            let (name, seen, inner) = (name.clone(), Arc::clone(&seen), inner.clone());
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                let format = format_of(&serde_json::from_slice(&body)?);
                seen.lock().unwrap().push(format!("{name} {format}"));
                let request = Request::from_parts(parts, Body::from(body));
                let response: Result<Response<Body>, BoxError> = inner.oneshot(request).await;
                seen.lock().unwrap().push(format!("back {name}"));
                response
            }
        })
    }))
}

/// Only Anthropic demands a limit, and the caller here gives none.
fn format_of(body: &Value) -> &'static str {
    match body.get("max_tokens") {
        Some(_) => "anthropic",
        None => "openai",
    }
}

/// The page's gateway with these pipelines for chat completions with Claude, and for everything.
fn gateway(page: &Page, claude: &str, everything: &str) -> (Gateway, Seen) {
    let seen = Seen::default();
    let mut registry = Registry::default();
    let plugins = Arc::clone(&seen);
    registry.register("note", move |name| {
        let name = name.as_str().unwrap_or_default().to_owned();
        Ok(noting(name, Arc::clone(&plugins)))
    });
    let rules = format!(
        "rules:
  - {{id: claude, pattern_path: {CHAT}, pattern_model: {SONNET}, pipeline_config: [{claude}]}}
  - {{id: everything, pipeline_config: [{everything}]}}
"
    );
    let config = page.config();
    let (downstreams, _) = config.split_once("rules:\n").unwrap();
    let config = Config::from_yaml(&format!("{downstreams}{rules}")).unwrap();
    let built = Gateway::builder(config)
        .plugins(registry)
        .downstream(Page::downstream())
        .build();
    (built.unwrap_or_else(|errors| panic!("{errors}")), seen)
}

fn note(name: &str) -> String {
    format!("{{plugin_id: note, config: {name}}}")
}

const O2A: &str = "{plugin_id: openai2anthropic}";
const A2O: &str = "{plugin_id: anthropic2openai}";

/// What the plugins saw of a question for this model.
async fn seen(claude: &[&str], everything: &[&str], model: &str) -> Vec<String> {
    let page = Page::start().await;
    let (gateway, seen) = gateway(&page, &claude.join(", "), &everything.join(", "));
    let reply = ask(&gateway, Caller::OpenAi.asks(model, "Hi", false)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["object"], "chat.completion");
    let seen = seen.lock().unwrap();
    seen.clone()
}

#[tokio::test]
async fn what_stands_before_a_translator_sees_the_caller_s_format_and_the_rest_the_provider_s() {
    let (a, b) = (note("a"), note("b"));
    assert_eq!(
        seen(&[&a, O2A, &b], &[], SONNET).await,
        ["a openai", "b anthropic", "back b", "back a"]
    );
}

#[tokio::test]
async fn a_translator_of_the_response_moves_nothing_in_front_of_it() {
    let a = note("a");
    assert_eq!(
        seen(&[&a, A2O], &[], SONNET).await,
        ["a anthropic", "back a"]
    );
}

#[tokio::test]
async fn without_a_translator_of_its_own_rule_a_plugin_runs_before_the_provider() {
    let (a, b, c) = (note("a"), note("b"), note("c"));
    assert_eq!(
        seen(&[&a], &[&b, O2A, &c], SONNET).await,
        [
            "b openai",
            "a anthropic",
            "c anthropic",
            "back c",
            "back a",
            "back b"
        ]
    );
}

#[tokio::test]
async fn a_translator_whose_leg_is_taken_moves_nothing_in_front_of_it() {
    let (a, b, c, d) = (note("a"), note("b"), note("c"), note("d"));
    assert_eq!(
        seen(&[&a, O2A, &b], &[&c, O2A, &d], SONNET).await,
        [
            "a openai",
            "b anthropic",
            "c anthropic",
            "d anthropic",
            "back d",
            "back c",
            "back b",
            "back a"
        ]
    );
}

#[tokio::test]
async fn where_nothing_is_translated_all_run_in_the_order_of_the_rules() {
    let (a, b) = (note("a"), note("b"));
    assert_eq!(
        seen(&[], &[&a, O2A, &b], "gpt-4o").await,
        ["a openai", "b openai", "back b", "back a"]
    );
}

#[tokio::test]
async fn row_51_a_header_set_before_a_translator_arrives_with_a_body_that_is_translated_once() {
    let page = Page::start().await;
    let gateway = gateway_with(&page, |config| {
        let header = "plugin_id: custom_header\n        config: {headers: {x-team: blue, openai-lab: two}}\n      - plugin_id: openai2anthropic";
        config.replace("plugin_id: anthropic2openai", header)
    });
    let reply = ask(&gateway, Caller::OpenAi.asks(SONNET, "Hi", false)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["object"], "chat.completion");
    let requests = page.anthropic.requests();
    let [request] = requests.as_slice() else {
        panic!("one request");
    };
    assert_eq!(request.header("x-team"), Some("blue"));
    assert_eq!(request.header("openai-lab"), Some("two"));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["messages"][0]["role"], "user");
    assert_eq!(format_of(&body), "anthropic");
}
