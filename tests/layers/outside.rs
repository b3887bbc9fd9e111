//! tower-http's layers around the stack: a stream's first event is there before the second is sent, in each.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Body as HttpBody;
use http_body_util::BodyExt;
use tokio::time::timeout;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn, util::BoxCloneSyncService};
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, cors::CorsLayer,
    limit::RequestBodyLimitLayer, sensitive_headers::SetSensitiveHeadersLayer,
    timeout::TimeoutLayer, trace::TraceLayer,
};
use tower_llm_gateway::{
    Body, BoxError, format::ApiFormat, plugin::PipelineLayer, translate::TranslateLayer,
};

use crate::stacks::{answer, chat, events, json, router, selected};

type Stack = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// The stack over a service that answers with this once.
fn stack(answer: Response<Body>) -> Stack {
    let answer = Arc::new(Mutex::new(Some(answer)));
    let inner = service_fn(move |_: Request<Body>| {
        let answer = answer.lock().unwrap().take().expect("asked once");
        async { Ok::<_, BoxError>(answer) }
    });
    let stack = ServiceBuilder::new()
        .layer(router())
        .layer(TranslateLayer::selected())
        .layer(PipelineLayer::new())
        .service(inner);
    Stack::new(stack)
}

const FIRST: &str = "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"one\"},\"finish_reason\":null}]}\n\n";
const SECOND: &str = "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"two\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

async fn until<B>(body: &mut B, words: &str)
where
    B: HttpBody<Data = Bytes, Error: std::fmt::Debug> + Unpin,
{
    let mut text = String::new();
    while !text.contains(words) {
        let frame = timeout(Duration::from_secs(5), body.frame()).await;
        let frame = frame.expect("it is not held back");
        let frame = frame.expect("the stream goes on").unwrap();
        let data = frame.into_data().unwrap_or_default();
        text.push_str(std::str::from_utf8(&data).expect("events are not compressed"));
    }
}

/// Events come one by one through this layer, as they are and translated.
async fn assert_streams<L, B, E>(layer: L)
where
    L: Layer<Stack, Service: Service<Request<Body>, Response = Response<B>, Error = E>>,
    B: HttpBody<Data = Bytes, Error: std::fmt::Debug>,
    E: std::fmt::Debug,
{
    for client in [ApiFormat::OPENAI, ApiFormat::ANTHROPIC] {
        let (send, response) = events();
        let mut request = selected(client);
        let streamed = format!("{{\"stream\":true,{}", &body_of(client)[1..]);
        *request.body_mut() = Body::from(streamed);
        let headers = request.headers_mut();
        headers.insert(
            "accept-encoding",
            HeaderValue::from_static("gzip, br, zstd"),
        );
        headers.insert("origin", HeaderValue::from_static("https://example.com"));
        send.send(FIRST).unwrap();
        let response = layer.layer(stack(response)).oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let mut body = Box::pin(response.into_body());
        until(&mut body, "one").await;
        send.send(SECOND).unwrap();
        until(&mut body, "two").await;
    }
}

fn body_of(client: ApiFormat) -> &'static str {
    if client == ApiFormat::ANTHROPIC {
        r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#
    } else {
        r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#
    }
}

#[tokio::test]
async fn events_come_one_by_one_through_trace() {
    assert_streams(TraceLayer::new_for_http()).await;
}

#[tokio::test]
async fn events_come_one_by_one_through_compression() {
    assert_streams(CompressionLayer::new()).await;
}

#[tokio::test]
async fn events_come_one_by_one_through_timeout() {
    let status = StatusCode::GATEWAY_TIMEOUT;
    let layer = TimeoutLayer::with_status_code(status, Duration::from_secs(600));
    assert_streams(layer).await;
}

#[tokio::test]
async fn events_come_one_by_one_through_cors() {
    assert_streams(CorsLayer::permissive()).await;
}

#[tokio::test]
async fn events_come_one_by_one_through_catch_panic() {
    assert_streams(CatchPanicLayer::new()).await;
}

#[tokio::test]
async fn events_come_one_by_one_through_sensitive_headers() {
    let layer = SetSensitiveHeadersLayer::new([http::header::AUTHORIZATION]);
    assert_streams(layer).await;
}

#[tokio::test]
async fn a_whole_answer_is_compressed_for_who_wants_it() {
    let mut request = chat();
    let gzip = HeaderValue::from_static("gzip");
    request
        .headers_mut()
        .insert("accept-encoding", gzip.clone());
    let service = CompressionLayer::new().layer(stack(answer()));
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.headers().get("content-encoding"), Some(&gzip));
}

/// The router below a host's own limit.
async fn limited(bytes: usize, request: Request<Body>) -> Response<Body> {
    let inner = service_fn(|_: Request<Body>| async { Ok::<_, BoxError>(answer()) });
    let service = RequestBodyLimitLayer::new(bytes).layer(router().layer(inner));
    service.oneshot(request).await.unwrap().map(Body::new)
}

#[tokio::test]
async fn a_limit_outside_that_is_met_on_the_way_is_413_in_the_caller_s_words() {
    let response = limited(16, chat()).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(json(response).await["error"]["code"], "request_too_large");
}

#[tokio::test]
async fn a_limit_outside_lets_what_is_small_through() {
    let response = limited(4096, chat()).await;
    assert_eq!(json(response).await["model"], "m");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_outside_bounds_the_time_to_the_head_only() {
    let (send, response) = events();
    let status = StatusCode::GATEWAY_TIMEOUT;
    let layer = TimeoutLayer::with_status_code(status, Duration::from_secs(1));
    send.send(FIRST).unwrap();
    let request = selected(ApiFormat::OPENAI);
    let response = layer.layer(stack(response)).oneshot(request).await.unwrap();
    let mut body = response.into_body();
    until(&mut body, "one").await;
    tokio::time::advance(Duration::from_secs(120)).await;
    send.send(SECOND).unwrap();
    until(&mut body, "two").await;
}

#[tokio::test]
async fn cors_answers_what_a_browser_asks_before() {
    let request = Request::options("/v1/chat/completions")
        .header("origin", "https://example.com")
        .header("access-control-request-method", "POST")
        .body(Body::empty());
    let service = CorsLayer::permissive().layer(stack(answer()));
    let response = service.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(
        response
            .headers()
            .contains_key("access-control-allow-origin")
    );
}
