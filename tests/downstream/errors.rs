//! What goes wrong, and what it shows.

use std::{
    convert::Infallible,
    future::{pending, ready},
    net::SocketAddr,
    sync::atomic::Ordering,
    time::Duration,
};

use http::{HeaderValue, Request, Response};
use tokio::net::TcpListener;
use tower::{ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, Error,
    downstream::DownstreamService,
    format::ApiFormat,
    policy::{Phase, Timeouts},
    target::Target,
};

use crate::support::{KEY, Server, closing_server, raw_server, request, selected, send, shown};

#[tokio::test]
async fn situation_11_a_redirect_is_not_followed() {
    let (elsewhere, _asked) = Server::recording().await;
    let location = format!("http://{}/{KEY}", elsewhere.address);
    for status in 300..=308 {
        let location = location.clone();
        let server = Server::start(move |_| {
            let response = Response::builder().status(status);
            let response = response.header("location", &location);
            ready(response.body(Body::empty()).unwrap())
        });
        let error = failed(server.await.target()).await;
        assert!(!error.is_connect() && !error.is_timeout());
        assert!(error.to_string().contains(&status.to_string()), "{error}");
    }
    assert_eq!(elsewhere.connections.load(Ordering::Relaxed), 0);
}

/// A request with keys wherever it has room for them.
fn laden(target: Target) -> Request<Body> {
    let mut request = request(selected(target, ApiFormat::OPENAI));
    *request.uri_mut() = format!("/v1/chat/completions?key={KEY}").parse().unwrap();
    *request.body_mut() = Body::from(format!(r#"{{"model":"m","user":"{KEY}"}}"#));
    for name in ["authorization", "x-api-key", "cookie", "x-other"] {
        let mut value: HeaderValue = KEY.parse().unwrap();
        value.set_sensitive(true);
        request.headers_mut().insert(name, value);
    }
    request
}

#[track_caller]
fn assert_clean(error: &Error) {
    let shown = shown(error);
    assert!(!shown.contains(KEY), "{shown}");
}

/// The error of a request to this target, which shows no key.
async fn failed(target: Target) -> Error {
    let error = send(laden(target)).await.unwrap_err();
    assert_clean(&error);
    error
}

/// An address with a key in its query, as some people have it.
fn with_query(address: SocketAddr) -> Target {
    let url = format!("http://{address}/v1?key={KEY}").parse().unwrap();
    Target::new("t", url).with_key(KEY.into())
}

#[tokio::test]
async fn situation_06_a_provider_that_cannot_be_reached_shows_no_key() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = failed(with_query(address)).await;
    assert!(error.is_connect() && !error.is_timeout());
}

#[tokio::test]
async fn situation_06_a_provider_that_breaks_off_or_talks_nonsense_shows_no_key() {
    let hangs_up = Server::start(|_| async { panic!("hang up") }).await;
    let echo = "HTTP/1.1 200 OK\r\nx: CANARY-key\0\r\n\r\n";
    let endless = "HTTP/1.1 200 CANARY-key\r\nx-CANARY-key";
    let switch = "HTTP/1.1 101 Switching Protocols\r\nupgrade: CANARY-key\r\n\r\n";
    let too_long = "HTTP/1.1 200 OK\r\ncontent-length: CANARY-key\r\n\r\n";
    let packed = "HTTP/1.1 200 OK\r\ncontent-encoding: CANARY-key\r\n\r\n";
    let mut addresses = vec![hangs_up.address];
    for answer in ["CANARY-key", echo, endless, switch, too_long, packed] {
        addresses.push(closing_server(answer).await);
    }
    for address in addresses {
        let error = failed(with_query(address)).await;
        assert!(!error.is_connect() && !error.is_timeout());
    }
}

#[tokio::test]
async fn situation_06_a_target_that_cannot_be_used_shows_no_key() {
    let address = "127.0.0.1:9".parse().unwrap();
    let bad_url = format!("http://user:{KEY}@127.0.0.1/").parse().unwrap();
    let bad_key = with_query(address).with_key(format!("{KEY}\n").into());
    for target in [Target::new("t", bad_url), bad_key] {
        let error = failed(target).await;
        assert!(!error.is_connect() && !error.is_timeout());
    }
}

#[tokio::test]
async fn situation_06_a_handler_that_fails_or_is_missing_shows_no_key() {
    assert!(failed(Target::handler("t")).await.is_no_handler());
    let handler = service_fn(|_: Request<Body>| ready(Err::<Response<Body>, _>("no model")));
    let service = DownstreamService::new().with_handler(handler);
    let error = service.oneshot(laden(Target::handler("t"))).await;
    let error = error.unwrap_err();
    assert!(error.is_handler());
    assert_clean(&error);
}

#[tokio::test]
async fn situation_06_a_request_that_nobody_has_routed_shows_no_key() {
    let mut request = laden(Target::handler("t"));
    request.extensions_mut().clear();
    let error = send(request).await.unwrap_err();
    assert!(error.is_not_selected());
    assert_clean(&error);
}

#[tokio::test]
async fn situation_05_the_key_is_marked_as_sensitive_for_the_client() {
    let client = service_fn(|request: Request<Body>| {
        assert!(!format!("{request:?}").contains(KEY));
        ready(Ok::<_, Infallible>(Response::new(Body::empty())))
    });
    let url = "https://example.com".parse().unwrap();
    let target = Target::new("t", url).with_key(KEY.into());
    let request = request(selected(target, ApiFormat::OPENAI));
    assert!(!format!("{request:?} {request:#?}").contains(KEY));
    let service = DownstreamService::with_client(client);
    service.oneshot(request).await.unwrap();
}

#[cfg(feature = "tls")]
#[tokio::test(start_paused = true)]
async fn situation_06_a_handshake_that_never_ends_is_a_connect_timeout_that_shows_no_key() {
    let address = raw_server("").await;
    let url = format!("https://{address}").parse().unwrap();
    let target = Target::new("t", url)
        .with_timeouts(Timeouts::new().with(Phase::Connect, Duration::from_secs(7)));
    let begin = tokio::time::Instant::now();
    let error = failed(target).await;
    assert!(error.is_connect() && error.is_timeout(), "{error:?}");
    assert_eq!(begin.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn situation_06_an_answer_that_never_begins_is_a_timeout_that_shows_no_key() {
    let client = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
    let url = "https://example.com".parse().unwrap();
    let target = Target::new("t", url)
        .with_timeouts(Timeouts::new().with(Phase::FirstByte, Duration::from_secs(9)));
    let begin = tokio::time::Instant::now();
    let service = DownstreamService::with_client(client);
    let error = service.oneshot(laden(target)).await.unwrap_err();
    assert!(error.is_timeout() && !error.is_connect(), "{error:?}");
    assert_clean(&error);
    assert_eq!(begin.elapsed().as_secs(), 9);
}

#[tokio::test]
async fn nobody_selected_is_an_error_that_names_the_layer_in_front() {
    let error = send(Request::new(Body::empty())).await.unwrap_err();
    assert!(error.is_not_selected());
    assert!(error.to_string().contains("RuleRouterLayer"));
}
