//! Where SDKs put the key, and that it stays where it is read.

use http::{HeaderMap, Request, StatusCode, Uri};
use tower_llm_gateway::{Body, format::ApiFormat};

use crate::caller::ask;

use super::{KEY, World, asks, pairs, with};

/// The same, with the key in its query.
fn with_query(mut request: Request<Body>, key: &str) -> Request<Body> {
    let uri = request.uri().to_string();
    let before = if uri.contains('?') { '&' } else { '?' };
    *request.uri_mut() = format!("{uri}{before}key={key}").parse().unwrap();
    request
}

/// The headers of SDKs, with `KEY` for the key.
fn sdk(format: ApiFormat) -> Vec<Vec<(&'static str, &'static str)>> {
    let version = ("anthropic-version", "2023-06-01");
    match format.id() {
        "openai" => vec![
            vec![
                ("authorization", "Bearer KEY"),
                ("x-stainless-lang", "python"),
            ],
            vec![("api-key", "KEY"), ("x-stainless-lang", "js")],
        ],
        "openai_responses" => vec![vec![("authorization", "Bearer KEY"), ("openai-beta", "x")]],
        "anthropic" => vec![
            vec![("x-api-key", "KEY"), version],
            vec![("authorization", "Bearer KEY"), version],
            vec![
                ("x-api-key", "KEY"),
                ("authorization", "Bearer CANARY-other"),
                version,
            ],
            vec![
                ("x-api-key", "CANARY-other"),
                ("authorization", "Bearer KEY"),
                version,
            ],
            vec![
                ("x-api-key", "KEY"),
                ("authorization", "Bearer KEY"),
                version,
            ],
        ],
        _ => vec![vec![
            ("x-goog-api-key", "KEY"),
            ("x-goog-api-client", "genai"),
        ]],
    }
}

/// All ways in which SDKs of this format send this key with a request.
fn ways(client: ApiFormat, provider: ApiFormat, key: &str) -> Vec<Request<Body>> {
    let mut ways = Vec::new();
    for headers in sdk(client) {
        let headers: Vec<_> = headers
            .into_iter()
            .map(|(name, value)| (name, value.replace("KEY", key)))
            .collect();
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        ways.push(with(asks(client, provider, false), &headers));
    }
    if client == ApiFormat::GEMINI {
        ways.push(with_query(asks(client, provider, false), key));
    }
    ways
}

#[track_caller]
fn assert_not_there(seen: &[(Uri, HeaderMap)]) {
    assert!(!seen.is_empty());
    let seen = format!("{seen:?}");
    assert!(!seen.contains("CANARY-client"), "{seen}");
}

#[tokio::test]
async fn every_sdk_s_way_to_send_a_key_is_understood_and_no_provider_gets_it() {
    let world = World::guarded().await;
    for (client, provider) in pairs() {
        for request in ways(client, provider, KEY) {
            let shown = format!("{request:?}");
            let reply = ask(&world.gateway, request).await;
            assert_eq!(reply.status, 200, "{shown} {}", reply.text());
            assert_not_there(&world.seen());
        }
        for request in ways(client, provider, "wrong") {
            let reply = ask(&world.gateway, request).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
            assert!(world.seen().is_empty());
        }
    }
}

#[tokio::test]
async fn a_provider_that_gets_the_caller_s_own_credential_does_not_get_its_key() {
    let keys = format!("proxy_api_keys: [{KEY}]");
    let world = World::start(&keys, "auth: forward_client").await;
    for (client, provider) in pairs() {
        for request in ways(client, provider, KEY) {
            let reply = ask(&world.gateway, request).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            assert_not_there(&world.seen());
        }
    }
    // Which of two is the key is told by the keys, not by the place.
    let client = ApiFormat::ANTHROPIC;
    for (request, name, own) in [
        (
            [("x-api-key", KEY), ("authorization", "Bearer CANARY-own")],
            "authorization",
            "Bearer CANARY-own",
        ),
        (
            [
                ("x-api-key", "CANARY-own"),
                ("authorization", &format!("Bearer {KEY}")),
            ],
            "x-api-key",
            "CANARY-own",
        ),
    ] {
        ask(&world.gateway, with(asks(client, client, false), &request)).await;
        let seen = world.seen();
        assert_eq!(seen[0].1[name], own);
        assert_not_there(&seen);
    }
}
