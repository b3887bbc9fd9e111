//! Where an upstream is: on loopback, behind TLS, within the process, or nowhere.

use std::{io::ErrorKind, sync::Arc, time::Duration};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;
use tower_llm_gateway::{
    Body,
    context::Selected,
    downstream::{DownstreamService, HyperClient},
    format::ApiFormat,
    target::Target,
};

use super::REQUEST;
use crate::support::fault::{Cut, Fault, Left, Script};

#[path = "../../support/authority.rs"]
mod authority;

/// Long enough for loopback, where it takes a millisecond.
const A_WHILE: Duration = Duration::from_millis(100);

#[tokio::test]
async fn a_refused_connection_fails_at_once() {
    let nobody = Fault::refused();
    let error = TcpStream::connect(nobody.address()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_black_hole_takes_all_and_says_nothing() {
    let nobody = Fault::black_hole();
    let mut stream = TcpStream::connect(nobody.address()).await.unwrap();
    stream.write_all(REQUEST.as_bytes()).await.unwrap();
    assert!(timeout(A_WHILE, stream.read_u8()).await.is_err());
}

#[tokio::test]
async fn an_unreachable_address_lets_a_connection_wait() {
    let nobody = Fault::unreachable().await;
    let connecting = TcpStream::connect(nobody.address());
    assert!(timeout(A_WHILE, connecting).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn within_the_process_time_passes_only_when_all_wait() {
    for fault in [Fault::h1(), Fault::h2()] {
        let minute = Duration::from_secs(60);
        let script = Script::new().delay(minute).chunk("a");
        let script = script.chunk_every("b", minute, 30);
        let upstream = fault.script(script).start().await;
        let start = Instant::now();
        let request = Request::post("http://a/v1/messages");
        let request = request.body(Full::new(Bytes::from("{}"))).unwrap();
        let answer = upstream.client().request(request).await.unwrap();
        assert_eq!(start.elapsed(), minute);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body.len(), 31);
        assert_eq!(start.elapsed(), minute * 30);
        assert_eq!(upstream.seen()[0].body, b"{}");
    }
}

#[tokio::test]
async fn a_connection_within_the_process_can_be_cut_in_both_ways() {
    for cut in [Cut::Fin, Cut::Rst] {
        let upstream = Fault::h1().script(Script::new().garbage("a").cut(cut));
        let upstream = upstream.start().await;
        let mut wire = upstream.connect();
        wire.write_all(REQUEST.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        let end = wire.read_to_end(&mut heard).await;
        assert_eq!(heard, b"a");
        let expected = (cut == Cut::Rst).then_some(ErrorKind::ConnectionReset);
        assert_eq!(end.err().map(|error| error.kind()), expected);
    }
}

#[tokio::test]
async fn a_peer_within_the_process_leaves_in_both_ways() {
    let upstream = Fault::h1().script(Script::new().stall()).start().await;
    for (number, left) in [Left::Fin, Left::Rst].into_iter().enumerate() {
        let mut wire = upstream.connect();
        wire.write_all(REQUEST.as_bytes()).await.unwrap();
        upstream.requests(number + 1).await;
        match left {
            Left::Rst => wire.reset(),
            _ => drop(wire),
        }
        assert_eq!(upstream.left(number).await, left);
    }
}

#[tokio::test]
async fn a_dropped_upstream_is_gone() {
    let upstream = Fault::h1().script(Script::new().stall()).start().await;
    let address = upstream.address();
    let mut stream = TcpStream::connect(address).await.unwrap();
    upstream.connected(1).await;
    drop(upstream);
    assert!(stream.read_u8().await.is_err());
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_upstream_may_be_behind_tls() {
    let root = authority::Authority::root("root");
    let acceptor = TlsAcceptor::from(Arc::new(root.certify("127.0.0.1").server()));
    let builder = HyperClient::builder().with_root_pem(root.pem().as_bytes());
    let client = builder.unwrap().build();
    let fault = Fault::h1().script(Script::new().body("a"));
    let fault = fault.then(Script::new().chunk("b").cut(Cut::Rst));
    let upstream = fault.with_tls(acceptor).start().await;
    let ask = || async {
        let request = Request::get(upstream.url()).body(Body::empty()).unwrap();
        let answer = client.clone().oneshot(request).await.unwrap();
        answer.into_body().collect().await
    };
    assert_eq!(ask().await.unwrap().to_bytes(), "a");
    let error = ask().await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    let source: &std::io::Error = source.downcast_ref().unwrap();
    assert_eq!(source.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn the_leaf_may_ask_within_the_process() {
    let upstream = Fault::h1().script(Script::new().body("a")).start().await;
    let target = Target::new("t", upstream.url().parse().unwrap()).with_key("CANARY".into());
    let mut request = Request::post("/v1/chat/completions").body(Body::from("{}"));
    let selected = Selected::new(Arc::new(target), ApiFormat::OPENAI);
    let request_mut = request.as_mut().unwrap();
    request_mut.extensions_mut().insert(selected);
    let leaf = DownstreamService::with_client(upstream.client());
    let answer = leaf.oneshot(request.unwrap()).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "a");
    assert_eq!(
        upstream.get(0).header("authorization"),
        Some("Bearer CANARY")
    );
}
