//! The contract of a tower service.

use std::time::Duration;

use http::{Request, Response};
use tokio_test::{assert_pending, assert_ready, assert_ready_ok, task};
use tower::{ServiceBuilder, ServiceExt};
use tower_llm_gateway::{
    Body, BoxError, downstream::DownstreamService, format::ApiFormat, target::Target,
};
use tower_test::mock;

use crate::support::{Server, request, selected};

#[test]
fn it_is_ready_even_if_its_client_is_not() {
    let (client, mut handle) = mock::pair::<Request<Body>, Response<Body>>();
    handle.allow(0);
    let mut service = mock::Spawn::new(DownstreamService::with_client(client));
    assert_ready_ok!(service.poll_ready::<Request<Body>>());
}

#[tokio::test]
async fn a_client_that_is_not_ready_is_waited_for() {
    let (client, mut handle) = mock::pair::<Request<Body>, Response<Body>>();
    handle.allow(0);
    let url = "https://example.com".parse().unwrap();
    let request = request(selected(Target::new("t", url), ApiFormat::OPENAI));
    let service = DownstreamService::with_client(client);
    let mut response = task::spawn(service.oneshot(request));
    assert_pending!(response.poll());
    assert_pending!(task::spawn(handle.next_request()).poll());
    handle.allow(1);
    assert!(response.is_woken());
    assert_pending!(response.poll());
    let (_, send) = assert_ready!(task::spawn(handle.next_request()).poll()).unwrap();
    send.send_response(Response::new(Body::empty()));
    assert_eq!(assert_ready!(response.poll()).unwrap().status(), 200);
}

#[tokio::test]
async fn it_stands_under_towers_own_layers() {
    let (server, _asked) = Server::recording().await;
    let stack = ServiceBuilder::new()
        .boxed_clone()
        .load_shed()
        .concurrency_limit(1)
        .timeout(Duration::from_secs(60))
        .service(DownstreamService::new());
    let request = request(selected(server.target(), ApiFormat::OPENAI));
    let response: Result<Response<Body>, BoxError> = stack.oneshot(request).await;
    assert_eq!(response.unwrap().status(), 200);
}
