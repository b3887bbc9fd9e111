//! What a downstream or a rule may say of translation, through the whole gateway.

use http::{HeaderMap, HeaderValue, Request};
use serde_json::json;
use tower_llm_gateway::{Body, Gateway, config::Config};

use crate::{
    caller::{CHAT, MESSAGES, Reply, SONNET, ask, post},
    support::doubles::{Double, Running},
};

/// A gateway before doubles of both providers, with these entries for each of them and for a rule.
async fn gateway(downstream: &str, rule: &str) -> ([Running; 2], Gateway) {
    let openai = Double::openai("CANARY-ours").start().await;
    let anthropic = Double::anthropic("CANARY-ours").start().await;
    let config = format!(
        "downstreams:
- id: openai
  api_formats: [openai]
  base_url: {}
  api_key: CANARY-ours
  output_model_ids: [gpt-4o]
{downstream}
- id: anthropic
  api_formats: [anthropic]
  base_url: {}
  api_key: CANARY-ours
  output_model_ids: [{SONNET}]
{downstream}
rules:
- id: rule
  pattern_model: '*'
{rule}
",
        openai.url(),
        anthropic.url()
    );
    ([openai, anthropic], Gateway::from_yaml(&config).unwrap())
}

/// An OpenAI caller's request, of which Anthropic's API can't say `seed`.
fn lossy() -> Request<Body> {
    let messages = json!([{"role": "user", "content": "Hi"}]);
    post(
        CHAT,
        json!({"model": SONNET, "messages": messages, "seed": 1}).to_string(),
    )
}

#[tokio::test]
async fn strict_is_said_by_downstreams_and_rules() {
    for (downstream, rule, status) in [
        ("", "", 200),
        ("  strict: true", "", 400),
        ("", "  strict: true", 400),
        ("  strict: true", "  strict: false", 200),
        ("  strict: true\n  strict_except: [seed]", "", 200),
        ("  strict: true\n  strict_except: [user]", "", 400),
    ] {
        let (doubles, gateway) = gateway(downstream, rule).await;
        let reply = ask(&gateway, lossy()).await;
        assert_eq!(reply.status, status, "{downstream} {rule}");
        if status == 400 {
            assert_eq!(reply.json()["error"]["param"], "seed");
            assert!(doubles[1].requests().is_empty());
        }
    }
}

#[tokio::test]
async fn warnings_are_said_by_downstreams_and_rules() {
    for (downstream, rule, named) in [
        ("", "", ""),
        ("  translation_warnings: true", "", "seed"),
        ("", "  translation_warnings: true", "seed"),
        (
            "  translation_warnings: true",
            "  translation_warnings: false",
            "",
        ),
    ] {
        let (_doubles, gateway) = gateway(downstream, rule).await;
        let reply = ask(&gateway, lossy()).await;
        assert_eq!(
            reply.header("x-translation-warnings"),
            named,
            "{downstream} {rule}"
        );
    }
}

async fn count(gateway: &Gateway, model: &str) -> Reply {
    let body = json!({"model": model, "system": "1234", "messages": [{"role": "user", "content": "12345678"}]});
    ask(gateway, post("/v1/messages/count_tokens", body.to_string())).await
}

#[tokio::test]
async fn tokens_are_not_counted_where_the_provider_can_t() {
    let (doubles, gateway) = gateway("", "").await;
    let reply = count(&gateway, "gpt-4o").await;
    assert_eq!(reply.status, 501);
    assert_eq!(reply.json()["type"], "error");
    assert!(doubles[0].requests().is_empty());
}

