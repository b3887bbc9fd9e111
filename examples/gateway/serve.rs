//! The server: axum around the gateway, until the process is asked to end.

use std::{error::Error, io, net::SocketAddr, time::Duration};

use axum::{Router, routing::get, serve::ListenerExt};
use http::Request;
#[cfg(unix)]
use tokio::signal::unix;
use tokio::{net::TcpListener, sync::oneshot};
use tower_http::{catch_panic::CatchPanicLayer, trace::TraceLayer};
use tower_llm_gateway::Gateway;

use crate::follow::Follow;

/// How long the requests in flight may take to finish.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn serve(
    gateway: Gateway,
    address: SocketAddr,
    follow: Follow,
) -> Result<(), Box<dyn Error>> {
    let app = Router::new()
        .route("/health", get(|| async { "ok" }))
        .fallback_service(gateway.service())
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http().make_span_with(span));

    let listener = TcpListener::bind(address).await?;
    let stop = stop_signal()?;
    let following = follow.start(gateway)?;
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
        () = following => {}
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
