//! Whose certificates are trusted.

use tower_llm_gateway::downstream::HyperClient;

use super::{
    authority::{Authority, Identity},
    refusal, send, send_to, serve, trusting,
};

const HOST: &str = "127.0.0.1";

#[tokio::test]
async fn who_has_a_chain_to_a_trusted_root_is_trusted() {
    let root = Authority::root("root");
    let below = root.below("middle").below("lower");
    for identity in [root.certify(HOST), below.certify(HOST)] {
        let server = serve(identity.server()).await;
        assert_eq!(send(trusting(&root), server).await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_host_is_known_by_the_name_that_its_address_was_given_for() {
    let root = Authority::root("root");
    let server = serve(root.certify("model.example").server()).await;
    let builder = HyperClient::builder().with_address("model.example", server.ip());
    let client = builder.with_root_der(root.der()).unwrap().build();
    let response = send_to(client, "model.example", server.port()).await;
    assert_eq!(response.unwrap().status(), 200);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_a_connect_error() {
    let root = Authority::root("root");
    let server = serve(root.certify("model.example").server()).await;
    let shown = refusal(trusting(&root), server).await;
    assert!(shown.contains("not valid for name"), "{shown}");
}

#[tokio::test]
async fn a_certificate_that_has_run_out_is_a_connect_error() {
    let root = Authority::root("root");
    let server = serve(root.certify_expired(HOST).server()).await;
    let shown = refusal(trusting(&root), server).await;
    assert!(shown.contains("expired"), "{shown}");
}

#[tokio::test]
async fn a_certificate_that_nobody_else_has_signed_is_a_connect_error() {
    let server = serve(Identity::self_signed(HOST).server()).await;
    let shown = refusal(trusting(&Authority::root("root")), server).await;
    assert!(shown.contains("UnknownIssuer"), "{shown}");
}

#[tokio::test]
async fn a_root_that_nobody_knows_is_a_connect_error() {
    // Another of the same name is another.
    let server = serve(Authority::root("root").certify(HOST).server()).await;
    for client in [
        HyperClient::default(),
        trusting(&Authority::root("root")),
        HyperClient::builder().without_default_roots().build(),
    ] {
        let shown = refusal(client, server).await;
        assert!(shown.contains("invalid peer certificate"), "{shown}");
    }
}

#[tokio::test]
async fn a_chain_with_a_gap_is_a_connect_error() {
    let root = Authority::root("root");
    let lower = root.below("middle").below("lower");
    let server = serve(lower.certify(HOST).without_chain().server()).await;
    let shown = refusal(trusting(&root), server).await;
    assert!(shown.contains("UnknownIssuer"), "{shown}");
}
