//! What the routing tests decide on, and what they look at.

use http::{HeaderMap, Method};
use tower::{ServiceBuilder, layer::layer_fn};
use tower_llm_gateway::{
    config::Config,
    format::ApiFormat,
    ir,
    plugin::{PluginLayer, Registry, Stack},
    router::{Decision, Facts, Leg, Legs, Supplier, Table},
};

/// The first configuration of the specification page, and what it says to add for Azure.
pub(crate) const PAGE: &str = include_str!("../fixtures/specification/gateway.yaml");
pub(crate) const AZURE: &str = include_str!("../fixtures/specification/azure.yaml");

pub(crate) const CHAT: &str = "/v1/chat/completions";
pub(crate) const SONNET: &str = "claude-sonnet-4-20250514";

/// The plugins that a request passed, outermost first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Passed(pub(crate) Vec<String>);

/// A registry of plugins that note their `name` setting in the request.
pub(crate) fn registry() -> Registry {
    let mut registry = Registry::default();
    for id in ["custom_header", "fix_anthropic_images"] {
        registry.register(id, move |settings| {
            let name = settings["name"].as_str().unwrap_or(id).to_owned();
            Ok(noting(name))
        });
    }
    registry
}

pub(crate) fn noting(name: String) -> PluginLayer {
    PluginLayer::new(layer_fn(move |inner: Stack| {
        let name = name.clone();
        let note = move |mut request: http::Request<_>| {
            let passed = request.extensions_mut().get_or_insert_default::<Passed>();
            passed.0.push(name.clone());
            request
        };
        ServiceBuilder::new().map_request(note).service(inner)
    }))
}

pub(crate) fn config(documents: &[&str]) -> Config {
    let mut config = Config::default();
    for document in documents {
        config.append_yaml(document).unwrap();
    }
    config
}

pub(crate) fn table(documents: &[&str]) -> Table {
    config(documents)
        .build(&registry())
        .unwrap_or_else(|errors| panic!("{errors}"))
}

/// The three downstreams and rules of the page.
pub(crate) fn c0() -> Table {
    table(&[PAGE, AZURE])
}

/// The page as one document.
pub(crate) fn whole_page() -> String {
    let (azure, azure_rule) = AZURE.split_once("\nrules:\n").unwrap();
    let (downstreams, rules) = PAGE.split_once("\nrules:\n").unwrap();
    format!("{downstreams}\n{azure}\nrules:\n{rules}\n{azure_rule}")
}

/// The page with one text replaced by another.
pub(crate) fn c0_with(from: &str, to: &str) -> Table {
    let page = whole_page();
    assert!(page.contains(from), "the page has no {from:?}");
    table(&[&page.replace(from, to)])
}

/// The page without a rule.
pub(crate) fn c0_without(rule: &str) -> Table {
    let page = whole_page();
    let (before, after) = page.split_once(&format!("  - id: {rule}\n")).unwrap();
    let behind = after.find("  - id: ").map_or("", |next| &after[next..]);
    table(&[&format!("{before}{behind}")])
}

/// The page with a rule switched off.
pub(crate) fn c0_disabled(rule: &str) -> Table {
    let id = format!("id: {rule}\n");
    let page = whole_page();
    let (before, after) = page.split_once(&id).unwrap();
    let after = after.replacen("is_enabled: true", "is_enabled: false", 1);
    table(&[&format!("{before}{id}{after}")])
}

/// What the table says to a `POST` of `path` for `model`; formats that name it in the path ignore `model`.
pub(crate) fn decide(table: &Table, path: &str, model: &str) -> Result<Decision, ir::Error> {
    let uri = path.parse().unwrap();
    let headers = HeaderMap::new();
    let concern = table.concerns(&Method::POST, &uri, &headers);
    let concern = concern.expect("a path of ours");
    let model = concern.call.model.as_deref().unwrap_or(model);
    let mut facts = Facts::new(&concern.path, concern.format, model, &headers);
    facts.operation = concern.call.operation;
    facts.stream = concern.call.stream.unwrap_or_default();
    table.decide(&facts)
}

/// The decision in a line: downstream, model if it is renamed, URL.
pub(crate) fn sent(decision: &Decision) -> String {
    let selected = decision.selected();
    let model = selected.model().map_or("", |model| &**model);
    let api = selected.provider().api();
    let path = api.path(selected.operation(), model, selected.stream());
    let url = selected.target().url(selected.provider(), &path).unwrap();
    format!("{} {model} {url}", selected.target().id())
}

pub(crate) fn rules(decision: &Decision) -> Vec<&str> {
    decision.rules().map(|rule| &**rule.id()).collect()
}

/// The legs in a line, such as `openai>anthropic auto | anthropic>openai rule`.
pub(crate) fn legs(decision: &Decision) -> String {
    line(&decision.legs())
}

pub(crate) fn line(legs: &Legs) -> String {
    let steps = |legs: &[Leg]| legs.iter().map(step).collect::<Vec<_>>().join(", ");
    format!("{} | {}", steps(&legs.request), steps(&legs.response))
}

/// One of them, such as `openai>anthropic auto`.
pub(crate) fn step(leg: &Leg) -> String {
    let by = match leg.by {
        Supplier::Rule => "rule",
        _ => "auto",
    };
    format!("{}>{} {by}", leg.from, leg.to)
}

/// The error as its caller sees it: status and body.
pub(crate) fn refused(format: ApiFormat, error: &ir::Error) -> (u16, serde_json::Value) {
    let (status, body) = format.error_body(error);
    (status.as_u16(), serde_json::from_slice(&body).unwrap())
}
