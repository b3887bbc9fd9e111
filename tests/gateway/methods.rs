//! Methods that endpoints do not have, preflights, and upgrades.

use http::{Method, Request};
use tower::{ServiceBuilder, ServiceExt};
use tower_http::cors::CorsLayer;
use tower_llm_gateway::{Body, Gateway};

use crate::{
    caller::{CHAT, Caller, MESSAGES, Reply},
    echo::Echo,
    support::page::Page,
};

async fn asked(gateway: &Gateway, method: Method, path: &str) -> Reply {
    let request = Request::builder().method(method).uri(path);
    let request = request.body(Body::empty()).unwrap();
    Reply::of(gateway.service().oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn a_method_that_an_endpoint_does_not_have_is_405_in_the_caller_s_words() {
    let page = Page::start().await;
    let gateway = page.gateway().unwrap();
    for method in [Method::GET, Method::PUT, Method::OPTIONS, Method::DELETE] {
        for (path, caller, allow) in [
            (CHAT, Caller::OpenAi, "POST"),
            (MESSAGES, Caller::Anthropic, "POST"),
            ("/v1/embeddings/", Caller::OpenAi, "POST"),
        ] {
            let reply = asked(&gateway, method.clone(), path).await;
            assert_eq!(reply.status, 405, "{method} {path}");
            assert_eq!(reply.header("allow"), allow);
            assert!(reply.error(caller).1.contains("POST"));
        }
    }
    let reply = asked(&gateway, Method::POST, "/v1/models").await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("allow")),
        (405, "GET, HEAD")
    );
    let reply = asked(&gateway, Method::GET, "/v1beta/models/m:generateContent").await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("allow")),
        (405, "POST")
    );
    assert_eq!(reply.json()["error"]["code"], 405);
}

#[tokio::test]
async fn a_path_that_is_no_api_s_is_404_whatever_the_method() {
    let page = Page::start().await;
    let gateway = page.gateway().unwrap();
    for method in [Method::GET, Method::OPTIONS, Method::POST] {
        let reply = asked(&gateway, method, "/nowhere").await;
        assert_eq!(reply.status, 404);
        reply.error(Caller::OpenAi);
    }
}

#[tokio::test]
async fn a_layer_outside_answers_preflights_and_marks_answers_errors_and_streams() {
    let page = Page::start().await;
    let gateway = page.gateway().unwrap();
    let cors = CorsLayer::permissive();
    let service = ServiceBuilder::new().layer(cors).service(gateway.service());
    let from_page = |mut request: Request<Body>| {
        let headers = request.headers_mut();
        headers.insert("origin", "https://page.example".parse().unwrap());
        request
    };
    let preflight = Request::options(CHAT).header("access-control-request-method", "POST");
    let preflight = preflight.header("access-control-request-headers", "authorization");
    for (request, status) in [
        (preflight.body(Body::empty()).unwrap(), 200),
        (Caller::OpenAi.asks("gpt-4o", "Hi", false), 200),
        (Caller::OpenAi.asks("gpt-4o", "Hi", true), 200),
        (Caller::OpenAi.asks("foo", "Hi", true), 404),
        (Request::get(CHAT).body(Body::empty()).unwrap(), 405),
    ] {
        let reply = service.clone().oneshot(from_page(request)).await.unwrap();
        let reply = Reply::of(reply).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("access-control-allow-origin"), "*");
    }
}

#[tokio::test]
async fn situation_50_a_web_socket_elsewhere_is_the_host_s() {
    let echo = Echo::json().await;
    let host = axum::Router::new().fallback(|| async { "the host's" });
    let app = host.layer(echo.gateway("openai", "m", "").layer());
    for (path, is_host_s) in [("/socket", true), ("/v1/realtime", false)] {
        let request = Request::get(path).header("upgrade", "websocket");
        let request = request.body(axum::body::Body::empty()).unwrap();
        let reply = Reply::of(app.clone().oneshot(request).await.unwrap()).await;
        assert_eq!(reply.text() == "the host's", is_host_s, "{path}");
    }
}
