//! Connections that do not come up.

use std::time::Duration;

#[cfg(feature = "tls")]
use tokio::{io::AsyncReadExt, net::TcpListener};
#[cfg(feature = "tls")]
use tower::ServiceExt;
#[cfg(feature = "tls")]
use tower_llm_gateway::downstream::DownstreamService;
use tower_llm_gateway::policy::{Phase, Timeouts};

use super::selected;
use crate::{fault::Fault, support};

fn soon() -> Timeouts {
    Timeouts::new().with(Phase::Connect, Duration::from_millis(50))
}

async fn error(url: &str) -> tower_llm_gateway::Error {
    let request = support::request(selected(url, soon()));
    support::send(request).await.unwrap_err()
}

#[tokio::test]
async fn situation_23_a_connection_that_is_refused_is_a_connect_error() {
    let nobody = Fault::refused();
    let error = error(&nobody.url()).await;
    assert!(error.is_connect() && !error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn situation_23_a_connection_that_does_not_come_up_is_a_connect_error_in_time() {
    let nobody = Fault::unreachable().await;
    let error = error(&nobody.url()).await;
    assert!(error.is_connect(), "{error:?}");
    assert_eq!(error.timeout(), Some(Phase::Connect));
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn situation_23_a_black_hole_behind_a_connection_is_a_connect_error_in_time() {
    let nobody = Fault::black_hole();
    let error = error(&nobody.url().replace("http:", "https:")).await;
    assert!(error.is_connect(), "{error:?}");
    assert_eq!(error.timeout(), Some(Phase::Connect));
}

/// Without TLS there is a connection as soon as the kernel has it, so that it is the answer that does not come.
#[tokio::test]
async fn a_black_hole_without_tls_never_answers() {
    let nobody = Fault::black_hole();
    let timeouts = soon().with(Phase::FirstByte, Duration::from_millis(100));
    let request = support::request(selected(&nobody.url(), timeouts));
    let error = support::send(request).await.unwrap_err();
    assert_eq!(error.timeout(), Some(Phase::FirstByte));
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn who_gives_up_while_it_connects_takes_the_connection_along() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let request = support::request(selected(&url, Timeouts::new()));
    let response = DownstreamService::new().oneshot(request);
    let mut connection = tokio::select! {
        _ = response => panic!("answered"),
        accepted = listener.accept() => accepted.unwrap().0,
    };
    // Its greeting at most, and then the end.
    connection.read_to_end(&mut Vec::new()).await.unwrap();
}
