//! Each part of an exchange has a limit, which cuts what has died and nothing that lives. Time is paused, and the
//! provider a service in the same process.

mod answer;
mod places;
mod request;
mod whole;

use std::{convert::Infallible, future::Future, time::Duration};

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::{
    sync::mpsc::{UnboundedSender, unbounded_channel},
    time::Instant,
};
use tower::{ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, BoxError, Error,
    context::Selected,
    downstream::DownstreamService,
    format::ApiFormat,
    policy::{Phase, Timeouts},
    target::Target,
};

use crate::support;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A request that has these limits, and the defaults.
fn request(stream: bool, limits: &[(Phase, u64)]) -> Request<Body> {
    let target = Target::new("t", "https://example.com".parse().unwrap());
    support::request(selected(target, stream, limits))
}

fn selected(target: Target, stream: bool, limits: &[(Phase, u64)]) -> Selected {
    let limits = limits
        .iter()
        .fold(Timeouts::new(), |limits, (phase, limit)| {
            limits.with(*phase, seconds(*limit))
        });
    support::selected(target.with_timeouts(limits), ApiFormat::OPENAI).with_stream(stream)
}

/// What a provider makes of a request.
async fn answered<F, R>(request: Request<Body>, provider: F) -> Result<Response<Body>, Error>
where
    F: Fn(Request<Body>) -> R + Clone,
    R: Future<Output = Response<Body>>,
{
    let client = service_fn(move |request| {
        let response = provider(request);
        async { Ok::<_, Infallible>(response.await) }
    });
    DownstreamService::with_client(client)
        .oneshot(request)
        .await
}

/// The whole seconds that this takes, and what comes of it.
async fn timed<T>(future: impl Future<Output = T>) -> (u64, T) {
    let begin = Instant::now();
    let output = future.await;
    (begin.elapsed().as_secs(), output)
}

type Frames = UnboundedSender<Result<Frame<Bytes>, BoxError>>;

/// A body, and the end into which its frames are put. That one is closed when the body is dropped.
fn body() -> (Frames, Body) {
    let (frames, received) = unbounded_channel();
    let received = stream::unfold(received, |mut received| async move {
        Some((received.recv().await?, received))
    });
    (frames, Body::new(StreamBody::new(received)))
}

#[allow(clippy::unnecessary_wraps, reason = "frames of a body are results")]
fn data(data: &'static str) -> Result<Frame<Bytes>, BoxError> {
    Ok(Frame::data(Bytes::from_static(data.as_bytes())))
}

/// A body of so many frames, each of them so many seconds after the one before.
fn every(interval: u64, frames: usize) -> Body {
    let frames = stream::unfold(0, move |sent| async move {
        if sent == frames {
            return None;
        }
        tokio::time::sleep(seconds(interval)).await;
        Some((data("x"), sent + 1))
    });
    Body::new(StreamBody::new(frames))
}
