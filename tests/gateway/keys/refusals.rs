//! What needs a key, what doesn't, and what those hear who have none.

use axum::Router;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use serde_json::Value;
use tower::{Layer, ServiceExt};
use tower_http::cors::CorsLayer;
use tower_llm_gateway::{Body, format::ApiFormat};

use crate::{
    bodies::error_message,
    caller::{CHAT, Reply, ask, post},
};

use super::{KEY, World, asks, pairs, with};

#[tokio::test]
async fn who_has_no_key_is_refused_in_the_caller_s_format_whole_or_streamed() {
    let world = World::guarded().await;
    for (client, provider) in pairs() {
        let refused = async |stream, headers: &[(&'static str, &str)]| {
            let request = with(asks(client, provider, stream), headers);
            let reply = ask(&world.gateway, request).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
            assert_eq!(reply.header("content-type"), "application/json");
            error_message(client, &reply.json());
            reply.json()
        };
        for stream in [false, true] {
            let none = refused(stream, &[]).await;
            let wrong = refused(stream, &[("authorization", "Bearer CANARY-client-wrong")]).await;
            assert_ne!(none, wrong);
            assert!(!wrong.to_string().contains("CANARY-client"), "{wrong}");
        }
    }
    assert!(world.seen().is_empty());
}

#[tokio::test]
async fn who_has_no_key_is_refused_before_its_body_is_looked_at() {
    let world = World::guarded().await;
    let reply = ask(&world.gateway, post(CHAT, "{")).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn lists_of_models_need_a_key_and_keep_the_caller_s_shape() {
    let world = World::guarded().await;
    let list = |path: &str, headers: &[(&'static str, &str)]| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        ask(&world.gateway, with(request, headers))
    };
    let version = ("anthropic-version", "2023-06-01");
    let by_query = format!("/v1/models?key={KEY}");
    for (path, key, others, member) in [
        (
            "/v1/models",
            Some(("authorization", "Bearer CANARY-client-bob")),
            None,
            "object",
        ),
        (
            "/v1/models",
            Some(("x-api-key", KEY)),
            Some(version),
            "has_more",
        ),
        ("/v1/models", Some(("x-goog-api-key", KEY)), None, "models"),
        (
            "/v1beta/models",
            Some(("x-goog-api-key", KEY)),
            None,
            "models",
        ),
        (&by_query, None, None, "models"),
    ] {
        let others: Vec<_> = others.into_iter().collect();
        let headers: Vec<_> = key.into_iter().chain(others.iter().copied()).collect();
        let reply = list(path, &headers).await;
        assert_eq!(reply.status, 200, "{path} {headers:?}");
        assert!(
            reply.json().get(member).is_some(),
            "{path} {}",
            reply.text()
        );
        let path = path.replace(KEY, "wrong");
        assert_eq!(list(&path, &others).await.status, 401, "{path}");
    }
    let refused: Value = list("/v1/models", &[version]).await.json();
    assert_eq!(refused["error"]["type"], "authentication_error");
}

#[tokio::test]
async fn the_host_s_own_paths_need_no_key_and_keep_their_credentials() {
    let world = World::guarded().await;
    let host = Router::new().fallback(|uri: Uri, headers: HeaderMap| async move {
        let key = format!("Bearer {KEY}");
        let same = headers
            .get("authorization")
            .is_some_and(|value| *value == key);
        format!("{} {same}", uri == "/account?key=CANARY-theirs")
    });
    let app = host.layer(world.gateway.layer());
    let request =
        Request::get("/account?key=CANARY-theirs").header("authorization", format!("Bearer {KEY}"));
    let response = app
        .clone()
        .oneshot(request.body(axum::body::Body::empty()).unwrap())
        .await;
    let reply = Reply::of(response.unwrap()).await;
    assert_eq!(reply.text(), "true true");

    let request = Request::post(CHAT)
        .body(axum::body::Body::from("{}"))
        .unwrap();
    assert_eq!(
        app.oneshot(request).await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );

    // Alone, the gateway has nothing to guard there.
    let nowhere = Request::get("/account").body(Body::empty()).unwrap();
    assert_eq!(
        ask(&world.gateway, nowhere).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn preflights_need_no_key_and_refusals_can_be_read_across_origins() {
    let world = World::guarded().await;
    let service = CorsLayer::permissive().layer(world.gateway.service());
    let request = Request::builder().method(Method::OPTIONS).uri(CHAT);
    let request = request
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization");
    let response = service
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await;
    assert_eq!(response.unwrap().status(), StatusCode::OK);

    let origin = [("origin", "https://app.example")];
    let request = with(asks(ApiFormat::OPENAI, ApiFormat::OPENAI, false), &origin);
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
}