#[tokio::test]
async fn tokens_are_estimated_where_the_downstream_says_so() {
    let (doubles, gateway) = gateway("  count_tokens: estimate", "").await;
    for model in ["gpt-4o", SONNET] {
        let reply = count(&gateway, model).await;
        assert_eq!(
            (reply.status.as_u16(), reply.text().as_str()),
            (200, r#"{"input_tokens":3}"#)
        );
        assert_eq!(reply.header("x-token-count"), "estimated");
    }
    assert!(doubles.iter().all(|double| double.requests().is_empty()));
}

/// The header that says who sends the request says also which version it is.
#[tokio::test]
async fn a_translated_request_has_the_version_of_the_downstream() {
    for (entry, version) in [
        ("", "2023-06-01"),
        ("  anthropic_version: 2023-06-01", "2023-06-01"),
        ("  anthropic_version: 2026-10-21", "2026-10-21"),
    ] {
        let (doubles, gateway) = gateway(entry, "").await;
        ask(&gateway, lossy()).await;
        let seen = doubles[1].requests().pop().unwrap();
        assert_eq!(seen.header("anthropic-version"), Some(version), "{entry}");
        assert_eq!(seen.header("anthropic-beta"), None);
    }
}

#[tokio::test]
async fn trap_002_a_request_that_passes_keeps_its_version_and_its_betas() {
    let (doubles, gateway) = gateway("  anthropic_version: 2023-06-01", "").await;
    let body =
        json!({"model": SONNET, "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]});
    let mut request = post(MESSAGES, body.to_string());
    let headers = request.headers_mut();
    headers.insert("anthropic-version", HeaderValue::from_static("2026-10-21"));
    headers.insert("anthropic-beta", HeaderValue::from_static("a-1,b-2"));
    ask(&gateway, request).await;
    let seen = doubles[1].requests().pop().unwrap();
    assert_eq!(seen.header("anthropic-version"), Some("2026-10-21"));
    assert_eq!(seen.header("anthropic-beta"), Some("a-1,b-2"));
}

#[tokio::test]
async fn trap_003_a_key_may_come_as_either_header_and_goes_on_as_one() {
    let forward = "  auth: forward_client";
    for (entry, sent, expected) in [
        (
            "",
            &[("authorization", "Bearer CANARY-theirs")][..],
            ("x-api-key", "CANARY-ours"),
        ),
        (
            "",
            &[("x-api-key", "CANARY-theirs")],
            ("x-api-key", "CANARY-ours"),
        ),
        (
            "",
            &[
                ("authorization", "Bearer CANARY-theirs"),
                ("x-api-key", "CANARY-theirs"),
            ],
            ("x-api-key", "CANARY-ours"),
        ),
        (
            forward,
            &[("authorization", "Bearer CANARY-ours")],
            ("authorization", "Bearer CANARY-ours"),
        ),
        (
            forward,
            &[("x-api-key", "CANARY-ours")],
            ("x-api-key", "CANARY-ours"),
        ),
        (
            forward,
            &[
                ("authorization", "Bearer CANARY-no"),
                ("x-api-key", "CANARY-ours"),
            ],
            ("x-api-key", "CANARY-ours"),
        ),
    ] {
        let (doubles, gateway) = gateway(entry, "").await;
        let body = json!({"model": SONNET, "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]});
        let mut request = post(MESSAGES, body.to_string());
        for (name, value) in sent {
            request
                .headers_mut()
                .insert(*name, HeaderValue::from_static(value));
        }
        let reply = ask(&gateway, request).await;
        assert_eq!(reply.status, 200, "{entry} {sent:?} {}", reply.text());
        let seen = doubles[1].requests().pop().unwrap();
        assert_eq!(credentials(&seen.headers), [expected], "{entry} {sent:?}");
    }
}

fn credentials(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let names = ["authorization", "x-api-key"].into_iter();
    let all = names.flat_map(|name| headers.get_all(name).iter().map(move |value| (name, value)));
    all.map(|(name, value)| (name, value.to_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn what_a_model_can_do_is_known_where_its_request_is_written() {
    for (entry, temperature) in [
        ("", json!(0.5)),
        ("  caps: {sampling: false}", json!(null)),
        ("  model_caps: {'claude-*': {sampling: false}}", json!(null)),
        ("  model_caps: {'gpt-*': {sampling: false}}", json!(0.5)),
    ] {
        let (doubles, gateway) = gateway(entry, "").await;
        let messages = json!([{"role": "user", "content": "Hi"}]);
        let body = json!({"model": SONNET, "messages": messages, "temperature": 0.5});
        ask(&gateway, post(CHAT, body.to_string())).await;
        let seen = doubles[1].requests().pop().unwrap();
        assert_eq!(seen.json()["temperature"], temperature, "{entry}");
    }
}

#[test]
fn lints_say_where_they_are_and_follow_what_is_reloaded() {
    let lines = |gateway: &Gateway| -> Vec<String> {
        gateway.lints().iter().map(ToString::to_string).collect()
    };
    let two = "downstreams:
  - {id: a, base_url: https://a, output_model_ids: [m]}
  - {id: b, base_url: https://b, output_model_ids: [m]}
";
    let gateway = Gateway::from_yaml(two).unwrap();
    assert_eq!(
        lines(&gateway),
        ["3:10: downstreams[1].id: model m owned by a, b"]
    );
    let apart = two.replace(
        "https://b, output_model_ids: [m]",
        "https://b, output_model_ids: [n]",
    );
    let apart = Config::from_yaml(&apart).unwrap();
    gateway.reload(&apart).unwrap();
    assert!(lines(&gateway).is_empty());
}
