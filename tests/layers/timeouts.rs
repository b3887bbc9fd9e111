//! tower-http's timeouts around the gateway: what each of them cuts, and what the caller hears of it.

use std::{convert::Infallible, future::pending, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::time::{Instant, sleep};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_http::timeout::{
    RequestBodyDeadlineLayer, RequestBodyTimeoutLayer, ResponseBodyDeadlineLayer,
    ResponseBodyTimeoutLayer, TimeoutLayer,
};
use tower_llm_gateway::{Body, BoxError, gateway::InFront};

use crate::stacks::{chat, gateway_with_handler, json};

const LIMIT: Duration = Duration::from_secs(9);

/// The gateway in front of a model that answers with what this makes.
fn gateway<F>(
    model: F,
) -> InFront<
    impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + Sync,
>
where
    F: Fn() -> Body + Clone + Send + Sync + 'static,
{
    let model = service_fn(move |request: Request<Body>| {
        let body = model();
        async move {
            let _ = request.into_body().collect().await;
            let response = Response::builder().header("content-type", "text/event-stream");
            Ok::<_, Infallible>(response.body(body).unwrap())
        }
    });
    gateway_with_handler().layer().layer(model)
}

/// A stream of so many events, each of them so many seconds after the one before.
fn events(interval: u64, count: usize) -> Body {
    const EVENT: &[u8] = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n";
    let events = stream::iter(0..count).then(move |_| async move {
        sleep(Duration::from_secs(interval)).await;
        Ok::<_, BoxError>(Frame::data(Bytes::from_static(EVENT)))
    });
    Body::new(StreamBody::new(Box::pin(events)))
}

fn streams() -> Request<Body> {
    let body = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}"#;
    chat().map(|_| Body::from(body))
}

/// A request of which a byte comes every so many seconds.
fn uploads(interval: u64) -> Request<Body> {
    let bytes = stream::repeat(()).then(move |()| async move {
        sleep(Duration::from_secs(interval)).await;
        Ok::<_, BoxError>(Frame::data(Bytes::from_static(b" ")))
    });
    chat().map(|_| Body::new(StreamBody::new(Box::pin(bytes))))
}

#[tokio::test(start_paused = true)]
async fn timeout_cuts_the_wait_for_the_head_without_a_word() {
    let model = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
    let app = gateway_with_handler().layer().layer(model);
    let layer = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, LIMIT);
    let response = layer.layer(app).oneshot(chat()).await.unwrap();
    assert_eq!(response.status(), 504);
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes(), "");
}

#[tokio::test(start_paused = true)]
async fn timeout_leaves_streams_alone() {
    let layer = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, LIMIT);
    let app = layer.layer(gateway(|| events(8, 8)));
    let response = app.oneshot(streams()).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(body.ends_with(b"\n\n") && body.len() > 400);
}

#[tokio::test(start_paused = true)]
async fn timeouts_of_requests_are_400_in_the_caller_s_words() {
    let idle = RequestBodyTimeoutLayer::new(LIMIT).layer(gateway(Body::empty));
    let stalls = uploads(10);
    let whole = RequestBodyDeadlineLayer::new(LIMIT).layer(gateway(Body::empty));
    let goes_on = uploads(2);
    let begin = Instant::now();
    let responses = [idle.oneshot(stalls).await, whole.oneshot(goes_on).await];
    assert_eq!(begin.elapsed(), 2 * LIMIT);
    for response in responses {
        let response = response.unwrap();
        assert_eq!(response.status(), 400);
        let message = "The request's body could not be read to its end.";
        assert_eq!(json(response).await["error"]["message"], message);
    }
}

#[tokio::test(start_paused = true)]
async fn timeouts_of_responses_break_off_and_the_deadline_what_is_healthy_too() {
    let idle = ResponseBodyTimeoutLayer::new(LIMIT).layer(gateway(|| events(10, 9)));
    let whole = ResponseBodyDeadlineLayer::new(LIMIT).layer(gateway(|| events(2, 9)));
    let idle = idle.oneshot(streams()).await.unwrap();
    assert!(idle.into_body().collect().await.is_err());
    let whole = whole.oneshot(streams()).await.unwrap();
    assert!(whole.into_body().collect().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_longer_timeout_of_responses_leaves_the_word_to_ours() {
    let layer = ResponseBodyTimeoutLayer::new(Duration::from_secs(301));
    let app = layer.layer(gateway(|| {
        let begun = events(1, 1).into_data_stream();
        let begun = begun.map(|data| data.map(Frame::data));
        Body::new(StreamBody::new(begun.chain(stream::pending())))
    }));
    let response = app.oneshot(streams()).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body = String::from_utf8_lossy(&body);
    assert!(body.contains("\"idle_timeout\""), "{body}");
}
