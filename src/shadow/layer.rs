use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use http::{Request, Response};
use http_body_util::BodyExt;
use tower::{Service, ServiceExt, util::BoxCloneSyncService};
use tower_layer::Layer;

use crate::{Body, BoxError};

use super::Shadow;

/// Applies [`Shadow`]. It belongs below whoever selects targets, and above the failover.
///
/// Clones, and all services that they make, count together.
#[derive(Clone)]
pub struct ShadowLayer(Arc<Copies>);

struct Copies {
    service: BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>,
    sent: AtomicU64,
    dropped: AtomicU64,
}

/// What became of copies so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Copies that were sent.
    pub sent: u64,
    /// Those that were not, because there were as many on their way as there may be.
    pub dropped: u64,
}

impl ShadowLayer {
    /// Sends copies to this service: what makes up one attempt, with a [`Meter`](crate::meter::Meter) in front if anybody is
    /// to know what becomes of them.
    pub fn new<S, B>(copies: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let copies = copies
            .map_response(|response: Response<B>| response.map(Body::new))
            .map_err(Into::into);
        Self(Arc::new(Copies {
            service: BoxCloneSyncService::new(copies),
            sent: AtomicU64::default(),
            dropped: AtomicU64::default(),
        }))
    }

    /// What became of copies so far.
    pub fn counts(&self) -> Counts {
        Counts {
            sent: self.0.sent.load(Ordering::Relaxed),
            dropped: self.0.dropped.load(Ordering::Relaxed),
        }
    }

    pub(super) fn drop_one(&self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks, and reads the answer to its end.
    pub(super) fn send(&self, copy: Request<Body>) -> impl Future<Output = ()> + Send + use<> {
        self.0.sent.fetch_add(1, Ordering::Relaxed);
        let copies = self.0.service.clone();
        async move {
            // Whoever is in front of the copies has noted what went wrong.
            if let Ok(answer) = copies.oneshot(copy).await {
                let mut body = answer.into_body();
                while let Some(Ok(_)) = body.frame().await {}
            }
        }
    }
}

impl<S> Layer<S> for ShadowLayer {
    type Service = Shadow<S>;

    fn layer(&self, inner: S) -> Shadow<S> {
        Shadow::new(inner, self.clone())
    }
}

impl fmt::Debug for ShadowLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts();
        f.debug_struct("ShadowLayer")
            .field("counts", &counts)
            .finish_non_exhaustive()
    }
}
