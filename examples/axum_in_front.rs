//! The gateway in front of an existing app: it answers what is for a model and lets everything
//! else through.
//!
//! ```sh
//! cargo run --example axum_in_front
//! ```
//!
//! Without a configuration file as argument it talks to provider doubles on loopback.

#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;

use axum::{
    Router,
    routing::{get, post},
    serve::ListenerExt,
};
use tokio::net::TcpListener;
use tower_http::trace::TraceLayer;

/// What the host had before.
fn existing_app() -> Router {
    Router::new()
        .route("/", get(|| async { "the app's own page" }))
        .route("/echo", post(|body: String| async { body }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let gateway = support::page::gateway(std::env::args().nth(1)).await?;

    let app = existing_app()
        .layer(gateway.layer())
        .layer(TraceLayer::new_for_http());

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    // Else the events of a stream wait for the client's delayed acknowledgements, 40 ms each.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    axum::serve(listener, app).await?;
    Ok(())
}
