//! What becomes of requests as metrics for Prometheus, at `/metrics` beside the gateway.
//!
//! ```sh
//! cargo run --example prometheus --features metrics
//! ```
//!
//! Without a configuration file as argument it talks to provider doubles on loopback. The docs of
//! `tower_llm_gateway::meter` have queries.

#[path = "../tests/support/mod.rs"]
mod support;

use std::{error::Error, time::Duration};

use axum::{Router, routing::get, serve::ListenerExt};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use tokio::{net::TcpListener, time::interval};
use tower_llm_gateway::meter::{MetricsRecorder, TracingRecorder};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut exporter = PrometheusBuilder::new();
    for (name, bounds) in MetricsRecorder::BUCKETS {
        let name = Matcher::Full((*name).to_owned());
        exporter = exporter.set_buckets_for_metric(name, bounds)?;
    }
    let metrics = exporter.install_recorder()?;

    let gateway = support::page::builder(std::env::args().nth(1)).await?;
    let gateway = gateway
        .recorder(MetricsRecorder::new())
        .recorder(TracingRecorder)
        .build()?;

    let shown = metrics.clone();
    let app = Router::new()
        .route("/metrics", get(async move || shown.render()))
        .fallback_service(gateway.service());
    tokio::spawn(async move {
        let mut upkeep = interval(Duration::from_secs(5));
        loop {
            upkeep.tick().await;
            metrics.run_upkeep();
        }
    });

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    axum::serve(listener, app).await?;
    Ok(())
}
