//! Callers who send too much, or do not go on sending.

use std::{
    convert::Infallible,
    future::Ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Request, Response, header};
use http_body_util::StreamBody;
use hyper::body::Frame;
use tokio::time::{Instant, sleep};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_llm_gateway::{Body, BoxError, Gateway, config::Config, format::ApiFormat};

use crate::{
    bodies::{error_message, path},
    caller::{Reply, ask, post},
    support::fault::{Fault, Script},
};

/// A gateway before this address, for the model `m`, with these entries of the document.
fn document(url: &str, entries: &str) -> Config {
    let config =
        format!("{entries}\ndownstreams: [{{id: a, base_url: '{url}', output_model_ids: [m]}}]");
    Config::from_yaml(&config).unwrap()
}

/// A body of so many pieces of a kilobyte, and how many of them were taken.
fn pieces(count: usize) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&taken);
    let frames = stream::iter(0..count).map(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok::<_, BoxError>(Frame::data(Bytes::from(vec![b' '; 1024])))
    });
    (Body::new(StreamBody::new(frames)), taken)
}

/// Google's formats have words for few statuses.
fn status(client: ApiFormat, status: u16) -> u16 {
    match (client.id(), status) {
        ("gemini", 408) => 504,
        ("gemini", 413) => 400,
        _ => status,
    }
}

fn callers() -> impl Iterator<Item = (ApiFormat, String)> {
    let formats = ApiFormat::BUILT_IN.iter();
    formats.map(|format| (*format, path(*format, "m", false)))
}

#[tokio::test]
async fn situation_15_a_body_over_the_limit_is_413_and_read_no_further_than_that() {
    let upstream = Fault::h1().script(Script::new()).start().await;
    let gateway = Gateway::builder(document(upstream.url(), "")).body_limit(4096);
    let gateway = gateway.build().unwrap();
    for (client, path) in callers() {
        for announced in [false, true] {
            let (body, taken) = pieces(1000);
            let mut request = post(&path, body);
            if announced {
                let length = HeaderValue::from(1000 * 1024);
                request.headers_mut().insert(header::CONTENT_LENGTH, length);
            }
            let reply = ask(&gateway, request).await;
            assert_eq!(reply.status, status(client, 413), "{client}");
            let message = error_message(client, &reply.json());
            assert!(message.contains("4096 bytes"), "{message}");
            assert!(taken.load(Ordering::Relaxed) <= 5, "{client} {announced}");
        }
    }
    assert_eq!(upstream.connections(), 0);
}

/// What such a caller is told, and how long that takes.
async fn stalls<S>(service: &S, path: &str) -> (Reply, u64)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
{
    let begin = stream::iter([Ok::<_, BoxError>(Frame::data(Bytes::from("{\"model\":")))]);
    let body = StreamBody::new(begin.chain(stream::pending()));
    let begin = Instant::now();
    let reply = service.clone().oneshot(post(path, Body::new(body)));
    let reply = Reply::of(reply.await.unwrap()).await;
    (reply, begin.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn situation_20_a_caller_who_stalls_is_told_so_and_no_provider_hears_of_it() {
    let upstream = Fault::h1().script(Script::new()).start().await;
    let gateway = Gateway::builder(document(upstream.url(), "")).build();
    let gateway = gateway.unwrap().service();
    for (client, path) in callers() {
        let (reply, took) = stalls(&gateway, &path).await;
        assert_stalled(client, &reply, took);
    }
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn situation_20_no_more_than_a_provider_a_handler_hears_of_a_caller_who_stalls() {
    let host = service_fn(
        |_: Request<Body>| -> Ready<Result<Response<Body>, Infallible>> {
            panic!("the handler is asked")
        },
    );
    for (client, path) in callers() {
        let own = "{id: own, handler: inner, output_model_ids: [m], api_formats: [anthropic]}";
        let gateway = Gateway::from_yaml(&format!("downstreams: [{own}]")).unwrap();
        let app = gateway.layer().layer(host);
        let (reply, took) = stalls(&app, &path).await;
        assert_stalled(client, &reply, took);
    }
}

#[track_caller]
fn assert_stalled(client: ApiFormat, reply: &Reply, took: u64) {
    let expected = (status(client, 408), 30);
    assert_eq!((reply.status.as_u16(), took), expected, "{client}");
    let message = error_message(client, &reply.json());
    assert_eq!(message, "The request's body did not go on for 30s.");
}

#[tokio::test(start_paused = true)]
async fn the_document_says_how_long_a_caller_may_pause_and_a_reload_changes_it() {
    let url = "http://127.0.0.1:9";
    let gateway = |limit| document(url, &format!("timeouts: {{request_write: {limit}}}"));
    let service = Gateway::builder(gateway("7s")).build().unwrap();
    let (_, path) = callers().next().unwrap();
    let before = service.service();
    assert_eq!(stalls(&before, &path).await.1, 7);
    service.reload(&gateway("9s")).unwrap();
    assert_eq!(stalls(&before, &path).await.1, 9);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_sends_slowly_is_not_cut() {
    let gateway = Gateway::builder(document("http://127.0.0.1:9", ""))
        .build()
        .unwrap();
    for (client, path) in callers() {
        let (body, taken) = slow(10, 29);
        let reply = ask(&gateway, post(&path, body)).await;
        assert_ne!(reply.status, status(client, 408), "{}", reply.text());
        assert_eq!(taken.load(Ordering::Relaxed), 10);
    }
}

/// A body of so many pieces, each of which takes so many seconds.
fn slow(count: usize, seconds: u64) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&taken);
    let frames = stream::iter(0..count).then(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            sleep(Duration::from_secs(seconds)).await;
            Ok::<_, BoxError>(Frame::data(Bytes::from("x")))
        }
    });
    (Body::new(StreamBody::new(Box::pin(frames))), taken)
}

/// What is not the gateway's takes as long as its host likes.
#[tokio::test(start_paused = true)]
async fn an_upload_to_the_host_s_own_routes_has_no_limit_of_ours() {
    let gateway = Gateway::builder(document("http://127.0.0.1:9", ""))
        .build()
        .unwrap();
    let host = service_fn(reads);
    let app = gateway.layer().layer(host);
    let (body, taken) = slow(2, 3600);
    let reply = app.oneshot(post("/upload", body)).await.unwrap();
    assert_eq!(reply.status(), 200);
    assert_eq!(taken.load(Ordering::Relaxed), 2);
}

async fn reads(request: Request<Body>) -> Result<Response<Body>, BoxError> {
    http_body_util::BodyExt::collect(request.into_body()).await?;
    Ok(Response::new(Body::empty()))
}
