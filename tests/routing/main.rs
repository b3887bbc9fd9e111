//! Which request goes where. Each row of the routing table that needs no wire has a test here.
#![cfg(feature = "yaml")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

mod alias_rows;
mod aliases;
mod allocations;
mod experiments;
mod explanations;
mod fallbacks;
mod lints;
#[path = "../support/naive/mod.rs"]
mod naive;
mod naive_model;
mod order;
mod page_rows;
mod random;
mod rule_rows;
mod rules_and_owners;
#[path = "../support/routing.rs"]
mod support;
mod vectors;

use futures_util::FutureExt;
use support::*;
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    ir::ErrorKind,
    plugin::{PipelineLayer, PluginLayer, Plugins},
    router::{Decision, Table},
};

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
pub(crate) fn passed(table: &Table, path: &str, model: &str) -> Vec<String> {
    passed_by(&decide(table, path, model).unwrap())
}

pub(crate) fn passed_by(decision: &Decision) -> Vec<String> {
    let before = decision.caller_plugins().map(|plugins| &plugins.0);
    let behind = decision.plugins().map(|plugins| &plugins.0);
    let plugins = before.into_iter().chain(behind);
    names_of(plugins.flat_map(|each| each.iter()))
}

/// The names of plugins that note them, in the order in which a request passes them.
pub(crate) fn names_of<'a>(plugins: impl Iterator<Item = &'a PluginLayer>) -> Vec<String> {
    let leaf = service_fn(|request: http::Request<Body>| async move {
        let mut response = http::Response::new(Body::empty());
        *response.extensions_mut() = request.extensions().clone();
        Ok::<_, BoxError>(response)
    });
    let mut request = http::Request::new(Body::empty());
    let plugins = Plugins(plugins.cloned().collect());
    request.extensions_mut().insert(plugins);
    let answered = PipelineLayer::new().layer(leaf).oneshot(request);
    let response = answered.now_or_never().unwrap().unwrap();
    let passed = response.extensions().get::<Passed>();
    passed.cloned().unwrap_or_default().0
}

/// The page with this pipeline in the rule for Sonnet.
pub(crate) fn sonnet_with(pipeline: &str) -> Table {
    c0_with("      - plugin_id: anthropic2openai\n", pipeline)
}
