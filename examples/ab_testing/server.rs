//! The host: an axum app with the gateway in it.

use std::{future::IntoFuture, io};

use axum::{
    Router,
    http::{HeaderMap, HeaderValue},
    middleware::map_response,
    response::Response,
    serve::ListenerExt,
};
use tokio::net::TcpListener;
use tower_llm_gateway::{
    Gateway,
    router::{Leg, Served, Supplier},
};

/// The gateway, with its decisions in the response headers, so that they can be seen from outside.
pub(crate) fn app(gateway: &Gateway) -> Router {
    Router::new()
        .fallback_service(gateway.service())
        .layer(map_response(show_decision))
}

/// Serves the gateway on a free port; returns where.
pub(crate) async fn start(gateway: &Gateway) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    tokio::spawn(axum::serve(listener, app(gateway)).into_future());
    Ok(url)
}

async fn show_decision(mut response: Response) -> Response {
    let Some(served) = Served::of(response.extensions()).cloned() else {
        return response;
    };
    let selected = served.selected();
    let rules: Vec<&str> = served.rules().map(|rule| &**rule.id()).collect();
    let legs = served.legs();
    let headers = response.headers_mut();
    show(headers, "x-downstream", selected.target().id());
    show(headers, "x-rules", &rules.join(", "));
    show(
        headers,
        "x-model-sent",
        selected.model().map_or("", |model| model),
    );
    show(headers, "x-request-legs", &describe(&legs.request));
    show(headers, "x-response-legs", &describe(&legs.response));
    response
}

fn show(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn describe(legs: &[Leg]) -> String {
    let leg = |leg: &Leg| {
        let by = match leg.by {
            Supplier::Rule => "rule",
            _ => "auto",
        };
        format!("{}>{} ({by})", leg.from, leg.to)
    };
    match legs {
        [] => "none".to_owned(),
        legs => legs.iter().map(leg).collect::<Vec<_>>().join(", "),
    }
}

/// A command to try.
pub(crate) fn curl(url: &str) -> String {
    format!(
        r#"curl {url}/v1/chat/completions -H 'content-type: application/json' \
  -d '{{"model": "claude-sonnet-4-20250514", "messages": [{{"role": "user", "content": "Hello!"}}]}}'"#
    )
}
