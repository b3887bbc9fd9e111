use std::{
    hash::{BuildHasher, RandomState},
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderName, HeaderValue, Request};
use tokio::{runtime::Handle, time::timeout};
use tower_service::Service;

use crate::{
    Body,
    context::Selected,
    downstream::Shutdown,
    format::Operation,
    meter::RequestId,
    policy::Phase,
    router::{Copied, CopyPlace},
};

use super::{ShadowLayer, stateful::is_stateful};

/// Marks a copy, for who gets it.
const MARK: HeaderName = HeaderName::from_static("x-llm-shadow");

/// How much longer than its timeout a copy is waited for, should a plugin hang.
const GRACE: Duration = Duration::from_secs(5);

/// Sends copies of some requests somewhere else too, as their [`Copied`] says. The [module](super) has the details. Made by
/// [`ShadowLayer`].
///
/// # Readiness
///
/// As the inner service. A copy waits in its own task for those that it goes to.
///
/// # Errors
///
/// The inner service's.
///
/// # Cancel safety
///
/// Dropping the future drops the inner service's; the copy goes on, for as long as its timeout. Outside of a tokio runtime
/// there are no copies.
#[derive(Debug, Clone)]
pub struct Shadow<S> {
    inner: S,
    layer: ShadowLayer,
}

impl<S> Shadow<S> {
    pub(super) const fn new(inner: S, layer: ShadowLayer) -> Self {
        Self { inner, layer }
    }

    /// The inner service.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner service.
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }

    fn copy(&self, copied: Copied, request: &Request<Body>) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if !is_drawn(copied.sample()) {
            return;
        }
        let Some(body) = copyable(&copied, request) else {
            return;
        };
        let Some(place) = copied.enter() else {
            self.layer.drop_one();
            tracing::debug!(rule = &**copied.rule(), "no place for a copy");
            return;
        };
        let limit = copied.timeout().saturating_add(GRACE);
        let sent = self.layer.send(copy_of(copied, request, body));
        runtime.spawn(async move {
            let _place: CopyPlace = place;
            let _ = timeout(limit, sent).await;
        });
    }
}

/// Whether a copy is made, by chance.
fn is_drawn(sample: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "53 bits are kept")]
    let chance = (RandomState::new().hash_one(()) >> 11) as f64 / (1_u64 << 53) as f64;
    chance < sample
}

/// The body once more, if such a request is copied.
fn copyable(copied: &Copied, request: &Request<Body>) -> Option<Body> {
    let selected = copied.selected();
    if selected.operation() != Operation::Generate {
        return None;
    }
    let bytes = request.body().as_bytes()?;
    (!is_stateful(selected.client(), bytes)).then(|| Body::full(bytes.clone()))
}

fn copy_of(copied: Copied, request: &Request<Body>, body: Body) -> Request<Body> {
    let mut copy = Request::new(body);
    copy.method_mut().clone_from(request.method());
    copy.uri_mut().clone_from(request.uri());
    copy.headers_mut().clone_from(request.headers());
    copy.headers_mut()
        .insert(MARK, HeaderValue::from_static("true"));
    let extensions = copy.extensions_mut();
    if let Some(shutdown) = request.extensions().get::<Shutdown>() {
        extensions.insert(shutdown.clone());
    }
    if let Some(id) = RequestId::of(request.extensions()) {
        extensions.insert(id.clone());
    }
    copied.select(extensions);
    let selected = copied.selected();
    let timeouts = selected
        .timeouts()
        .with(Phase::PoolWait, Duration::ZERO)
        .with(Phase::Attempt, copied.timeout());
    extensions.insert(Selected::clone(selected).with_timeouts(timeouts));
    extensions.insert(copied);
    copy
}

impl<S> Service<Request<Body>> for Shadow<S>
where
    S: Service<Request<Body>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> S::Future {
        if Selected::of(request.extensions()).is_some() {
            // Else a caller could pass for a copy.
            request.headers_mut().remove(MARK);
        }
        if let Some(copied) = request.extensions_mut().remove::<Copied>() {
            self.copy(copied, &request);
        }
        self.inner.call(request)
    }
}
