//! Bodies that are read only for the sake of an experiment.

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body::{Body as _, Frame};
use http_body_util::StreamBody;
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    router::{RuleRouterLayer, Served},
};

use super::*;

const GENERATE: &str = "/v1beta/models/m:generateContent";
const EMBED: &str = "/v1beta/models/m:embedContent";

/// An experiment of `m` with these keys, which a path names.
fn by(keys: &str) -> Table {
    table(&[&format!(
        "downstreams: [{{id: a, base_url: https://a}}, {{id: b, base_url: https://b}}]
rules: [{{id: r, pattern_model: m, split: {{key: [{keys}], arms: [{{id: a, downstream: a}}, {{id: b, downstream: b}}]}}}}]"
    )])
}

/// Whether the router has read this body before it sent the request on, and what the request got.
fn read(
    table: &Table,
    request: http::request::Builder,
    body: &'static str,
) -> (bool, Option<AssignedBy>) {
    let leaf = service_fn(|request: Request<Body>| async move {
        let mut response = Response::new(Body::empty());
        let is_whole = request.body().size_hint().exact().is_some();
        response.extensions_mut().insert(is_whole);
        Ok::<_, BoxError>(response)
    });
    let frames = [Ok::<_, BoxError>(Frame::data(Bytes::from(body)))];
    let request = request
        .method("POST")
        .header("content-type", "application/json");
    let request = request.body(StreamBody::new(stream::iter(frames))).unwrap();
    let router = RuleRouterLayer::new(table.clone()).layer(leaf);
    let response = tokio_test::block_on(router.oneshot(request)).unwrap();
    let by = Served::of(response.extensions())
        .unwrap()
        .assignment()
        .map(|drawn| drawn.by);
    (*response.extensions().get().unwrap(), by)
}

const TOOLS: &str = r#"{"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "tools": [{"functionDeclarations": [{"name": "t"}]}]}"#;

#[test]
fn a_body_that_no_experiment_asks_for_is_not_read() {
    let owned = table(&["downstreams: [{id: a, base_url: https://a, output_model_ids: [m]}]"]);
    assert_eq!(
        read(&owned, Request::builder().uri(GENERATE), TOOLS),
        (false, None)
    );
    let other = by("conversation");
    let embed = Request::builder().uri(EMBED).header("x-session-id", "1");
    let header = by("'header:x-session-id', 'body:user'");
    assert_eq!(read(&header, embed, TOOLS), (false, Some(AssignedBy::Key)));
    let file = Request::builder()
        .uri("/v1/files")
        .header("x-llm-model", "m");
    let file = file.header("content-type", "multipart/form-data; boundary=b");
    assert_eq!(read(&other, file, "…").1, Some(AssignedBy::Random));
}

#[test]
fn what_is_asked_of_a_model_is_read_for_its_key_and_its_tools() {
    let generate = || Request::builder().uri(GENERATE);
    for keys in ["conversation", "", "'header:x-session-id'"] {
        let drawn = read(&by(keys), generate(), TOOLS);
        assert_eq!(drawn, (true, Some(AssignedBy::Conversation)), "{keys}");
    }
}

#[test]
fn nobody_s_request_is_refused_because_an_experiment_can_not_read_it() {
    let encoded = Request::builder()
        .uri(GENERATE)
        .header("content-encoding", "gzip");
    let drawn = read(&by("conversation"), encoded, "…");
    assert_eq!(drawn, (false, Some(AssignedBy::Random)));
    let broken = Request::builder().uri(GENERATE);
    assert_eq!(
        read(&by("conversation"), broken, "{").1,
        Some(AssignedBy::Random)
    );
}
