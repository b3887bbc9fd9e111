//! The gateway next to a gRPC service, on one port. gRPC passes untouched, trailers included.
//!
//! ```sh
//! cargo run --example tonic_beside
//! ```
//!
//! Without a configuration file as argument it talks to provider doubles on loopback.

#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tonic::service::Routes;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let gateway = support::page::gateway(std::env::args().nth(1)).await?;

    // Any tonic service will do; this one is `grpc.health.v1.Health`.
    let (_reporter, health) = tonic_health::server::health_reporter();
    let app = Routes::new(health)
        .into_axum_router()
        .layer(gateway.layer());

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    // Else the events of a stream wait for the client's delayed acknowledgements, 40 ms each.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    axum::serve(listener, app).await?;
    Ok(())
}
