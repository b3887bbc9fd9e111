//! What goes wrong, and what it shows.

use std::{
    convert::Infallible,
    future::{pending, ready},
    time::Duration,
};

use http::{Request, Response, StatusCode};
use tokio::net::TcpListener;
use tower::{ServiceExt, service_fn};
use tower_llm_gateway::{
    Body,
    downstream::DownstreamService,
    format::ApiFormat,
    policy::{Phase, Timeouts},
    target::Target,
};

use crate::support::{KEY, Server, raw_server, request, selected, send, shown};

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, mut asked) = Server::recording().await;
    let location = format!("http://{}/{KEY}", elsewhere.address);
    let server = Server::start(move |_| {
        let response = Response::builder().status(StatusCode::TEMPORARY_REDIRECT);
        let response = response.header("location", &location);
        ready(response.body(Body::empty()).unwrap())
    });
    let target = server.await.target();
    let error = send(request(selected(target, ApiFormat::OPENAI)))
        .await
        .unwrap_err();
    assert!(!error.is_connect() && !error.is_timeout());
    assert!(error.to_string().contains("307"), "{error}");
    assert!(!shown(&error).contains(KEY));
    assert!(asked.try_recv().is_err());
}

#[tokio::test]
async fn a_refused_connection_is_a_connect_error_that_shows_no_key() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{address}/v1?key={KEY}").parse().unwrap();
    let target = Target::new("t", url).with_key(KEY.into());
    let error = send(request(selected(target, ApiFormat::OPENAI)))
        .await
        .unwrap_err();
    assert!(error.is_connect() && !error.is_timeout());
    assert!(!shown(&error).contains(KEY), "{}", shown(&error));
}

#[tokio::test]
async fn no_error_and_no_debug_output_shows_the_key() {
    let hangs_up = Server::start(|_| async { panic!("hang up") }).await;
    let bad_url = format!("http://user:{KEY}@127.0.0.1/").parse().unwrap();
    let bad_key = hangs_up.target().with_key(format!("{KEY}\n").into());
    for target in [hangs_up.target(), Target::new("t", bad_url), bad_key] {
        let request = request(selected(target, ApiFormat::OPENAI));
        assert!(!format!("{request:?} {request:#?}").contains(KEY));
        let error = send(request).await.unwrap_err();
        assert!(!error.is_connect() && !error.is_timeout());
        assert!(!shown(&error).contains(KEY), "{}", shown(&error));
    }
}

#[tokio::test]
async fn the_key_is_marked_as_sensitive_for_the_client() {
    let client = service_fn(|request: Request<Body>| {
        assert!(!format!("{request:?}").contains(KEY));
        ready(Ok::<_, Infallible>(Response::new(Body::empty())))
    });
    let url = "https://example.com".parse().unwrap();
    let target = Target::new("t", url).with_key(KEY.into());
    let request = request(selected(target, ApiFormat::OPENAI));
    let service = DownstreamService::with_client(client);
    service.oneshot(request).await.unwrap();
}

#[cfg(feature = "tls")]
#[tokio::test(start_paused = true)]
async fn a_handshake_that_never_ends_is_a_connect_timeout() {
    let address = raw_server("").await;
    let url = format!("https://{address}").parse().unwrap();
    let target = Target::new("t", url)
        .with_timeouts(Timeouts::new().with(Phase::Connect, Duration::from_secs(7)));
    let begin = tokio::time::Instant::now();
    let error = send(request(selected(target, ApiFormat::OPENAI)))
        .await
        .unwrap_err();
    assert!(error.is_connect() && error.is_timeout(), "{error:?}");
    assert_eq!(begin.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_begins_is_a_timeout_of_its_own() {
    let client = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
    let url = "https://example.com".parse().unwrap();
    let target = Target::new("t", url)
        .with_timeouts(Timeouts::new().with(Phase::FirstByte, Duration::from_secs(9)));
    let begin = tokio::time::Instant::now();
    let request = request(selected(target, ApiFormat::OPENAI));
    let service = DownstreamService::with_client(client);
    let error = service.oneshot(request).await.unwrap_err();
    assert!(error.is_timeout() && !error.is_connect(), "{error:?}");
    assert_eq!(begin.elapsed().as_secs(), 9);
}

#[tokio::test]
async fn nobody_selected_is_an_error_that_names_the_layer_in_front() {
    let error = send(Request::new(Body::empty())).await.unwrap_err();
    assert!(error.is_not_selected());
    assert!(error.to_string().contains("RuleRouterLayer"));
}
