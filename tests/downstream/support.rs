//! Servers on loopback, and requests to them.

use std::{
    convert::Infallible,
    fmt::Write,
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, request::Parts};
use http_body_util::BodyExt;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};
use tower::ServiceExt;
use tower_llm_gateway::{
    Body, Error,
    context::Selected,
    downstream::{DownstreamService, HyperClient},
    format::ApiFormat,
    target::Target,
};

use crate::log;

pub(crate) const KEY: &str = "CANARY-key";

/// A server, and what it was asked.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) connections: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) async fn start<F, R>(answer: F) -> Self
    where
        F: Fn(Request<Incoming>) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Response<Body>> + Send + 'static,
    {
        log::observe();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let answer = answer.clone();
                let service = service_fn(move |request| {
                    let response = answer(request);
                    async { Ok::<_, Infallible>(response.await) }
                });
                tokio::spawn(async move {
                    let server = auto::Builder::new(TokioExecutor::new());
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self {
            address,
            connections,
        }
    }

    /// A server that answers 200 and passes on what it was asked.
    pub(crate) async fn recording() -> (Self, mpsc::UnboundedReceiver<(Parts, Bytes)>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let server = Self::start(move |request| {
            let sender = sender.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                sender.send((parts, body)).unwrap();
                Response::new(Body::from("{}"))
            }
        });
        (server.await, receiver)
    }

    /// A server that answers 200 and passes on the body that it was sent, with its trailers.
    pub(crate) async fn recording_trailers()
    -> (Self, mpsc::UnboundedReceiver<(Bytes, Option<HeaderMap>)>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let server = Self::start(move |request| {
            let sender = sender.clone();
            async move {
                let body = request.into_body().collect().await.unwrap();
                let trailers = body.trailers().cloned();
                sender.send((body.to_bytes(), trailers)).unwrap();
                Response::new(Body::from("{}"))
            }
        });
        (server.await, receiver)
    }

    pub(crate) fn target(&self) -> Target {
        target(self.address)
    }
}

pub(crate) fn target(address: SocketAddr) -> Target {
    let url = format!("http://{address}/v1").parse().unwrap();
    Target::new("t", url).with_key(KEY.into())
}

/// A server that says these bytes to whoever connects, whatever is asked, and then is silent.
pub(crate) async fn raw_server(answer: &'static str) -> SocketAddr {
    answering(answer, false).await
}

/// A server that says these bytes to whoever asks, whatever that is, and then is gone.
pub(crate) async fn closing_server(answer: &'static str) -> SocketAddr {
    answering(answer, true).await
}

async fn answering(answer: &'static str, closes: bool) -> SocketAddr {
    log::observe();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    if closes {
                        break;
                    }
                }
            });
        }
    });
    address
}

pub(crate) fn selected(target: Target, format: ApiFormat) -> Selected {
    Selected::new(Arc::new(target), format)
}

pub(crate) fn request(selected: Selected) -> Request<Body> {
    let mut request = Request::post("/v1/chat/completions")
        .body(Body::from(r#"{"model":"m"}"#))
        .unwrap();
    request.extensions_mut().insert(selected);
    request
}

pub(crate) async fn send(request: Request<Body>) -> Result<Response<Body>, Error> {
    DownstreamService::new().oneshot(request).await
}

/// What a provider of `format` sees of a request with these headers.
pub(crate) async fn seen(
    format: ApiFormat,
    change: impl FnOnce(Target) -> Target,
    headers: &[(&'static str, &'static str)],
) -> HeaderMap {
    let (server, mut asked) = Server::recording().await;
    let selected = selected(change(server.target()), ApiFormat::OPENAI).with_provider(format);
    let mut request = request(selected);
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    send(request).await.unwrap();
    asked.recv().await.unwrap().0.headers
}

/// Every level of an error, as people and logs see it.
pub(crate) fn shown(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        write!(shown, " {error} {error:?}").unwrap();
        source = error.source();
    }
    log::note(&shown);
    shown
}

pub(crate) fn http2() -> DownstreamService {
    DownstreamService::with_client(HyperClient::builder().with_http2_only().build())
}
