//! The server: axum around the gateway, until the process is asked to end.

use std::{error::Error, future::IntoFuture, io, net::SocketAddr, time::Duration};

use axum::{Router, routing::get, serve::ListenerExt};
use http::Request;
#[cfg(unix)]
use tokio::signal::unix;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};
use tower_http::{catch_panic::CatchPanicLayer, trace::TraceLayer};
use tower_llm_gateway::Gateway;

use crate::follow::Follow;

/// How long the last bytes may take to callers, once nothing more is to come.
const FLUSH: Duration = Duration::from_secs(1);

pub(crate) async fn serve(
    gateway: Gateway,
    address: SocketAddr,
    patience: Duration,
    follow: Follow,
) -> Result<(), Box<dyn Error>> {
    let app = Router::new()
        .route("/health", get(|| async { "ok" }))
        .fallback_service(gateway.service())
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http().make_span_with(span));

    let listener = TcpListener::bind(address).await?;
    let mut stop = stop_signal()?;
    let following = follow.start(gateway.clone())?;
    println!("listening on http://{}", listener.local_addr()?);
    // Events must not wait for the client's delayed acknowledgements.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    let (stopping, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, app).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let server = tokio::spawn(server.into_future());
    tokio::select! {
        () = stop() => {}
        () = following => {}
    }
    drop(stopping);
    tokio::select! {
        () = end(&gateway, patience, server) => Ok(()),
        () = stop() => Err("ended by a second signal".into()),
    }
}

/// Ends what is on its way. The server takes in no more connections.
async fn end(gateway: &Gateway, patience: Duration, server: JoinHandle<io::Result<()>>) {
    let drained = gateway.drain(patience).await;
    if drained.cut > 0 {
        eprintln!("requests cut after {patience:?}: {}", drained.cut);
    }
    let _ = timeout(FLUSH, server).await;
}

/// Without the query, in which Gemini's clients send their key.
fn span<B>(request: &Request<B>) -> tracing::Span {
    tracing::debug_span!("request", method = %request.method(), path = request.uri().path())
}

/// Waits until the process is asked to end. The handlers are in place when this returns.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl AsyncFnMut()> {
    let mut terminate = unix::signal(unix::SignalKind::terminate())?;
    let mut interrupt = unix::signal(unix::SignalKind::interrupt())?;
    Ok(async move || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Waits until the process is asked to end.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl AsyncFnMut()> {
    Ok(async || tokio::signal::ctrl_c().await.unwrap_or_default())
}
