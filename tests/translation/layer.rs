//! Exchanges through `TranslateLayer`, with a provider that answers what it is told to.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_llm_gateway::{
    Body,
    format::ApiFormat,
    ir::{Error, Losses},
    translate::TranslateLayer,
};

use crate::bodies::path;

/// What came back, or what the provider saw.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub status: u16,
    pub path: String,
    pub losses: Losses,
    pub error: Option<Error>,
    pub headers: HeaderMap,
    pub text: String,
}

impl Seen {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

/// A provider's response.
pub fn reply(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response<Body> {
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, content_type);
    response.body(Body::full(body)).unwrap()
}

pub fn json_reply(body: &Value) -> Response<Body> {
    reply(200, "application/json", body.to_string())
}

/// Sends a caller's body through the layer. Tells what the provider saw, if anything, and what came back.
pub async fn exchange(
    layer: TranslateLayer,
    client: ApiFormat,
    body: &str,
    response: Response<Body>,
) -> (Option<Seen>, Seen) {
    let stream = serde_json::from_str(body).is_ok_and(|body: Value| body["stream"] == true);
    exchange_at(layer, &path(client, "m", stream), body, response).await
}

/// As [`exchange`], at a path.
pub async fn exchange_at(
    layer: TranslateLayer,
    path: &str,
    body: &str,
    response: Response<Body>,
) -> (Option<Seen>, Seen) {
    let request = Request::post(path).body(Body::full(body.to_owned()));
    exchange_request(layer, request.unwrap(), response).await
}

/// As [`exchange`], with a request that somebody has prepared.
pub async fn exchange_request(
    layer: TranslateLayer,
    request: Request<Body>,
    response: Response<Body>,
) -> (Option<Seen>, Seen) {
    let seen = Arc::new(Mutex::new(None));
    let response = Arc::new(Mutex::new(Some(response)));
    let provider = service_fn({
        let seen = Arc::clone(&seen);
        move |request: Request<Body>| {
            let (seen, response) = (Arc::clone(&seen), Arc::clone(&response));
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                *seen.lock().unwrap() = Some(Seen {
                    path: parts.uri.to_string(),
                    headers: parts.headers,
                    text: String::from_utf8(body.to_vec()).unwrap(),
                    ..Seen::default()
                });
                let response = response.lock().unwrap().take().unwrap();
                Ok::<_, Infallible>(response)
            }
        }
    });
    let answered = layer.layer(provider).oneshot(request).await.unwrap();
    let (parts, body) = answered.into_parts();
    let text = body.collect().await.unwrap().to_bytes();
    let back = Seen {
        status: parts.status.as_u16(),
        path: String::new(),
        losses: parts.extensions.get().cloned().unwrap_or_default(),
        error: parts.extensions.get().cloned(),
        headers: parts.headers,
        text: String::from_utf8(text.to_vec()).unwrap(),
    };
    let seen = seen.lock().unwrap().take();
    (seen, back)
}
