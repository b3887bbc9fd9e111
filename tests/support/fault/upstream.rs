//! The running upstream.

use std::{
    convert::Infallible,
    future::{self, Ready},
    net::SocketAddr,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use http::Uri;
use http_body::Body;
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;
use tower::Service;

use super::{
    Plan, http1, http2,
    records::Records,
    wire::{Stream, Wire},
};

/// What a connection within the process holds in each direction, unless it is said.
const CAPACITY: usize = 64 * 1024;

/// What all connections share.
pub(super) struct Server {
    pub(super) plan: Plan,
    pub(super) records: Records,
    pub(super) is_h2: bool,
    pub(super) capacity: Option<u32>,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) connections: Mutex<JoinSet<()>>,
}

impl Server {
    fn spawn(self: &Arc<Self>, connection: impl Future<Output = ()> + Send + 'static) {
        let connections = self.connections.lock();
        let mut connections = connections.unwrap_or_else(PoisonError::into_inner);
        while connections.try_join_next().is_some() {}
        connections.spawn(connection);
    }

    fn serve<S: Stream>(self: &Arc<Self>, wire: Wire<S>) {
        let server = Arc::clone(self);
        self.spawn(async move { server.run(wire).await });
    }

    async fn run<S: Stream>(self: &Arc<Self>, wire: Wire<S>) {
        if self.is_h2 {
            http2::serve(wire, self).await;
        } else {
            http1::serve(wire, &self.plan, &self.records).await;
        }
    }

    fn connect(self: &Arc<Self>) -> Wire {
        let capacity = self.capacity.map_or(CAPACITY, |bytes| bytes as usize);
        let (ours, theirs) = Wire::pair(capacity);
        self.serve(ours);
        theirs
    }

    pub(super) async fn accept(self: Arc<Self>, listener: TcpListener) {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // There is no descriptor left, until others are closed.
                tokio::task::yield_now().await;
                continue;
            };
            // Else the kernel holds an event back until the one before is acknowledged.
            let _ = stream.set_nodelay(true);
            let Some(acceptor) = self.tls.clone() else {
                self.serve(Wire::new(stream));
                continue;
            };
            let server = Arc::clone(&self);
            self.spawn(async move {
                // Who does not like the certificate leaves.
                if let Ok(stream) = acceptor.accept(stream).await {
                    server.run(Wire::new(stream)).await;
                }
            });
        }
    }
}

/// A running upstream, which answers for its [`Records`]. Dropping it cuts all connections.
pub struct Upstream {
    pub(super) url: String,
    pub(super) address: SocketAddr,
    pub(super) server: Arc<Server>,
    pub(super) listening: JoinHandle<()>,
}

impl Upstream {
    /// The base URL, without a path.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A connection within the process: with a paused clock, time passes only when all wait.
    pub fn connect(&self) -> Wire {
        self.server.connect()
    }

    /// A client whose connections are within the process, whatever the URIs say.
    pub fn client<B>(&self) -> Client<Connector, B>
    where
        B: Body<Data: Send> + Send,
    {
        let mut client = Client::builder(TokioExecutor::new());
        let client = client.http2_only(self.server.is_h2);
        client.build(Connector(Arc::clone(&self.server)))
    }

    /// Serves a connection that comes from elsewhere.
    pub fn serve<S: Stream>(&self, stream: S) {
        self.server.serve(Wire::new(stream));
    }
}

impl Deref for Upstream {
    type Target = Records;

    fn deref(&self) -> &Records {
        &self.server.records
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.listening.abort();
        let connections = self.server.connections.lock();
        connections
            .unwrap_or_else(PoisonError::into_inner)
            .abort_all();
    }
}

/// Connects within the process.
#[derive(Clone)]
pub struct Connector(Arc<Server>);

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = Infallible;
    type Future = Ready<Result<TokioIo<Wire>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        future::ready(Ok(TokioIo::new(self.0.connect())))
    }
}
