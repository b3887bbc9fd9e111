//! What becomes of requests as metrics for an OpenTelemetry collector, by OTLP over HTTP.
//!
//! ```sh
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 cargo run --example otlp --features metrics
//! ```
//!
//! Without a configuration file as argument it talks to provider doubles on loopback. `OTEL_METRIC_EXPORT_INTERVAL` says
//! how often it exports, in milliseconds.

#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;

use axum::{Router, serve::ListenerExt};
use metrics_exporter_otel::OpenTelemetryRecorder;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_otlp::{MetricExporter, Protocol, WithExportConfig};
use opentelemetry_sdk::{
    metrics::{SdkMeterProvider, periodic_reader_with_async_runtime::PeriodicReader},
    runtime,
};
use tokio::net::TcpListener;
use tower_llm_gateway::meter::MetricsRecorder;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let exporter = MetricExporter::builder().with_http();
    let exporter = exporter.with_protocol(Protocol::HttpBinary).build()?;
    let reader = PeriodicReader::builder(exporter, runtime::Tokio).build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();
    let recorder = OpenTelemetryRecorder::new(provider.meter("llm-gateway"));
    for (name, bounds) in MetricsRecorder::BUCKETS {
        recorder.set_histogram_bounds(&metrics::KeyName::from(*name), bounds.to_vec());
    }
    metrics::set_global_recorder(recorder)?;

    let gateway = support::page::builder(std::env::args().nth(1)).await?;
    let gateway = gateway.recorder(MetricsRecorder::new()).build()?;
    let app = Router::new().fallback_service(gateway.service());

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    axum::serve(listener, app).await?;
    provider.shutdown()?;
    Ok(())
}
