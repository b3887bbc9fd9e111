use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::Request;
use http_body::Body as HttpBody;
use tokio::time::Instant;

use crate::{
    Body, BoxError,
    downstream::{Deadline, Patience, Timed},
    policy::{Phase, Timeouts},
};

/// How long callers are waited for who send a request piece by piece, as the document says. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Incoming(Arc<ArcSwap<Timeouts>>);

impl Incoming {
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(timeouts)))
    }

    pub(super) fn replace(&self, timeouts: Timeouts) {
        self.0.store(Arc::new(timeouts));
    }

    /// The request with a body that fails when its caller stalls. What is here already is not waited for.
    pub(super) fn timed<B>(&self, request: Request<B>) -> Request<Body>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let limit = self.0.load().limit(Phase::RequestWrite, false);
        request.map(|body| match limit {
            Some(limit) if !Body::is_here(&body) => {
                Body::of(Timed::new(body, Some(Uploading(limit))))
            }
            _ => Body::new(body),
        })
    }
}

/// How long a caller may pause.
#[derive(Debug)]
struct Uploading(Duration);

impl Patience for Uploading {
    fn deadline(&self, silent: Option<Instant>) -> Option<Deadline> {
        Deadline::of_caller(silent?, Some(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_whose_bytes_are_all_here_stays_as_it_is() {
        let incoming = Incoming::new(Timeouts::new());
        let request = incoming.timed(Request::new(Body::full("{}")));
        assert!(request.body().try_clone().is_some());
    }
}
