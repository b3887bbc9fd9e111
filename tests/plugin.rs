//! Plugins around a service, and the ones that come with the crate.
#![allow(clippy::unwrap_used)]

#[path = "support/faulty.rs"]
mod faulty;
#[path = "support/log.rs"]
mod log;
#[path = "plugin/panics.rs"]
mod panics;

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use serde_json::json;
use tokio_test::{assert_pending, assert_ready, assert_ready_ok};
use tower::{
    Layer, Service, ServiceBuilder, ServiceExt, service_fn,
    util::{MapRequestLayer, MapResponseLayer},
};
use tower_llm_gateway::{
    Body, BoxError,
    context::ConfiguredHeaders,
    plugin::{PipelineLayer, PluginLayer, Plugins, Registry},
};
use tower_test::mock;

fn request(plugins: impl IntoIterator<Item = PluginLayer>) -> Request<Body> {
    log::observe();
    let mut request = Request::new(Body::empty());
    let plugins: Arc<[_]> = plugins.into_iter().collect();
    request.extensions_mut().insert(Plugins(plugins));
    request
}

fn custom_header(settings: &serde_json::Value) -> Result<PluginLayer, BoxError> {
    Registry::default().make("custom_header", settings).unwrap()
}

fn sets(headers: &serde_json::Value) -> PluginLayer {
    custom_header(&json!({ "headers": headers })).unwrap()
}

/// A plugin that adds its name on the way there and back.
fn named(name: &'static str) -> PluginLayer {
    let request = MapRequestLayer::new(move |mut request: Request<Body>| {
        let name = name.parse().unwrap();
        request.headers_mut().append("x-way", name);
        request
    });
    let response = MapResponseLayer::new(move |mut response: Response<Body>| {
        let name = name.parse().unwrap();
        response.headers_mut().append("x-way", name);
        response
    });
    PluginLayer::new(ServiceBuilder::new().layer(request).layer(response))
}

fn way(headers: &HeaderMap) -> Vec<&str> {
    let values = headers.get_all("x-way").iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

/// The headers that arrive behind the plugins, and those that come back.
async fn pass(request: Request<Body>) -> (HeaderMap, HeaderMap) {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let inner = service_fn(move |request: Request<Body>| {
        sender.send(request.headers().clone()).unwrap();
        async { Ok::<_, Infallible>(Response::new(Body::empty())) }
    });
    let response = PipelineLayer::new().layer(inner).oneshot(request).await;
    let headers = response.unwrap().headers().clone();
    (receiver.recv().await.unwrap(), headers)
}

/// Panics unless the very instance that was polled to readiness is called, once.
#[derive(Default)]
struct Strict {
    is_ready: bool,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Service<Request<Body>> for Strict {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "called unready");
        std::future::ready(Ok(Response::new(Body::empty())))
    }
}

#[tokio::test]
async fn the_service_that_was_ready_is_the_one_that_is_called() {
    let mut service = PipelineLayer::new().layer(Strict::default());
    for request in [
        Request::new(Body::empty()),
        request([]),
        request([named("a")]),
    ] {
        for _ in 0..2 {
            let ready = ServiceExt::<Request<Body>>::ready(&mut service);
            let ready = ready.await.unwrap();
            let mut again = Request::new(Body::empty());
            *again.extensions_mut() = request.extensions().clone();
            ready.call(again).await.unwrap();
        }
    }
}

#[test]
fn what_was_reserved_by_being_ready_is_used() {
    let limited = ServiceBuilder::new()
        .concurrency_limit(1)
        .service(Strict::default());
    let mut service = mock::Spawn::new(PipelineLayer::new().layer(limited));
    assert_ready_ok!(service.poll_ready::<Request<Body>>());
    let response = service.call(request([named("a")]));
    assert_ready_ok!(tokio_test::task::spawn(response).poll());
}

