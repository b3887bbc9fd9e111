//! What can be wrong with what a host gives.

use std::sync::Arc;

use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider};
use tower_llm_gateway::downstream::{HyperClient, HyperClientBuilder};

use super::{
    authority::{Authority, Identity},
    refusal, send, serve,
};

fn builder() -> HyperClientBuilder {
    HyperClient::builder()
}

#[test]
fn several_roots_may_be_in_one_pem() {
    let two = Authority::root("a").pem() + "# another\n" + &Authority::root("b").pem();
    assert!(builder().with_root_pem(two.as_bytes()).is_ok());
}

const NONSENSE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

#[test]
fn roots_that_are_none_are_refused() {
    let root = Authority::root("root").pem();
    let cut = &root[..root.len() / 2];
    let key = Identity::self_signed("h").key_pem();
    for (pem, why) in [
        (cut, "the text is not PEM as it should be"),
        ("", "the PEM has no certificate in it"),
        ("root", "the PEM has no certificate in it"),
        (&key, "the PEM has no certificate in it"),
        (NONSENSE, "it is not X.509, version 3, as DER"),
    ] {
        let error = builder().with_root_pem(pem.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), format!("invalid certificate: {why}"));
    }
    builder().with_root_der(root.as_bytes()).unwrap_err();
}

/// The first line of a key's text.
fn first_line(key: &str) -> &str {
    key.lines().nth(1).unwrap()
}

#[test]
fn a_client_s_certificate_without_its_key_is_refused() {
    let identity = Identity::self_signed("h");
    let (chain, key) = (identity.chain_pem(), identity.key_pem());
    let other = Identity::self_signed("h").key_pem();
    let encrypted = key.replace("PRIVATE", "ENCRYPTED PRIVATE");
    let on_one_line = key.replacen('\n', "", 1);
    let cut = &key[..key.len() / 2];
    let no_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let unread = "no private key can be read from the PEM: PKCS#8, PKCS#1 or SEC1";
    for (chain, key, why) in [
        ("", &*key, "the PEM has no certificate in it"),
        (NONSENSE, &key, "it is not X.509, version 3, as DER"),
        (&chain, &other, "the private key is another certificate's"),
        (&chain, &chain, unread),
        (&chain, &encrypted, unread),
        (&chain, &on_one_line, unread),
        (&chain, cut, unread),
        (
            &chain,
            no_key,
            "its private key is of a kind that is not known",
        ),
    ] {
        let error = builder().with_client_certificate_pem(chain.as_bytes(), key.as_bytes());
        let error = error.unwrap_err();
        assert_eq!(error.to_string(), format!("invalid certificate: {why}"));
        assert!(!format!("{error:?}").contains(first_line(&identity.key_pem())));
    }
}

#[test]
fn a_client_s_key_is_not_in_debug_output() {
    let identity = Identity::self_signed("h");
    let (chain, key) = (identity.chain_pem(), identity.key_pem());
    let builder = builder().with_client_certificate_pem(chain.as_bytes(), key.as_bytes());
    let builder = builder.unwrap();
    let shown = format!("{builder:?} {builder:#?} {:?}", builder.clone().build());
    assert!(shown.len() < 600, "{shown}");
}

/// What a host may make itself, with nonsense about protocols.
fn config(roots: &[&Authority]) -> ClientConfig {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(root.der().into()).unwrap();
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(store)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"nonsense".to_vec()];
    config
}

#[tokio::test]
async fn a_configuration_of_the_host_s_own_counts_alone() {
    let root = Authority::root("root");
    let mut server = root.certify("127.0.0.1").server();
    server.alpn_protocols = vec![b"h2".to_vec()];
    let server = serve(server).await;
    let client = builder().with_tls_config(config(&[&root])).build();
    let response = send(client, server).await.unwrap();
    assert_eq!(response.headers()["x-http"], "HTTP/2.0");

    let trusting = builder().with_root_der(root.der()).unwrap();
    refusal(trusting.with_tls_config(config(&[])).build(), server).await;
}
