//! Servers that want to see a certificate.

use tower_llm_gateway::downstream::HyperClient;

use super::{
    authority::{Authority, Clients, Identity},
    refusal, send, serve, trusting,
};

const HOST: &str = "127.0.0.1";

/// A client that trusts the authority and shows this certificate.
fn showing(identity: &Identity, authority: &Authority) -> HyperClient {
    let (chain, key) = (identity.chain_pem(), identity.key_pem());
    let builder = HyperClient::builder().with_root_pem(authority.pem().as_bytes());
    let builder = builder.unwrap();
    let builder = builder.with_client_certificate_pem(chain.as_bytes(), key.as_bytes());
    builder.unwrap().build()
}

#[tokio::test]
async fn a_certificate_is_shown_to_who_asks_for_it_and_to_nobody_else() {
    let root = Authority::root("root");
    let below = root.below("middle");
    for client in [root.certify("gateway"), below.certify("gateway")] {
        for (clients, certified) in [(Clients::Certified(&root), "true"), (Clients::Any, "false")] {
            let server = serve(root.certify(HOST).server_for(&clients)).await;
            let response = send(showing(&client, &root), server).await.unwrap();
            assert_eq!(response.headers()["x-certified"], certified);
        }
    }
}

#[tokio::test]
async fn who_shows_no_certificate_where_one_is_wanted_has_no_connection() {
    let root = Authority::root("root");
    for protocol in ["http/1.1", "h2"] {
        let mut config = root.certify(HOST).server_for(&Clients::Certified(&root));
        config.alpn_protocols = vec![protocol.into()];
        let shown = refusal(trusting(&root), serve(config).await).await;
        assert!(shown.contains("CertificateRequired"), "{shown}");
    }
}

#[tokio::test]
async fn a_certificate_of_somebody_else_s_is_as_good_as_none() {
    let root = Authority::root("root");
    let server = serve(root.certify(HOST).server_for(&Clients::Certified(&root))).await;
    let stranger = Identity::self_signed("gateway");
    refusal(showing(&stranger, &root), server).await;
}
