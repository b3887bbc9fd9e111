//! Servers that want to see a certificate.

use tower_llm_gateway::downstream::HyperClient;

use super::{
    authority::{Authority, Clients, Identity},
    send, serve, trusting,
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
