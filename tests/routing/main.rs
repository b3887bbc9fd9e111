//! Which request goes where. Each row of the routing table that needs no wire has a test here.
#![cfg(feature = "yaml")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

mod aliases;
mod order;
mod page_rows;
mod rule_rows;
mod rules_and_owners;
#[path = "../support/routing.rs"]
mod support;

use support::*;
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{Body, BoxError, ir::ErrorKind, plugin::Stack, router::Table};

pub(crate) const OPENAI_URL: &str = "https://api.openai.com/v1/chat/completions";
pub(crate) const ANTHROPIC_URL: &str = "https://api.anthropic.com/v1/messages";
pub(crate) const AZURE_URL: &str =
    "https://my-resource.openai.azure.com/openai/v1/chat/completions";

/// Two downstreams without models, `a` and `b`, and these rules.
pub(crate) fn two(rules: &str) -> Table {
    let downstreams =
        "downstreams:\n- {id: a, base_url: https://a}\n- {id: b, base_url: https://b}\n";
    table(&[&format!("{downstreams}rules:\n{rules}")])
}

pub(crate) fn assert_unknown(table: &Table, path: &str, model: &str) {
    let error = decide(table, path, model).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

/// The plugins of a decision, in the order in which a request passes them.
pub(crate) async fn passed(table: &Table, path: &str, model: &str) -> Vec<String> {
    let decision = decide(table, path, model).unwrap();
    let Some(plugins) = decision.plugins() else {
        return Vec::new();
    };
    let leaf = service_fn(|request: http::Request<Body>| async move {
        let mut response = http::Response::new(Body::empty());
        *response.extensions_mut() = request.extensions().clone();
        Ok::<_, BoxError>(response)
    });
    let stack = plugins
        .0
        .iter()
        .rev()
        .fold(Stack::new(leaf), |inner, layer| layer.layer(inner));
    let response = stack
        .oneshot(http::Request::new(Body::empty()))
        .await
        .unwrap();
    response.extensions().get::<Passed>().unwrap().0.clone()
}

/// The page with this pipeline in the rule for Sonnet.
pub(crate) fn sonnet_with(pipeline: &str) -> Table {
    c0_with("      - plugin_id: anthropic2openai\n", pipeline)
}
