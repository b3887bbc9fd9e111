//! Arms that somebody has chosen.

use http::{Request, Response};
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    experiment::ArmOverride,
    router::{RuleRouterLayer, Served},
};

use super::*;

const KEY: &str = "CANARY-qa";

/// The experiment `chat`, of which arm `b` gets nothing unless it is chosen; and the model `m`, which is in none.
fn with_key(key: &str) -> Table {
    let document = format!("experiments: {{holdout: 50%, override_key: '{key}'}}");
    splits(
        if key.is_empty() { "" } else { &document },
        &[("chat", &halves("1", "0")), ("other", &halves("1", "0"))],
    )
}

/// What the router answers to a chat with these headers, and the arm: `None` if it went on without one.
fn routed(
    table: &Table,
    request: http::request::Builder,
    model: &str,
) -> Result<Option<Assignment>, (u16, String)> {
    let leaf = service_fn(|request: Request<Body>| async move {
        let names = ["x-llm-arm", "x-llm-arm-key"];
        assert!(
            names
                .iter()
                .all(|name| !request.headers().contains_key(*name))
        );
        Ok::<_, BoxError>(Response::new(Body::empty()))
    });
    let router = RuleRouterLayer::new(table.clone()).layer(leaf);
    let request = request.uri(CHAT).method("POST");
    let request = request
        .body(Body::full(format!(r#"{{"model":"{model}"}}"#)))
        .unwrap();
    let response = tokio_test::block_on(router.oneshot(request)).unwrap();
    let status = response.status().as_u16();
    if let Some(served) = Served::of(response.extensions()) {
        return Ok(served.assignment().cloned());
    }
    let body = tokio_test::block_on(http_body_util::BodyExt::collect(response.into_body()));
    let body = body.unwrap().to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    Err((status, body["error"]["code"].as_str().unwrap().to_owned()))
}

fn asking(arm: &str, key: Option<&str>) -> http::request::Builder {
    let request = Request::builder().header("x-llm-arm", arm);
    match key {
        Some(key) => request.header("x-llm-arm-key", key),
        None => request,
    }
}

#[test]
fn who_has_the_key_chooses_the_arm_whatever_would_be_drawn() {
    let table = with_key(KEY);
    for arm in ["b", "chat=b"] {
        for session in 0..16 {
            let request = asking(arm, Some(KEY)).header("x-session-id", session);
            let drawn = routed(&table, request, "chat").unwrap().unwrap();
            assert_eq!((&*drawn.arm, drawn.by), ("b", AssignedBy::Override));
        }
    }
}

#[test]
fn who_has_not_the_key_is_refused() {
    let table = with_key(KEY);
    let forbidden = Err((403, "arm_override_forbidden".to_owned()));
    for key in [None, Some("CANARY-other"), Some("")] {
        for model in ["chat", "unknown"] {
            assert_eq!(
                routed(&table, asking("b", key), model),
                forbidden,
                "{key:?}"
            );
        }
    }
}

#[test]
fn without_a_key_in_the_configuration_nobody_chooses() {
    let drawn = routed(&with_key(""), asking("b", Some(KEY)), "chat")
        .unwrap()
        .unwrap();
    assert_eq!((&*drawn.arm, drawn.by), ("a", AssignedBy::Random));
}

#[test]
fn an_arm_that_is_not_there_is_refused() {
    let table = with_key(KEY);
    let unknown = Err((400, "unknown_arm".to_owned()));
    for arm in ["c", "chat=c", "nothing=b", "", "=", "chat="] {
        assert_eq!(
            routed(&table, asking(arm, Some(KEY)), "chat"),
            unknown,
            "{arm}"
        );
    }
}

#[test]
fn what_is_said_of_another_experiment_does_no_harm() {
    let drawn = routed(&with_key(KEY), asking("other=b", Some(KEY)), "chat");
    assert_eq!(&*drawn.unwrap().unwrap().arm, "a");
}

#[test]
fn an_arm_alone_means_the_experiment_that_the_request_is_in() {
    let table = table(&[&format!(
        "experiments: {{override_key: '{KEY}'}}
downstreams: [{{id: a, base_url: https://a, output_model_ids: [m]}}]"
    )]);
    let unknown = Err((400, "unknown_arm".to_owned()));
    assert_eq!(routed(&table, asking("b", Some(KEY)), "m"), unknown);
}

#[test]
fn the_host_chooses_without_a_key() {
    for table in [with_key(KEY), with_key("")] {
        let request = asking("c", None).extension(ArmOverride::new("b"));
        let drawn = routed(&table, request, "chat").unwrap().unwrap();
        assert_eq!((&*drawn.arm, drawn.by), ("b", AssignedBy::Override));
    }
}

#[test]
fn lists_of_models_are_the_same_whatever_arm_is_asked_for() {
    let table = with_key(KEY);
    let listed = |request: http::request::Builder| {
        let request = request.uri("/v1/models").body(Body::empty()).unwrap();
        let leaf = service_fn(|_: Request<Body>| async {
            Ok::<_, BoxError>(Response::new(Body::empty()))
        });
        let router = RuleRouterLayer::new(table.clone()).layer(leaf);
        let response = tokio_test::block_on(router.oneshot(request)).unwrap();
        tokio_test::block_on(http_body_util::BodyExt::collect(response.into_body()))
            .unwrap()
            .to_bytes()
    };
    assert_eq!(listed(asking("b", None)), listed(Request::builder()));
}

#[test]
fn the_key_is_not_shown() {
    let config = config(&[&format!("experiments: {{override_key: {KEY}}}")]);
    assert!(!format!("{config:?}").contains(KEY));
}
