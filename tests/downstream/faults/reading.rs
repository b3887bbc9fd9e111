//! Upstreams that do not read, or slowly. The connections are within the process, so that time can be paused.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::time::Instant;
use tower::{Service, ServiceExt};
use tower_llm_gateway::{
    Body, BoxError,
    downstream::DownstreamService,
    policy::{Phase, Timeouts},
};

use super::{request, selected};
use crate::{
    fault::{Fault, Script},
    support,
};

const PIECE: usize = 64 << 10;

fn both() -> [Fault; 2] {
    [Fault::h1(), Fault::h2()]
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_reads_is_given_up() {
    for upstream in both() {
        let upstream = upstream.script(Script::new().never_read()).start().await;
        let service = DownstreamService::with_client(upstream.client());
        let request = request(&upstream).map(|_| Body::from(vec![b'x'; 4 << 20]));
        let begin = Instant::now();
        let error = service.oneshot(request).await.unwrap_err();
        assert_eq!(error.timeout(), Some(Phase::RequestWrite), "{error:?}");
        assert_eq!(begin.elapsed().as_secs(), 30);
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_reads_slowly_is_not_cut() {
    for upstream in both() {
        let script = Script::json("{}").slow_read(PIECE / 4, Duration::from_secs(2));
        let upstream = upstream.script(script).start().await;
        let service = DownstreamService::with_client(upstream.client());
        // What is read of hyper's own buffers is no longer a part of the writing.
        let timeouts = Timeouts::new().with(Phase::FirstByte, Timeouts::NEVER);
        let request = support::request(selected(upstream.url(), timeouts));
        let request = request.map(|_| Body::from(vec![b'x'; 8 * PIECE]));
        let begin = Instant::now();
        service.oneshot(request).await.unwrap();
        assert!(
            begin.elapsed() > Duration::from_secs(40),
            "{:?}",
            begin.elapsed()
        );
        assert_eq!(upstream.get(0).body.len(), 8 * PIECE);
    }
}

/// What a caller sends without end is taken only as far as hyper and the connection hold it.
#[tokio::test(start_paused = true)]
async fn little_is_taken_ahead_of_a_provider_that_does_not_read() {
    for upstream in both() {
        let upstream = upstream.script(Script::new().never_read()).start().await;
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&taken);
        let pieces = stream::repeat_with(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok::<_, BoxError>(Frame::data(Bytes::from(vec![b'x'; PIECE])))
        });
        let body = Body::new(StreamBody::new(pieces.boxed()));
        let mut service = DownstreamService::with_client(upstream.client());
        let response = service.call(request(&upstream).map(|_| body));
        let error = response.await.unwrap_err();
        assert_eq!(error.timeout(), Some(Phase::RequestWrite), "{error:?}");
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken * PIECE <= 2 << 20, "{taken} pieces");
    }
}
