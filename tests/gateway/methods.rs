//! Methods that endpoints do not have, preflights, and upgrades.

use http::{Method, Request};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
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

/// What comes back on a connection until it is closed.
async fn connection(gateway: &Gateway, sent: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().fallback_service(gateway.service());
    tokio::spawn(async { axum::serve(listener, app).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut received = String::new();
    // What was sent and not read may reset it.
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        received.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    received
}

#[tokio::test]
async fn a_web_socket_is_refused_and_what_follows_is_not_read() {
    for (path, words) in [
        ("/v1/realtime?model=m", "\"type\":\"invalid_request_error\""),
        ("/v1/responses", "\"type\":\"invalid_request_error\""),
        (CHAT, "\"type\":\"invalid_request_error\""),
        (MESSAGES, "{\"type\":\"error\""),
        (
            "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=k",
            "\"code\":426",
        ),
    ] {
        let echo = Echo::json().await;
        let gateway = echo.gateway("openai, anthropic, gemini", "m", "");
        let sent = format!(
            "GET {path} HTTP/1.1\r\nhost: h\r\nconnection: keep-alive, Upgrade\r\nupgrade: WebSocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\nGET /second HTTP/1.1\r\nhost: h\r\n\r\n"
        );
        let received = connection(&gateway, &sent).await;
        let received_lower = received.to_ascii_lowercase();
        assert!(received.starts_with("HTTP/1.1 426 "), "{path}: {received}");
        assert!(
            received_lower.contains("\r\nupgrade: http/1.1\r\n"),
            "{received}"
        );
        assert!(
            received_lower.contains("\r\nconnection: upgrade, close\r\n"),
            "{received}"
        );
        assert!(received.contains(words), "{received}");
        assert_eq!(received.matches("HTTP/1.1 ").count(), 1, "{received}");
        assert!(echo.seen().is_empty());
    }
}

#[tokio::test]
async fn a_web_socket_elsewhere_is_the_host_s() {
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
