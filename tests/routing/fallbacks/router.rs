//! What the router tells the layers below.

use http::{HeaderMap, Request, Response};
use tower_llm_gateway::{
    failover::Fallbacks,
    format::ApiFormat,
    router::{Facts, RuleRouterLayer},
};

use super::*;

pub(super) fn facts(headers: &HeaderMap) -> Facts<'_> {
    Facts::new(CHAT, ApiFormat::OPENAI, "m", headers)
}

/// The alternatives that a request for `m` comes down with.
fn written(table: Table, header: Option<&str>) -> Option<Vec<String>> {
    let leaf = service_fn(|request: Request<Body>| async move {
        let mut response = Response::new(Body::empty());
        *response.extensions_mut() = request.extensions().clone();
        Ok::<_, BoxError>(response)
    });
    let mut request = Request::post(CHAT);
    if let Some(model) = header {
        request = request.header("x-llm-model", model);
    }
    let request = request.body(Body::full(r#"{"model":"m"}"#)).unwrap();
    let router = RuleRouterLayer::new(table).layer(leaf);
    let response = router.oneshot(request).now_or_never().unwrap().unwrap();
    let fallbacks = response.extensions().get::<Fallbacks>();
    fallbacks.map(|fallbacks| fallbacks.0.iter().map(line).collect())
}

#[test]
fn the_router_writes_down_the_fallbacks() {
    let expected = ["b  openai", "c n anthropic"].map(str::to_owned);
    let table = to_a("fallback: [b, c]");
    assert_eq!(written(table, None), Some(expected.to_vec()));
}

#[test]
fn the_router_writes_nothing_where_there_are_none() {
    assert_eq!(written(to_a("fallback: []"), None), None);
    let several = with_rules("- {id: r, fallback: [d]}\n");
    assert_eq!(written(several, None), None);
}

#[test]
fn a_model_named_in_a_header_is_written_for_the_fallback_too() {
    let table = to_a("fallback: [b]");
    let expected = vec!["b m openai".to_owned()];
    assert_eq!(written(table, Some("m")), Some(expected));
}
