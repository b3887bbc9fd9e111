//! The examples that export metrics.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::post};
use bytes::Bytes;
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

use crate::{Running, assert_answers, example, get};

const WAIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn prometheus_shows_requests_as_metrics() {
    let mut running = Running::start(&mut example("prometheus"));
    let url = running.url();
    assert_answers(&url).await;
    let metrics = get(format!("{url}/metrics")).await;
    for part in [
        "llm_gateway_requests{",
        "outcome=\"completed\"",
        "gen_ai_client_operation_duration_bucket{",
        "gen_ai_provider_name=\"anthropic\"",
        "le=\"81.92\"",
    ] {
        assert!(metrics.contains(part), "{part} in {metrics}");
    }
}

/// A collector that hands on what it is sent.
async fn collector() -> (String, UnboundedReceiver<Bytes>) {
    let (sender, received) = unbounded_channel();
    let sender = Arc::new(sender);
    let collect = post(async move |body: Bytes| drop(sender.send(body)));
    let app = Router::new().route("/v1/metrics", collect);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, received)
}

/// Texts are as they are in protobuf.
fn has(message: &[u8], text: &str) -> bool {
    memchr::memmem::find(message, text.as_bytes()).is_some()
}

#[tokio::test]
async fn otlp_tells_a_collector_of_requests() {
    let (url, mut received) = collector().await;
    let mut command = example("otlp");
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", url);
    command.env("OTEL_METRIC_EXPORT_INTERVAL", "50");
    let mut running = Running::start(&mut command);
    assert_answers(&running.url()).await;
    let message = async {
        loop {
            let message = received.recv().await.unwrap();
            if has(&message, "gen_ai.client.operation.duration") {
                return message;
            }
        }
    };
    let message = timeout(WAIT, message).await.expect("it exports in time");
    for text in [
        "llm_gateway_requests",
        "completed",
        "gen_ai.provider.name",
        "anthropic",
        "gen_ai.client.token.usage",
    ] {
        assert!(has(&message, text), "{text}");
    }
}
