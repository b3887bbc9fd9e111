//! The listener that the gateway, the floor and the provider double share: what is compared is what stands behind it.

use std::{error::Error, io};

use hyper::{
    body::{Body, Incoming},
    server::conn::http1,
    service::HttpService,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

/// Serves every connection by a service of its own, for ever.
///
/// # Errors
///
/// The address can't be had, or no more connections.
pub async fn serve<S, B>(address: &str, mut service: impl FnMut() -> S) -> io::Result<()>
where
    S: HttpService<Incoming, ResBody = B, Error: Into<BoxError>, Future: Send> + Send + 'static,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let listener = TcpListener::bind(address).await?;
    loop {
        let (connection, _) = listener.accept().await?;
        connection.set_nodelay(true)?;
        let mut server = http1::Builder::new();
        let connection = server
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(connection), service());
        // A client that goes away is no matter.
        tokio::spawn(async move { drop(connection.await) });
    }
}

/// Any error.
pub type BoxError = Box<dyn Error + Send + Sync>;
