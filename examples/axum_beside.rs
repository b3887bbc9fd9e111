//! The gateway beside a host's own handlers: what they don't serve, it does.
//!
//! ```sh
//! cargo run --example axum_beside
//! ```
//!
//! Without a configuration file as argument it talks to provider doubles on loopback.

#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;

use axum::{Router, routing::get, serve::ListenerExt};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let gateway = support::page::gateway(std::env::args().nth(1)).await?;

    let app = Router::new()
        .route("/health", get(|| async { "ok" }))
        .fallback_service(gateway.service());

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    // Else the events of a stream wait for the client's delayed acknowledgements, 40 ms each.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    axum::serve(listener, app).await?;
    Ok(())
}
