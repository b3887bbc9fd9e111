//! tower's own layers below the router: what they fail with is said in the caller's format.

use std::{future::pending, time::Duration};

use http::{Request, Response, StatusCode};
use tokio_test::{assert_pending, task};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_llm_gateway::{Body, BoxError};

use crate::stacks::{answer, chat, json, page, router};

async fn never(_: Request<Body>) -> Result<Response<Body>, BoxError> {
    pending().await
}

async fn soon(_: Request<Body>) -> Result<Response<Body>, BoxError> {
    Ok(answer())
}

fn anthropic() -> Request<Body> {
    let mut request = chat();
    *request.uri_mut() = "/v1/messages".parse().unwrap();
    request
}

#[tokio::test]
async fn what_load_shed_turns_away_is_overloaded_in_the_caller_s_words() {
    let service = ServiceBuilder::new()
        .layer(router())
        .load_shed()
        .concurrency_limit(1)
        .service(service_fn(never));
    let mut busy = task::spawn(service.clone().oneshot(chat()));
    assert_pending!(busy.poll());
    for (request, status, kind) in [
        (chat(), 503, "service_unavailable_error"),
        (anthropic(), 529, "overloaded_error"),
    ] {
        let response = service.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(json(response).await["error"]["type"], kind);
    }
}

#[tokio::test]
async fn a_slot_is_free_again_when_its_caller_is_gone() {
    let service = ServiceBuilder::new()
        .layer(router())
        .concurrency_limit(1)
        .service(service_fn(never));
    let mut busy = task::spawn(service.clone().oneshot(chat()));
    assert_pending!(busy.poll());
    let mut next = service.clone();
    let mut ready =
        task::spawn(async { ServiceExt::<Request<Body>>::ready(&mut next).await.is_ok() });
    assert_pending!(ready.poll());
    drop(busy);
    assert!(ready.await);
}

#[tokio::test(start_paused = true)]
async fn what_timeout_ends_is_504_in_the_caller_s_words() {
    let service = ServiceBuilder::new()
        .layer(router())
        .timeout(Duration::from_secs(5))
        .service(service_fn(never));
    for (request, kind) in [(chat(), "server_error"), (anthropic(), "timeout_error")] {
        let response = service.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(json(response).await["error"]["type"], kind);
    }
}

#[tokio::test(start_paused = true)]
async fn causes_are_found_through_a_buffer() {
    let service = ServiceBuilder::new()
        .layer(router())
        .buffer(8)
        .timeout(Duration::from_secs(5))
        .service(service_fn(never));
    let response = service.oneshot(chat()).await.unwrap();
    assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn all_of_them_together_let_a_request_through() {
    let service = ServiceBuilder::new()
        .layer(router())
        .load_shed()
        .buffer(8)
        .concurrency_limit(2)
        .timeout(Duration::from_secs(60))
        .service(service_fn(soon));
    for request in [chat(), page(), chat(), anthropic()] {
        let response = service.clone().oneshot(request).await;
        assert_eq!(response.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_buffer_whose_service_broke_is_an_error_in_the_caller_s_words() {
    let broken = service_fn(|_: Request<Body>| async {
        Err::<Response<Body>, _>(BoxError::from("secret of the host"))
    });
    let service = ServiceBuilder::new()
        .layer(router())
        .buffer(1)
        .service(broken);
    let response = service.oneshot(chat()).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = json(response).await;
    assert_eq!(body["error"]["code"], "gateway_error");
    assert!(!body.to_string().contains("secret"), "{body}");
}
