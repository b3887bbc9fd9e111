use std::{convert::Infallible, fmt::Debug};

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};
use http_body_util::BodyExt;
use tokio::runtime::Builder;
use tower::{Service, ServiceExt, service_fn};
use tower_llm_gateway::Body;

use super::{Run, frames::Frames};

pub(super) const JSON: &str = "application/json";
pub(super) const EVENTS: &str = "text/event-stream";

/// Asks a service this, as often as it is run, and reads what it answers to the end.
pub(super) fn exchange<S, B>(service: S, path: &'static str, request: Frames) -> Run
where
    S: Service<Request<Frames>, Response = Response<B>> + Clone + 'static,
    S::Error: Debug,
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: Debug,
{
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime");
    Box::new(move || {
        runtime.block_on(async {
            let response = service.clone().oneshot(asking(path, request.clone()));
            let response = response.await.expect("an answer");
            assert!(response.status().is_success());
            read(response.into_body()).await;
        });
    })
}

/// Asks a service this so many times, and of each answer reads a few pieces: so many streams then stand still at once.
pub(super) fn held<S, B>(service: S, path: &'static str, request: Frames, count: usize) -> Run
where
    S: Service<Request<Frames>, Response = Response<B>> + Clone + 'static,
    S::Error: Debug,
    B: http_body::Body<Data = Bytes> + Unpin + 'static,
    B::Error: Debug,
{
    const PIECES: usize = 8;
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime");
    let mut open = Vec::with_capacity(count);
    Box::new(move || {
        runtime.block_on(async {
            for _ in 0..count {
                let response = service.clone().oneshot(asking(path, request.clone()));
                let mut body = response.await.expect("an answer").into_body();
                for _ in 0..PIECES {
                    let frame = body.frame().await.expect("a stream that goes on");
                    drop(frame.expect("a body that does not break"));
                }
                open.push(body);
            }
            open.clear();
        });
    })
}

/// A provider that answers from memory what is always the same, when it has read what it was asked.
pub(super) fn provider(
    content_type: &'static str,
    answer: Frames,
) -> impl Service<Request<Body>, Response = Response<Frames>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    service_fn(move |request: Request<Body>| {
        let answer = answer.clone();
        async move {
            read(request.into_body()).await;
            let length = answer.length().map(HeaderValue::from);
            let mut response = Response::new(answer);
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            headers.extend(length.map(|length| (CONTENT_LENGTH, length)));
            Ok(response)
        }
    })
}

fn asking(path: &str, body: Frames) -> Request<Frames> {
    let length = body.length().expect("the length of a request is known");
    Request::post(path)
        .header("host", "gateway")
        .header("content-type", JSON)
        .header("content-length", length)
        .header("authorization", "Bearer key-of-the-caller")
        .header("user-agent", "counts/1.0")
        .header("accept", "*/*")
        .body(body)
        .expect("a good head")
}

async fn read<B>(mut body: B)
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: Debug,
{
    while let Some(frame) = body.frame().await {
        drop(frame.expect("a body that does not break"));
    }
}
