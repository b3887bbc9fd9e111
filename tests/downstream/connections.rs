//! Connections: how long they live, and for whom.

use std::{
    convert::Infallible,
    future::{Future, pending},
    sync::atomic::Ordering,
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream;
use http::Response;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::sync::{mpsc, oneshot};
use tokio_test::{assert_pending, task};
use tower::{Service, ServiceExt};
use tower_llm_gateway::{
    Body, BoxError,
    downstream::DownstreamService,
    format::ApiFormat,
    policy::{Phase, Timeouts},
};

use crate::support::{Server, http2, request, selected};

/// A server that never finishes an answer, and what tells that it began one, and that it gave one up.
async fn unfinished(
    begins: bool,
) -> (
    Server,
    mpsc::UnboundedReceiver<oneshot::Receiver<Infallible>>,
) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let server = Server::start(move |request| {
        let sender = sender.clone();
        async move {
            let head = request.headers().contains_key("x-quick");
            request.into_body().collect().await.unwrap();
            if head {
                return Response::new(Body::empty());
            }
            let (guard, dropped) = oneshot::channel();
            sender.send(dropped).unwrap();
            let first = stream::iter([Ok::<_, BoxError>(Frame::data(Bytes::from("first")))]);
            let never = stream::once(async move {
                pending::<()>().await;
                drop(guard);
                Ok(Frame::data(Bytes::new()))
            });
            if !begins {
                pending::<()>().await;
            }
            Response::new(Body::new(StreamBody::new(Box::pin(
                futures_util::StreamExt::chain(first, never),
            ))))
        }
    });
    (server.await, receiver)
}

async fn within_a_moment<T>(future: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(10);
    tokio::time::timeout(limit, future)
        .await
        .expect("nothing happened")
}

#[tokio::test]
async fn the_connect_timeout_is_over_once_the_connection_is_up() {
    let (server, mut begun) = unfinished(false).await;
    let target = server
        .target()
        .with_timeouts(Timeouts::new().with(Phase::Connect, Duration::from_secs(3)));
    let mut service = DownstreamService::new();
    let response = service.call(request(selected(target, ApiFormat::OPENAI)));
    let mut response = task::spawn(response);
    assert_pending!(response.poll());
    let _given_up = tokio::select! {
        given_up = begun.recv() => given_up.unwrap(),
        response = &mut response => panic!("{response:?}"),
    };
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(4)).await;
    assert_pending!(response.poll());
}

#[tokio::test]
async fn a_caller_who_goes_before_the_answer_takes_the_request_along() {
    for service in [DownstreamService::new(), http2()] {
        let (server, mut begun) = unfinished(false).await;
        let request = request(selected(server.target(), ApiFormat::OPENAI));
        let mut response = Box::pin(service.oneshot(request));
        let given_up = tokio::select! {
            _ = &mut response => panic!("answered"),
            given_up = begun.recv() => given_up.unwrap(),
        };
        drop(response);
        within_a_moment(given_up).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_caller_who_goes_in_mid_stream_takes_the_request_along() {
    for service in [DownstreamService::new(), http2()] {
        let (server, mut begun) = unfinished(true).await;
        let request = request(selected(server.target(), ApiFormat::OPENAI));
        let response = service.oneshot(request).await.unwrap();
        let given_up = begun.recv().await.unwrap();
        let mut body = response.into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, "first");
        drop(body);
        within_a_moment(given_up).await.unwrap_err();
    }
}

#[tokio::test]
async fn an_http2_connection_outlives_a_caller_who_goes() {
    let (server, mut begun) = unfinished(true).await;
    let mut service = http2();
    let selected = selected(server.target(), ApiFormat::OPENAI);
    let response = service.call(request(selected.clone())).await.unwrap();
    drop(response);
    within_a_moment(begun.recv().await.unwrap())
        .await
        .unwrap_err();
    let mut quick = request(selected);
    quick.headers_mut().insert("x-quick", "1".parse().unwrap());
    within_a_moment(service.call(quick)).await.unwrap();
    assert_eq!(server.connections.load(Ordering::Relaxed), 1);
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
