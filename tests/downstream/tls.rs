//! TLS, with a certificate for 127.0.0.1 that signs itself, made for these tests alone.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use http::{Request, Response, Version};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ClientConfig, RootCertStore, ServerConfig,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    },
};
use tower::ServiceExt;
use tower_llm_gateway::{
    Body, Error,
    downstream::{DownstreamService, HyperClient},
    format::ApiFormat,
    target::Target,
};

use crate::support::{request, selected};

fn certificate() -> CertificateDer<'static> {
    CertificateDer::from_slice(include_bytes!("loopback.crt.der"))
}

/// A server that offers these protocols, and says in a header which version it was spoken to.
async fn server(protocols: &[&str]) -> SocketAddr {
    let key = PrivatePkcs8KeyDer::from(&include_bytes!("loopback.key.der")[..]);
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate()], key.into())
        .unwrap();
    let protocols = protocols.iter().map(|name| name.as_bytes().to_vec());
    config.alpn_protocols = protocols.collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else {
                continue;
            };
            let service = service_fn(|request: Request<Incoming>| async move {
                let version = format!("{:?}", request.version());
                let response = Response::builder().header("x-version", version);
                Ok::<_, Infallible>(response.body(Body::empty()).unwrap())
            });
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

/// A client that trusts the certificate, and says nonsense about protocols.
fn trusting() -> HyperClient {
    let mut roots = RootCertStore::empty();
    roots.add(certificate()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"nonsense".to_vec()];
    HyperClient::builder().with_tls_config(config).build()
}

async fn send(client: HyperClient, address: SocketAddr) -> Result<Response<Body>, Error> {
    let url = format!("https://{address}").parse().unwrap();
    let request = request(selected(Target::new("t", url), ApiFormat::OPENAI));
    DownstreamService::with_client(client)
        .oneshot(request)
        .await
}

#[tokio::test]
async fn the_best_version_that_both_have_is_spoken() {
    for (protocols, version) in [
        (&["h2", "http/1.1"][..], Version::HTTP_2),
        (&["http/1.1"], Version::HTTP_11),
        (&[], Version::HTTP_11),
    ] {
        let response = send(trusting(), server(protocols).await).await.unwrap();
        assert_eq!(response.headers()["x-version"], format!("{version:?}"));
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_a_connect_error() {
    let address = server(&["http/1.1"]).await;
    let error = send(HyperClient::default(), address).await.unwrap_err();
    assert!(error.is_connect() && !error.is_timeout(), "{error:?}");
}
