//! Connections: how long they live, and for whom.

use std::{sync::atomic::Ordering, time::Duration};

use http_body_util::BodyExt;
use tokio_test::{assert_pending, task};
use tower::Service;
use tower_llm_gateway::{
    downstream::DownstreamService,
    format::ApiFormat,
    policy::{Phase, Timeouts},
    target::Target,
};

use crate::{
    fault::{Fault, Script},
    support::{Server, request, selected},
};

#[tokio::test]
async fn the_connect_timeout_is_over_once_the_connection_is_up() {
    let upstream = Fault::h1().script(Script::new().stall()).start().await;
    let target = Target::new("t", upstream.url().parse().unwrap())
        .with_timeouts(Timeouts::new().with(Phase::Connect, Duration::from_secs(3)));
    let mut service = DownstreamService::new();
    let response = service.call(request(selected(target, ApiFormat::OPENAI)));
    let mut response = task::spawn(response);
    assert_pending!(response.poll());
    tokio::select! {
        _ = upstream.body(0) => {}
        response = &mut response => panic!("{response:?}"),
    }
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(4)).await;
    assert_pending!(response.poll());
}

#[tokio::test]
async fn an_http1_connection_is_used_again() {
    let (server, _asked) = Server::recording().await;
    let mut service = DownstreamService::new();
    for _ in 0..3 {
        let request = request(selected(server.target(), ApiFormat::OPENAI));
        let response = service.call(request).await.unwrap();
        response.into_body().collect().await.unwrap();
    }
    assert_eq!(server.connections.load(Ordering::Relaxed), 1);
}
