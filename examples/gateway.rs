//! A complete gateway server from a YAML file.
//!
//! ```sh
//! cargo run --example gateway -- --config gateway.yaml [--listen 127.0.0.1:8080]
//! ```
//!
//! Prints `listening on http://ADDR` when it is ready; port 0 picks a free one. Ends on SIGTERM or ctrl-c, when the
//! requests in flight are answered, at the latest after thirty seconds. A configuration with errors ends it with status
//! 2 and all of them on stderr.

use std::{env, error::Error, io, net::SocketAddr, process::ExitCode, time::Duration};

use axum::{Router, routing::get, serve::ListenerExt};
use http::Request;
#[cfg(unix)]
use tokio::signal::unix;
use tokio::{net::TcpListener, sync::oneshot};
use tower_http::{catch_panic::CatchPanicLayer, trace::TraceLayer};
use tower_llm_gateway::Gateway;
use tracing_subscriber::EnvFilter;

/// How long the requests in flight may take to finish.
const PATIENCE: Duration = Duration::from_secs(30);

const USAGE: &str = "usage: gateway --config FILE [--listen 127.0.0.1:8080]";

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();

    let options = match Options::read(env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => return fail(&format!("{problem}\n{USAGE}")),
    };
    let gateway = match Gateway::from_yaml_file(&options.config) {
        Ok(gateway) => gateway,
        Err(errors) => return fail(&errors.to_string()),
    };
    for lint in gateway.lints() {
        eprintln!("warning: {lint}");
    }
    match serve(gateway, options.listen).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn fail(problem: &str) -> ExitCode {
    eprintln!("{problem}");
    ExitCode::from(2)
}

async fn serve(gateway: Gateway, address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let app = Router::new()
        .route("/health", get(|| async { "ok" }))
        .fallback_service(gateway.service())
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http().make_span_with(span));

    let listener = TcpListener::bind(address).await?;
    let stop = stop_signal()?;
    println!("listening on http://{}", listener.local_addr()?);
    // Events must not wait for the client's delayed acknowledgements.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    let (stopping, stopped) = oneshot::channel();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        stop.await;
        let _ = stopping.send(());
    });
    tokio::select! {
        ended = server => ended?,
        () = deadline(stopped) => eprintln!("requests still in flight after {PATIENCE:?} were given up"),
    }
    Ok(())
}

/// Resolves a while after the process was asked to end.
async fn deadline(stopped: oneshot::Receiver<()>) {
    match stopped.await {
        Ok(()) => tokio::time::sleep(PATIENCE).await,
        Err(_) => std::future::pending().await,
    }
}

/// Without the query, in which Gemini's clients send their key.
fn span<B>(request: &Request<B>) -> tracing::Span {
    tracing::debug_span!("request", method = %request.method(), path = request.uri().path())
}

/// Resolves when the process is asked to end. The handlers are in place when this returns.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = unix::signal(unix::SignalKind::terminate())?;
    let mut interrupt = unix::signal(unix::SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Resolves when the process is asked to end.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async { tokio::signal::ctrl_c().await.unwrap_or_default() })
}

/// What the command line says.
struct Options {
    config: String,
    listen: SocketAddr,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut config = None;
        let mut listen = SocketAddr::from(([127, 0, 0, 1], 8080));
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--config" => config = Some(value()?),
                "--listen" => {
                    let address = value()?;
                    listen = address
                        .parse()
                        .map_err(|_| format!("{address:?} is no address such as 127.0.0.1:8080"))?;
                }
                _ => return Err(format!("unknown argument {argument}")),
            }
        }
        let config = config.ok_or("--config is missing")?;
        Ok(Self { config, listen })
    }
}
