//! TLS, before an authority of the tests' own.

#[path = "../../support/authority.rs"]
mod authority;
mod certificates;
mod clients;
#[cfg(feature = "yaml")]
mod gateway;
mod protocols;
mod settings;

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use http::{Request, Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    io::{copy, sink},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};
use tower::ServiceExt;
use tower_llm_gateway::{
    Body, Error,
    downstream::{DownstreamService, HyperClient},
    format::ApiFormat,
    policy::{Phase, Timeouts},
    target::Target,
};

use crate::support::{KEY, request, selected, shown};

use authority::Authority;

/// A server that says in its headers how it was spoken to.
async fn serve(config: ServerConfig) -> SocketAddr {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(acceptor.clone(), stream));
        }
    });
    address
}

async fn converse(acceptor: TlsAcceptor, stream: TcpStream) {
    let stream = match acceptor.accept(stream).into_fallible().await {
        Ok(stream) => stream,
        Err((_, mut stream)) => {
            // To close what still has unread bytes would reset it, and with it what was said last.
            let _ = copy(&mut stream, &mut sink()).await;
            return;
        }
    };
    let (_, session) = stream.get_ref();
    let tls = format!("{:?}", session.protocol_version().unwrap());
    let certified = session.peer_certificates().is_some().to_string();
    let service = service_fn(move |request: Request<Incoming>| {
        let response = Response::builder()
            .header("x-http", format!("{:?}", request.version()))
            .header("x-tls", &tls)
            .header("x-certified", &certified);
        let response = response.body(Body::empty()).unwrap();
        async { Ok::<_, Infallible>(response) }
    });
    let server = auto::Builder::new(TokioExecutor::new());
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

/// A client that trusts this authority.
fn trusting(authority: &Authority) -> HyperClient {
    let builder = HyperClient::builder().with_root_pem(authority.pem().as_bytes());
    builder.unwrap().build()
}

/// Asks a server at this host. It takes no time worth mentioning.
async fn send_to(client: HyperClient, host: &str, port: u16) -> Result<Response<Body>, Error> {
    let url = format!("https://{host}:{port}").parse().unwrap();
    let target = Target::new("t", url).with_key(KEY.into());
    let hour = Duration::from_secs(3600);
    let target = target.with_timeouts(Timeouts::new().with(Phase::Connect, hour));
    let request = request(selected(target, ApiFormat::OPENAI));
    let response = DownstreamService::with_client(client).oneshot(request);
    let prompt = timeout(Duration::from_secs(20), response);
    prompt.await.expect("it hangs")
}

async fn send(client: HyperClient, server: SocketAddr) -> Result<Response<Body>, Error> {
    send_to(client, &server.ip().to_string(), server.port()).await
}

/// What the causes of a failed handshake say.
async fn refusal(client: HyperClient, server: SocketAddr) -> String {
    let error = send(client, server).await.unwrap_err();
    let shown = shown(&error);
    assert!(error.is_connect() && !error.is_timeout(), "{shown}");
    assert!(!shown.contains(KEY), "{shown}");
    shown
}
