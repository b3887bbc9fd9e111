//! In each place where axum takes a layer or a service.

use std::convert::Infallible;

use axum::{
    Router,
    body::Body as AxumBody,
    extract::Request as AxumRequest,
    routing::{get, post},
};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{Body, context::Selected};

use crate::stacks::{CHAT, answer, chat, gateway, page, router};

/// Says where the router has sent the request.
async fn shown(request: AxumRequest) -> String {
    let selected = Selected::of(request.extensions());
    selected.map_or("nowhere".to_owned(), |selected| {
        selected.target().id().to_string()
    })
}

async fn ask(app: Router, request: Request<Body>) -> (StatusCode, String) {
    let response = app.oneshot(request.map(AxumBody::new)).await;
    let response = response.unwrap_or_else(|never| match never {});
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn at(path: &str) -> Request<Body> {
    let mut request = chat();
    *request.uri_mut() = path.parse().unwrap();
    request
}

#[tokio::test]
async fn as_a_layer_of_a_router() {
    let app = Router::new()
        .route(CHAT, post(shown))
        .route("/page", get(shown))
        .layer(router());
    assert_eq!(ask(app.clone(), chat()).await.1, "a");
    assert_eq!(ask(app, page()).await.1, "nowhere");
}

#[tokio::test]
async fn as_a_layer_of_routes() {
    let app = Router::new().route(CHAT, post(shown)).route_layer(router());
    assert_eq!(ask(app.clone(), chat()).await.1, "a");
    let (status, body) = ask(app, page()).await;
    assert_eq!((status, body.as_str()), (StatusCode::NOT_FOUND, ""));
}

#[tokio::test]
async fn as_a_layer_of_one_method() {
    let app = Router::new().route(CHAT, post(shown).layer(router()).get(shown));
    assert_eq!(ask(app.clone(), chat()).await.1, "a");
    let mut request = chat();
    *request.method_mut() = Method::GET;
    assert_eq!(ask(app, request).await.1, "nowhere");
}

#[tokio::test]
async fn as_a_service_for_one_route() {
    let inner = service_fn(|_: Request<Body>| async { Ok::<_, Infallible>(answer()) });
    let app = Router::new().route_service(CHAT, router().layer(inner));
    assert_eq!(ask(app, chat()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn as_a_service_for_whatever_is_left() {
    let inner = service_fn(|_: Request<Body>| async { Ok::<_, Infallible>(answer()) });
    let app = Router::new()
        .route("/page", get(shown))
        .fallback_service(router().layer(inner));
    assert_eq!(ask(app.clone(), chat()).await.0, StatusCode::OK);
    assert_eq!(ask(app, page()).await.1, "nowhere");
}

#[tokio::test]
async fn nested_under_a_prefix() {
    let nested = Router::new().route(CHAT, post(shown)).layer(router());
    let app = Router::new().nest("/llm", nested);
    assert_eq!(ask(app, at("/llm/v1/chat/completions")).await.1, "a");
}

#[tokio::test]
async fn around_what_is_nested_under_a_prefix() {
    let nested = Router::new().route(CHAT, post(shown));
    let app = Router::new().nest("/llm", nested).layer(router());
    assert_eq!(ask(app, at("/llm/v1/chat/completions")).await.1, "a");
}

#[tokio::test]
async fn the_gateway_in_each_of_these_places() {
    let gateway = gateway();
    let whole = Router::new().nest_service("/llm", gateway.service());
    // Nobody listens where the gateway wants to go, which it says in its own words.
    let expected = StatusCode::BAD_GATEWAY;
    assert_eq!(ask(whole, at("/llm/v1/chat/completions")).await.0, expected);
    let beside = Router::new().fallback_service(gateway.service());
    assert_eq!(ask(beside, chat()).await.0, expected);
    let front = Router::new()
        .route("/page", get(shown))
        .layer(gateway.layer());
    assert_eq!(ask(front.clone(), page()).await.1, "nowhere");
    // A layer of routes that the model's path is not among is never asked.
    assert_eq!(ask(front, chat()).await.0, expected);
}
