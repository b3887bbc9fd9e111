//! Paths as callers spell them, and where a host mounts the gateway.

use axum::{Router, body::Body as AxumBody, routing::any};
use http::Request;
use tower::ServiceExt;
use tower_llm_gateway::{Body, Gateway};

use crate::{
    caller::{CHAT, Reply, post},
    echo::Echo,
};

const QUESTION: &str = r#"{"model":"m","messages":[]}"#;

async fn asked(gateway: &Gateway, path: &str) -> Reply {
    let request = post(path, QUESTION);
    Reply::of(gateway.service().oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn all_spellings_of_a_path_lead_to_the_model() {
    for path in [
        "/v1/chat/completions/",
        "//v1//chat/completions",
        "/v1/%63hat/completions",
        "/llm/v1/chat/%63ompletion%73//",
    ] {
        let echo = Echo::json().await;
        let reply = asked(&echo.gateway("openai", "m", ""), path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        assert_eq!(echo.one().uri, CHAT);
    }
}

#[tokio::test]
async fn a_slash_that_is_encoded_is_none() {
    let echo = Echo::json().await;
    let reply = asked(&echo.gateway("openai", "m", ""), "/v1%2Fchat%2Fcompletions").await;
    assert_eq!(reply.status, 404);
    assert!(echo.seen().is_empty());
}

#[tokio::test]
async fn a_path_that_goes_up_leads_nowhere() {
    let echo = Echo::json().await;
    let gateway = echo.gateway("openai", "m", "");
    for path in [
        "/v1/../v1/chat/completions",
        "/x/%2e%2E/v1/chat/completions",
        "/./v1/chat/completions",
    ] {
        assert_eq!(asked(&gateway, path).await.status, 404, "{path}");
    }
    assert!(echo.seen().is_empty());
}

#[tokio::test]
async fn a_rule_s_path_is_met_in_any_spelling() {
    let rule = "{id: r, pattern_path: /v1/chat/completions/, pattern_model: m, match_downstreams: [echo], output_model: renamed}";
    for path in [CHAT, "/v1/chat/completions/", "/v1//chat/%63ompletions"] {
        let echo = Echo::json().await;
        let reply = asked(&echo.gateway("openai", "", rule), path).await;
        assert_eq!(reply.status, 200, "{path}");
        let sent: serde_json::Value = serde_json::from_slice(&echo.one().body).unwrap();
        assert_eq!(sent["model"], "renamed");
    }
}

#[tokio::test]
async fn a_rule_with_a_star_in_front_is_for_any_prefix() {
    let rule = "{id: r, pattern_path: '*/v1/chat/completions', pattern_model: m, match_downstreams: [echo]}";
    let echo = Echo::json().await;
    let gateway = echo.gateway("openai", "", rule);
    for path in [CHAT, "/llm/v1/chat/completions"] {
        assert_eq!(asked(&gateway, path).await.status, 200, "{path}");
    }
    assert_eq!(asked(&gateway, "/chat/completions").await.status, 404);
}

#[tokio::test]
async fn a_gemini_model_s_name_may_hold_a_slash() {
    let echo = Echo::json().await;
    let path = "/v1beta/models/org%2Fmodel:embedContent/";
    let reply = asked(&echo.gateway("gemini", "org/model", ""), path).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(echo.one().uri.path(), "/v1/models/org%2Fmodel:embedContent");
}

#[tokio::test]
async fn the_gateway_may_be_mounted_at_a_prefix() {
    let echo = Echo::json().await;
    let gateway = echo.gateway("openai", "m", "");
    let host = || Router::new().route("/{*rest}", any(|| async { "the host's" }));
    let mounted: [(&str, Router); 4] = [
        ("nested service", {
            Router::new().nest_service("/llm", gateway.service())
        }),
        ("nested router", {
            let inner = Router::new().fallback_service(gateway.service());
            Router::new().nest("/llm", inner)
        }),
        ("nested layer", {
            Router::new().nest("/llm", host().layer(gateway.layer()))
        }),
        ("layer outside", host().layer(gateway.layer())),
    ];
    for (how, app) in mounted {
        let request = post("/llm/v1/chat/completions", QUESTION).map(AxumBody::new);
        let reply = Reply::of(app.oneshot(request).await.unwrap()).await;
        assert_eq!(
            (reply.status.as_u16(), &*reply.text()),
            (200, "{}"),
            "{how}"
        );
    }
    assert!(echo.seen().iter().all(|seen| seen.uri == CHAT));
}

#[tokio::test]
async fn what_is_not_ours_reaches_the_host_as_it_was_spelled() {
    let echo = Echo::json().await;
    let host = any(|request: Request<AxumBody>| async move { request.uri().to_string() });
    let app = Router::new().fallback(host);
    let app = app.layer(echo.gateway("openai", "m", "").layer());
    for path in ["//a//%62/?c=%64", "/v1/../v1/messages"] {
        let request = Request::post(path).body(Body::empty()).unwrap();
        let reply = app.clone().oneshot(request.map(AxumBody::new)).await;
        assert_eq!(Reply::of(reply.unwrap()).await.text(), path);
    }
}