#[test]
fn it_is_ready_when_the_inner_service_is() {
    let (mut pipeline, mut handle) =
        mock::spawn_layer::<Request<Body>, Response<Body>, _>(PipelineLayer::new());
    handle.allow(0);
    assert_pending!(pipeline.poll_ready::<Request<Body>>());
    handle.allow(1);
    assert_ready_ok!(pipeline.poll_ready::<Request<Body>>());
}

#[test]
fn an_error_of_the_inner_service_comes_up_as_it_is() {
    for plugins in [vec![], vec![named("a")]] {
        let (mut pipeline, mut handle) =
            mock::spawn_layer::<Request<Body>, Response<Body>, _>(PipelineLayer::new());
        assert_ready_ok!(pipeline.poll_ready::<Request<Body>>());
        let mut response = tokio_test::task::spawn(pipeline.call(request(plugins)));
        assert_pending!(response.poll());
        let (_, send) =
            assert_ready!(tokio_test::task::spawn(handle.next_request()).poll()).unwrap();
        send.send_error("broken");
        let error = assert_ready!(response.poll()).unwrap_err();
        assert_eq!(error.to_string(), "broken");
    }
}

#[test]
fn a_request_without_plugins_goes_straight_through() {
    let (mut pipeline, mut handle) =
        mock::spawn_layer::<Request<Body>, Response<Body>, _>(PipelineLayer::new());
    assert_ready_ok!(pipeline.poll_ready::<Request<Body>>());
    // With plugins the call waits for the first poll; without, nothing lies between.
    let response = pipeline.call(Request::new(Body::empty()));
    assert!(assert_ready!(tokio_test::task::spawn(handle.next_request()).poll()).is_some());
    drop(response);
}

#[tokio::test]
async fn the_first_plugin_is_the_outermost() {
    let (there, back) = pass(request([named("a"), named("b"), named("c")])).await;
    assert_eq!(way(&there), ["a", "b", "c"]);
    assert_eq!(way(&back), ["c", "b", "a"]);
}

#[tokio::test]
async fn a_dropped_future_drops_the_inner_one() {
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    let sender = Arc::new(std::sync::Mutex::new(Some(sender)));
    let inner = service_fn(move |_: Request<Body>| {
        let held = sender.lock().unwrap().take();
        async move {
            std::future::pending::<()>().await;
            drop(held);
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }
    });
    let future = PipelineLayer::new()
        .layer(inner)
        .oneshot(request([named("a")]));
    let mut future = tokio_test::task::spawn(future);
    assert_pending!(future.poll());
    drop(future);
    receiver.await.unwrap_err();
}

#[tokio::test]
async fn a_header_that_the_caller_sent_is_replaced() {
    let mut request = request([sets(&json!({"X-A": "ours"}))]);
    for value in ["theirs", "twice"] {
        request.headers_mut().append("x-a", value.parse().unwrap());
    }
    let (there, _) = pass(request).await;
    let values: Vec<_> = there.get_all("x-a").iter().collect();
    assert_eq!(values, ["ours"]);
}

#[tokio::test]
async fn null_removes_a_header() {
    let mut request = request([sets(&json!({"x-a": null}))]);
    request
        .headers_mut()
        .insert("x-a", "theirs".parse().unwrap());
    let (there, _) = pass(request).await;
    assert!(!there.contains_key("x-a"));
}

#[tokio::test]
async fn where_two_rules_set_a_header_the_more_specific_one_counts() {
    let specific = sets(&json!({"X-A": "1", "x-c": null}));
    let general = sets(&json!({"X-A": "2", "X-B": "2", "x-c": "2"}));
    let (there, _) = pass(request([specific, general])).await;
    assert_eq!(there["x-a"], "1");
    assert_eq!(there["x-b"], "2");
    assert!(!there.contains_key("x-c"));
}

