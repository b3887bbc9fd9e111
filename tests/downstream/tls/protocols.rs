//! Which versions are spoken.

use http::Version;
use tower_llm_gateway::downstream::HyperClient;

use super::{
    authority::{Authority, Clients},
    refusal, send, serve, trusting,
};

const HOST: &str = "127.0.0.1";

#[tokio::test]
async fn the_best_version_that_both_have_is_spoken() {
    let root = Authority::root("root");
    for (protocols, version) in [
        (&["h2", "http/1.1"][..], Version::HTTP_2),
        (&["http/1.1", "h2"], Version::HTTP_11),
        (&["h2"], Version::HTTP_2),
        (&["http/1.1"], Version::HTTP_11),
        (&[], Version::HTTP_11),
    ] {
        let mut config = root.certify(HOST).server();
        let names = protocols.iter().map(|name| name.as_bytes().to_vec());
        config.alpn_protocols = names.collect();
        let server = serve(config).await;
        let response = send(trusting(&root), server).await.unwrap();
        assert_eq!(response.headers()["x-http"], format!("{version:?}"));
    }
}

#[tokio::test]
async fn a_server_that_shares_no_protocol_is_a_connect_error() {
    let root = Authority::root("root");
    let mut config = root.certify(HOST).server();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let server = serve(config).await;
    let builder = HyperClient::builder().with_root_pem(root.pem().as_bytes());
    let client = builder.unwrap().with_http2_only().build();
    let shown = refusal(client, server).await;
    assert!(shown.contains("NoApplicationProtocol"), "{shown}");
}

#[tokio::test]
async fn a_server_that_knows_nothing_newer_is_spoken_to_in_tls_1_2() {
    let root = Authority::root("root");
    for (clients, version) in [(Clients::Old, "TLSv1_2"), (Clients::Any, "TLSv1_3")] {
        let server = serve(root.certify(HOST).server_for(&clients)).await;
        let response = send(trusting(&root), server).await.unwrap();
        assert_eq!(response.headers()["x-tls"], version);
    }
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_a_connect_error() {
    let plain = crate::support::raw_server("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    refusal(HyperClient::default(), plain).await;
}
