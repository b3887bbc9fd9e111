//! Upstreams that fail by script, over HTTP/1 and HTTP/2.

mod connecting;
mod leaving;
mod race;
mod reading;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::Request;
use http_body::Frame;
use http_body_util::StreamBody;
use tower_llm_gateway::{
    Body, BoxError, context::Selected, downstream::DownstreamService, format::ApiFormat,
    policy::Timeouts, target::Target,
};

use crate::{
    fault::{Fault, Upstream},
    support::{self, http2},
};

/// The two versions: a service that speaks it, and an upstream that does.
fn versions() -> [(DownstreamService, Fault); 2] {
    [
        (DownstreamService::new(), Fault::h1()),
        (http2(), Fault::h2()),
    ]
}

fn selected(url: &str, timeouts: Timeouts) -> Selected {
    let target = Target::new("t", url.parse().unwrap()).with_timeouts(timeouts);
    support::selected(target, ApiFormat::OPENAI).with_stream(true)
}

fn request(upstream: &Upstream) -> Request<Body> {
    support::request(selected(upstream.url(), Timeouts::new()))
}

/// A body of which only this has come.
fn stalling(begin: impl Into<Bytes>) -> Body {
    let begin = stream::iter([Ok::<_, BoxError>(Frame::data(begin.into()))]);
    Body::new(StreamBody::new(begin.chain(stream::pending())))
}