#[tokio::test]
async fn what_it_sets_is_marked_as_configured_and_shown_nowhere() {
    let inner = service_fn(|request: Request<Body>| async move {
        let configured = request.extensions().get::<ConfiguredHeaders>().unwrap();
        assert!(configured.contains(&"x-a".parse().unwrap()));
        assert!(!format!("{request:?}").contains("CANARY"));
        Ok::<_, Infallible>(Response::new(Body::empty()))
    });
    let request = request([sets(&json!({"X-A": "CANARY"}))]);
    let service = PipelineLayer::new().layer(inner);
    service.oneshot(request).await.unwrap();
}

#[test]
fn headers_that_others_settle_cannot_be_set() {
    for name in [
        "Authorization",
        "x-api-key",
        "API-Key",
        "x-goog-api-key",
        "cookie",
        "connection",
        "TE",
        "Transfer-Encoding",
        "proxy-authorization",
        "upgrade",
        "Host",
        "content-length",
        "accept-encoding",
        "expect",
        "x_api_key",
        "content_length",
    ] {
        let error = custom_header(&json!({"headers": {name: "CANARY"}})).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(name) && !error.contains("CANARY"), "{error}");
    }
}

#[test]
fn situation_13_a_value_that_no_header_can_hold_is_refused() {
    for value in [
        "CANARY\r\nx-b: 1",
        "CANARY\n",
        "CANARY\0",
        "CANARY\u{7f}",
        "CANARY\u{e9}",
    ] {
        let error = custom_header(&json!({"headers": {"x-a": value}})).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("no header can hold"), "{error}");
        assert!(!error.contains("CANARY"), "{error}");
    }
}

#[test]
fn wrong_settings_are_refused_in_words() {
    for (settings, words) in [
        (json!({"headers": {"x a": "1"}}), "not the name of a header"),
        (json!({"headers": {"x-a": 1}}), "must be a string"),
        (json!({"headers": {"x-a": "1", "X-A": "2"}}), "set twice"),
        (json!({"headers": ["x-a"]}), "must be an object"),
        (json!({"header": {}}), "unknown setting \"header\""),
        (json!("x"), "must be an object"),
    ] {
        let error = custom_header(&settings).unwrap_err().to_string();
        assert!(
            error.contains(words) && !error.contains("CANARY"),
            "{error}"
        );
    }
    for nothing in [
        json!(null),
        json!({}),
        json!({"headers": null}),
        json!({"headers": {}}),
    ] {
        assert!(custom_header(&nothing).is_ok(), "{nothing}");
    }
}

#[tokio::test]
async fn images_in_tool_results_reach_the_provider_behind_them() {
    let plugin = Registry::default().make("fix_anthropic_images", &json!(null));
    let image = json!({"type": "image", "source": {"type": "url", "url": "https://h/i.png"}});
    let message =
        |content| json!({"model": "m", "messages": [{"role": "user", "content": content}]});
    let result = |content| json!({"type": "tool_result", "tool_use_id": "a", "content": content});
    let text = json!({"type": "text", "text": "A cat."});
    let body = message(json!([result(json!([text, image]))])).to_string();

    let mut request = request([plugin.unwrap().unwrap()]);
    let length = body.len().into();
    request.headers_mut().insert("content-length", length);
    *request.body_mut() = Body::from(body);
    let echo = service_fn(|request: Request<Body>| async {
        let (parts, body) = request.into_parts();
        assert!(!parts.headers.contains_key("content-length"));
        Ok::<_, Infallible>(Response::new(body))
    });
    let response = PipelineLayer::new().layer(echo).oneshot(request).await;
    let seen = response.unwrap().into_body().collect().await.unwrap();
    let seen: serde_json::Value = serde_json::from_slice(&seen.to_bytes()).unwrap();
    assert_eq!(seen, message(json!([result(json!([text])), image])));
}

#[test]
fn the_default_registry_has_the_built_in_plugins() {
    let ids: Vec<_> = Registry::default().ids().map(str::to_owned).collect();
    assert_eq!(ids, ["custom_header", "fix_anthropic_images"]);
    assert_eq!(Registry::empty().ids().count(), 0);
}
