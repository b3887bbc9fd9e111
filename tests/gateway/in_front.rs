//! The gateway as a layer around what a host had before.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body as AxumBody,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use bytes::Bytes;
use http::{Method, Request, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic_health::{
    ServingStatus,
    pb::{HealthCheckRequest, health_client::HealthClient},
    server::HealthReporter,
};
use tower::{Layer, ServiceExt};
use tower_llm_gateway::Gateway;

use crate::{
    caller::{CALLERS, CHAT, Reply, SONNET, upstream_calls},
    inner::Gate,
    support::page::Page,
};

/// A host with a page, an upload that is echoed as it comes, and a 404 of its own.
fn host() -> Router {
    Router::new()
        .route("/", get(|| async { "home" }))
        .route(CHAT, get(|| async { "the host's own" }))
        .route("/echo", post(|body: AxumBody| async { body }))
        .fallback(|| async { (http::StatusCode::NOT_FOUND, "nothing of the host's") })
        .layer(DefaultBodyLimit::disable())
}

fn in_front(page: &Page) -> Router {
    host().layer(page.gateway().unwrap().layer())
}

async fn send(app: Router, request: Request<AxumBody>) -> Reply {
    Reply::of(app.oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn the_host_s_routes_answer_as_before() {
    let page = Page::start().await;
    for (method, path, status, body) in [
        (Method::GET, "/", 200, "home"),
        (Method::GET, CHAT, 200, "the host's own"),
        (Method::GET, "/nowhere", 404, "nothing of the host's"),
        (Method::POST, "/nowhere", 404, "nothing of the host's"),
        (
            Method::POST,
            "/rooms/1/messages",
            404,
            "nothing of the host's",
        ),
        (
            Method::POST,
            "/surveys/5/responses",
            404,
            "nothing of the host's",
        ),
        (
            Method::POST,
            "/jobs/completions",
            404,
            "nothing of the host's",
        ),
        (Method::PUT, "/echo", 405, ""),
    ] {
        let request = Request::builder().method(method).uri(path);
        let request = request.body(AxumBody::empty()).unwrap();
        let reply = send(in_front(&page), request).await;
        assert_eq!(
            (reply.status.as_u16(), reply.text().as_str()),
            (status, body),
            "{path}"
        );
    }
    assert_eq!(upstream_calls(&page), 0);
}

#[tokio::test]
async fn what_is_for_a_model_is_answered() {
    let page = Page::start().await;
    for caller in CALLERS {
        for model in ["gpt-4o", SONNET] {
            let request = caller.asks(model, "Hi", true).map(AxumBody::new);
            let reply = send(in_front(&page), request).await;
            assert_eq!(reply.status, 200);
            assert!(reply.text().contains(caller.terminal()));
        }
    }
}

#[tokio::test]
async fn an_upload_passes_as_it_comes() {
    let page = Page::start().await;
    let (gate, body) = Gate::new();
    let request = Request::post("/echo").body(AxumBody::new(body)).unwrap();
    let response = in_front(&page).oneshot(request).await.unwrap();
    let mut echoed = response.into_body();
    for piece in ["one", "two", "three"] {
        gate.send(piece);
        let frame = echoed.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), piece);
    }
}

#[tokio::test]
async fn an_upload_may_be_larger_than_any_request_to_a_model() {
    let page = Page::start().await;
    let config = tower_llm_gateway::config::Config::from_yaml(&page.config()).unwrap();
    let gateway = tower_llm_gateway::Gateway::builder(config)
        .body_limit(8)
        .build();
    let app = host().layer(gateway.unwrap().layer());
    let request = Request::post("/echo")
        .body(AxumBody::from("x".repeat(100)))
        .unwrap();
    assert_eq!(send(app, request).await.text().len(), 100);
}

/// A gRPC health service.
async fn healthy() -> (Router, HealthReporter) {
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter
        .set_service_status("a", ServingStatus::Serving)
        .await;
    (Routes::new(health).into_axum_router(), reporter)
}

/// The app on a port.
async fn served(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}

/// A gRPC health service behind the gateway, on a port.
async fn grpc(page: &Page) -> (SocketAddr, HealthReporter) {
    let (host, reporter) = healthy().await;
    let app = host.layer(page.gateway().unwrap().layer());
    (served(app).await, reporter)
}

async fn health(address: SocketAddr) -> HealthClient<tonic::transport::Channel> {
    let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{address}"));
    HealthClient::new(endpoint.unwrap().connect().await.unwrap())
}

fn of(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}

#[tokio::test]
async fn a_grpc_call_passes() {
    let page = Page::start().await;
    let (address, _reporter) = grpc(&page).await;
    let mut client = health(address).await;
    let status = client.check(of("a")).await.unwrap().into_inner().status;
    assert_eq!(status, ServingStatus::Serving as i32);
    let error = client.check(of("unknown")).await.unwrap_err();
    assert_eq!(error.code(), tonic::Code::NotFound);
}

#[tokio::test]
async fn a_grpc_stream_passes_message_by_message() {
    let page = Page::start().await;
    let (address, reporter) = grpc(&page).await;
    let mut client = health(address).await;
    let mut changes = client.watch(of("a")).await.unwrap().into_inner();
    for status in [
        ServingStatus::Serving,
        ServingStatus::NotServing,
        ServingStatus::Serving,
    ] {
        reporter.set_service_status("a", status).await;
        let message = changes.message().await.unwrap().unwrap();
        assert_eq!(message.status, status as i32);
    }
}

fn http2() -> Client<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http()
}

