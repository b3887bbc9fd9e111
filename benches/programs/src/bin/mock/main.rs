//! A double of OpenAI's and Anthropic's APIs that costs little, so that it can bear load.
//!
//! `mock LISTEN`, such as `mock 127.0.0.1:9001`. It answers as it was last told to: `POST /behaviour` with a
//! [`Behaviour`] as JSON.

mod answer;
mod events;
mod prepared;

use std::{
    convert::Infallible,
    env,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use answer::Answer;
use http_body_util::{BodyExt, Collected};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderValue},
    service::service_fn,
};
use prepared::Prepared;
use tower_llm_gateway_benches::{
    behaviour::Behaviour,
    payload::Format,
    server::{self, BoxError},
};

/// What it does now.
type Current = Arc<RwLock<Arc<Prepared>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let Some(listen) = env::args().nth(1) else {
        return Err("mock LISTEN".into());
    };
    let current = Current::new(RwLock::new(Arc::new(Prepared::new(Behaviour::default()))));
    server::serve(&listen, || {
        let current = Arc::clone(&current);
        service_fn(move |request| {
            let current = Arc::clone(&current);
            async move { Ok::<_, Infallible>(respond(request, &current).await) }
        })
    })
    .await?;
    Ok(())
}

async fn respond(request: Request<Incoming>, current: &Current) -> Response<Answer> {
    let format = match request.uri().path() {
        "/behaviour" => return behave(request.into_body(), current).await,
        path => Format::of_path(path),
    };
    let Some(format) = format else {
        return refusal(StatusCode::NOT_FOUND);
    };
    if !is_whole(request.into_body()).await {
        return refusal(StatusCode::BAD_REQUEST);
    }
    let prepared = Arc::clone(&current.read().unwrap_or_else(PoisonError::into_inner));
    let wait = prepared.behaviour.wait_ms;
    if wait > 0 {
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
    let content_type = match prepared.behaviour.events {
        Some(_) => "text/event-stream; charset=utf-8",
        None => "application/json",
    };
    let mut response = Response::new(Answer::new(format, prepared));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert("x-request-id", HeaderValue::from_static("req_mock"));
    response
}

async fn behave(body: Incoming, current: &Current) -> Response<Answer> {
    let body = body.collect().await.map(Collected::to_bytes);
    match serde_json::from_slice(&body.unwrap_or_default()) {
        Ok(behaviour) => {
            let prepared = Arc::new(Prepared::new(behaviour));
            *current.write().unwrap_or_else(PoisonError::into_inner) = prepared;
            Response::new(Answer::empty())
        }
        Err(_) => refusal(StatusCode::BAD_REQUEST),
    }
}

/// Reads a body to its end and keeps none of it.
async fn is_whole(mut body: Incoming) -> bool {
    let mut last = None;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        last = frame
            .data_ref()
            .and_then(|data| data.last())
            .copied()
            .or(last);
    }
    last == Some(b'}')
}

fn refusal(status: StatusCode) -> Response<Answer> {
    let mut response = Response::new(Answer::empty());
    *response.status_mut() = status;
    response
}
