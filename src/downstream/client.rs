use std::{
    collections::HashMap,
    fmt,
    future::Future,
    mem,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{
        Client, ResponseFuture,
        connect::{CaptureConnection, HttpConnector, capture_connection},
    },
    rt::{TokioExecutor, TokioTimer},
};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tower_service::Service;

use crate::{
    Body, BoxError, Error,
    context::Selected,
    policy::{Phase, Timeouts},
};

use super::resolver::Resolver;

#[cfg(feature = "tls")]
pub(super) type Connector = hyper_rustls::HttpsConnector<HttpConnector<Resolver>>;
#[cfg(not(feature = "tls"))]
pub(super) type Connector = HttpConnector<Resolver>;

/// The built-in http client: hyper's, pooled, with HTTP/2 where TLS negotiates it. Never follows a redirect.
///
/// A connection is given [`Phase::Connect`] to come up, TLS included. A request that meets a pooled connection in the
/// moment when the provider closes it is sent once more on another, if nothing of it was sent; there is no other retry
/// here. The head of an answer may have 12 KiB by HTTP/1.
///
/// Cheap to clone; clones share the pool. Needs a tokio runtime with I/O and time.
///
/// # Errors
///
/// [`Error`] if the connect timeout passes, else hyper's own.
#[derive(Clone)]
pub struct HyperClient {
    // It is cloned by each layer that keeps a service for the next request; hyper's own has all its settings in it.
    client: Arc<Client<Connector, Body>>,
}

impl HyperClient {
    /// A client with other settings.
    pub fn builder() -> HyperClientBuilder {
        HyperClientBuilder::default()
    }
}

impl Default for HyperClient {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl fmt::Debug for HyperClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperClient").finish_non_exhaustive()
    }
}

impl Service<Request<Body>> for HyperClient {
    type Response = Response<Incoming>;
    type Error = BoxError;
    type Future = HyperFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> HyperFuture {
        let selected = Selected::of(request.extensions());
        let is_local = selected.is_some_and(|selected| selected.target().is_handler());
        let said = selected.and_then(|selected| selected.said(Phase::Connect));
        let limit = Phase::Connect.limit(said, false);
        let limit = limit.unwrap_or(Timeouts::NEVER);
        let connection = capture_connection(&mut request);
        HyperFuture {
            response: self.client.request(request),
            is_local,
            connection: Some(connection),
            timer: None,
            limit,
        }
    }
}

pin_project! {
    /// Response future of [`HyperClient`].
    #[must_use = "futures do nothing unless polled"]
    pub struct HyperFuture {
        #[pin]
        response: ResponseFuture,
        // It is for a handler of the host's, which is nowhere on the network.
        is_local: bool,
        // Until there is one.
        connection: Option<CaptureConnection>,
        // Runs while one comes up: most requests find one in the pool.
        #[pin]
        timer: Option<Sleep>,
        limit: Duration,
    }
}

impl Future for HyperFuture {
    type Output = Result<Response<Incoming>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if *this.is_local {
            return Poll::Ready(Err(Error::no_handler().into()));
        }
        if let Poll::Ready(response) = this.response.poll(cx) {
            return Poll::Ready(response.map_err(Into::into));
        }
        let Some(connection) = this.connection else {
            return Poll::Pending;
        };
        if connection.connection_metadata().is_some() {
            *this.connection = None;
            this.timer.set(None);
            return Poll::Pending;
        }
        if this.timer.is_none() {
            this.timer.set(Some(sleep(*this.limit)));
        }
        match this.timer.as_pin_mut().map(|timer| timer.poll(cx)) {
            Some(Poll::Ready(())) => {
                Poll::Ready(Err(Error::timed_out(Phase::Connect, *this.limit).into()))
            }
            _ => Poll::Pending,
        }
    }
}

impl fmt::Debug for HyperFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperFuture").finish_non_exhaustive()
    }
}

/// Settings of a [`HyperClient`].
#[derive(Debug, Clone)]
#[must_use]
pub struct HyperClientBuilder {
    pool_idle_timeout: Duration,
    http2_only: bool,
    addresses: HashMap<String, IpAddr>,
    #[cfg(feature = "tls")]
    pub(super) tls: super::tls::Tls,
}

impl Default for HyperClientBuilder {
    fn default() -> Self {
        Self {
            // Load balancers in front of providers close idle connections after 60 s and more; to be first avoids the
            // race between their close and our next request.
            pool_idle_timeout: Duration::from_secs(50),
            http2_only: false,
            addresses: HashMap::new(),
            #[cfg(feature = "tls")]
            tls: super::tls::Tls::default(),
        }
    }
}

impl HyperClientBuilder {
    /// Closes a connection that nobody used for this long. Default 50 s, a little less than providers do.
    pub fn with_pool_idle_timeout(mut self, limit: Duration) -> Self {
        self.pool_idle_timeout = limit;
        self
    }

    /// Speaks HTTP/2 without asking, which is the only way to speak it to `http://` addresses. Default: HTTP/1, and
    /// over TLS what is negotiated.
    pub fn with_http2_only(mut self) -> Self {
        self.http2_only = true;
        self
    }

    /// Finds this host at this address, without asking the system: for a private endpoint, or a test.
    pub fn with_address(mut self, host: impl Into<String>, address: IpAddr) -> Self {
        self.addresses.insert(host.into(), address);
        self
    }

    /// Makes the client.
    pub fn build(mut self) -> HyperClient {
        let addresses = mem::take(&mut self.addresses);
        let mut http = HttpConnector::new_with_resolver(Resolver::new(addresses));
        http.set_nodelay(true);
        http.set_keepalive(Some(Duration::from_secs(60)));
        let mut client = Client::builder(TokioExecutor::new());
        client
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(self.pool_idle_timeout)
            // Callers who don't read hold up to sixteen of these, until hyper's server asks for no more. So it also is the
            // most that the head of an answer may have.
            .http1_max_buf_size(12 << 10)
            // A caller who doesn't read must hold up its own stream and not the others of the connection: a hundred
            // full streams, which is what providers allow, fit into the connection's window.
            .http2_initial_stream_window_size(128 << 10)
            .http2_initial_connection_window_size(16 << 20)
            // A model may think for minutes without a byte; a dead peer must not look like that.
            .http2_keep_alive_interval(Duration::from_secs(30))
            .http2_keep_alive_timeout(Duration::from_secs(20))
            .http2_only(self.http2_only);
        HyperClient {
            client: Arc::new(client.build(self.connector(http))),
        }
    }

    #[cfg(feature = "tls")]
    fn connector(self, mut http: HttpConnector<Resolver>) -> Connector {
        http.enforce_http(false);
        let builder = hyper_rustls::HttpsConnectorBuilder::new();
        let builder = builder.with_tls_config(self.tls.into_config());
        let builder = builder.https_or_http();
        if self.http2_only {
            builder.enable_http2().wrap_connector(http)
        } else {
            builder.enable_all_versions().wrap_connector(http)
        }
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "only TLS has settings")]
    fn connector(self, http: HttpConnector<Resolver>) -> Connector {
        http
    }
}