#[tokio::test]
async fn grpc_s_trailers_are_kept() {
    let page = Page::start().await;
    let (address, _reporter) = grpc(&page).await;
    let request = Request::post(format!("http://{address}/grpc.health.v1.Health/Check"))
        .version(Version::HTTP_2)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Full::from(vec![0; 5]));
    let response = http2().request(request.unwrap()).await.unwrap();
    assert!(!response.headers().contains_key("grpc-status"));
    let collected = response.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["grpc-status"], "0");
}

#[tokio::test]
async fn a_model_answers_on_the_port_that_grpc_has() {
    let page = Page::start().await;
    let (address, _reporter) = grpc(&page).await;
    for caller in CALLERS {
        let body = caller.question(SONNET, "Hi", true).to_string();
        let request = Request::post(format!("http://{address}{}", caller.path()));
        let request = request.body(Full::from(body)).unwrap();
        let reply = Reply::of(http2().request(request).await.unwrap()).await;
        assert_eq!(reply.status, 200);
        assert!(reply.text().contains(caller.terminal()));
    }
}

#[tokio::test]
async fn grpc_and_a_model_of_the_host_s_own_share_a_port() {
    let config = "downstreams: [{id: own, handler: inner, api_formats: [openai], output_model_ids: [parrot]}]";
    let gateway = Gateway::from_yaml(config).unwrap();
    let (host, _reporter) = healthy().await;
    let answer = r#"{"choices":[{"message":{"content":"from the host"},"finish_reason":"stop"}]}"#;
    let host = host.route(CHAT, post(async move || answer));
    let app = Router::new().fallback_service(gateway.layer().layer(host));
    let address = served(app).await;

    let mut client = health(address).await;
    let status = client.check(of("a")).await.unwrap().into_inner().status;
    assert_eq!(status, ServingStatus::Serving as i32);
    // Its status comes in the trailers.
    let error = client.check(of("unknown")).await.unwrap_err();
    assert_eq!(error.code(), tonic::Code::NotFound);
    for caller in CALLERS {
        let body = caller.question("parrot", "Hi", false).to_string();
        let request = Request::post(format!("http://{address}{}", caller.path()));
        let request = request.body(Full::from(body)).unwrap();
        let reply = Reply::of(http2().request(request).await.unwrap()).await;
        assert!(reply.text().contains("from the host"), "{}", reply.text());
    }
}
