//! The host's own code within a request: where it panics, this request fails and no other.

use std::{
    any::Any,
    cell::Cell,
    fmt,
    future::Future,
    mem,
    panic::{self, AssertUnwindSafe},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{Body, BoxError, Error};

/// Whose code it is.
#[derive(Debug, Clone)]
pub(crate) enum Owner {
    /// The plugin of this name, if it has one.
    Plugin {
        id: Option<Arc<str>>,
        beyond: Beyond,
    },
    /// The host's own handler.
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    Handler,
}

/// Whether an error has come from beyond the plugins of a request: from below them in its answer, from above in its own
/// body. It is not the fault of those that hand it on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beyond(Arc<AtomicBool>);

/// It panicked. With what words is in the log, and nowhere that a caller could see.
#[derive(Debug)]
struct Panicked;

impl Owner {
    /// Runs its code; a panic is logged.
    fn catch<T>(&self, run: impl FnOnce() -> T) -> Result<T, Panicked> {
        // What may be left half done is dropped by who calls this.
        panic::catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
            let panic = &*words(&*payload);
            match self {
                Self::Plugin { id, .. } => {
                    let plugin = id.as_deref();
                    tracing::error!(plugin, panic, "a plugin panicked");
                }
                Self::Handler => tracing::error!(panic, "the handler panicked"),
            }
            Panicked
        })
    }

    /// Drops what is its own.
    fn discard(&self, drop: impl FnOnce()) {
        // Nobody waits for the outcome, and it has been logged.
        let _ = self.catch(drop);
    }

    /// Whether an error is its own, and does not come from beyond.
    fn owns(&self, error: &BoxError) -> bool {
        match self {
            Self::Handler => true,
            Self::Plugin { beyond, .. } => !beyond.failed() || error.is::<Panicked>(),
        }
    }

    /// Says of an error that it is its own, if it is.
    fn blame(&self, error: BoxError) -> BoxError {
        match self {
            _ if !self.owns(&error) => error,
            Self::Handler => Error::handler(error).into(),
            Self::Plugin { id, beyond } => Error::plugin(id.clone(), beyond.note(error)).into(),
        }
    }

    /// The same for an error within a body. What is said of it to a caller holds no cause, so that is logged here.
    fn blame_in_body(&self, error: BoxError) -> BoxError {
        let is_news = self.owns(&error) && !error.is::<Panicked>();
        let error = self.blame(error);
        if is_news {
            let cause = &*error as &dyn std::error::Error;
            tracing::warn!(error = cause, "a body failed");
        }
        error
    }
}

impl Beyond {
    fn failed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Notes an error.
    pub(crate) fn note(&self, error: impl Into<BoxError>) -> BoxError {
        self.0.store(true, Ordering::Relaxed);
        error.into()
    }

    /// Notes how a body fails.
    pub(crate) fn watch<B>(&self, body: B) -> Body
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let body = Body::new(body);
        if body.is_whole() {
            return body;
        }
        let beyond = self.clone();
        Body::new(body.map_err(move |error| beyond.note(error)))
    }
}

/// The beginning of what was said when it panicked.
fn words(payload: &(dyn Any + Send)) -> String {
    const SHOWN: usize = 500;
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or_default().chars().take(SHOWN).collect()
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it panicked")
    }
}

impl std::error::Error for Panicked {}

/// A service of the host's. Once it has panicked it is gone.
#[derive(Debug, Clone)]
pub(crate) struct Guarded<S> {
    service: Option<S>,
    owner: Owner,
}

impl<S> Guarded<S> {
    /// The service that `make` makes, unless it panics.
    pub(crate) fn new(owner: Owner, make: impl FnOnce() -> S) -> Self {
        let service = owner.catch(make).ok();
        Self { service, owner }
    }

    /// Runs a part of the service.
    fn run<T>(&mut self, run: impl FnOnce(&mut S) -> T) -> Result<T, BoxError> {
        let ran = match &mut self.service {
            Some(service) => self.owner.catch(|| run(service)),
            None => Err(Panicked),
        };
        ran.map_err(|panicked| {
            self.discard();
            self.owner.blame(panicked.into())
        })
    }

    fn discard(&mut self) {
        let service = self.service.take();
        self.owner.discard(|| drop(service));
    }
}

impl<S> Drop for Guarded<S> {
    fn drop(&mut self) {
        self.discard();
    }
}

impl<S, B> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = GuardedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let ready = ready!(self.run(|service| service.poll_ready(cx))?);
        Poll::Ready(ready.map_err(|error| self.owner.blame(error.into())))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let called = self.run(|service| service.call(request));
        let owner = self.owner.clone();
        match called {
            Ok(future) => GuardedFuture::new(owner, future),
            Err(error) => GuardedFuture {
                future: None,
                error: Some(error),
                owner,
            },
        }
    }
}

pin_project! {
    /// A future of the host's, dropped as soon as it has panicked or is done. The body that it brings is guarded too.
    pub(crate) struct GuardedFuture<F> {
        #[pin]
        future: Option<F>,
        // Why there is none.
        error: Option<BoxError>,
        owner: Owner,
    }

    impl<F> PinnedDrop for GuardedFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.owner.discard(|| this.future.set(None));
        }
    }
}

impl<F> GuardedFuture<F> {
    pub(crate) fn new(owner: Owner, future: F) -> Self {
        Self {
            future: Some(future),
            error: None,
            owner,
        }
    }
}

impl<F, B, E> Future for GuardedFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    E: Into<BoxError>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let owner = &*this.owner;
        if let Some(error) = this.error.take() {
            return Poll::Ready(Err(error));
        }
        let polled = match this.future.as_mut().as_pin_mut() {
            Some(future) => owner.catch(|| future.poll(cx)),
            None => Err(Panicked),
        };
        let answer = match polled {
            Ok(polled) => ready!(polled).map_err(Into::into),
            Err(panicked) => Err(panicked.into()),
        };
        owner.discard(|| this.future.set(None));
        Poll::Ready(match answer {
            Ok(response) => Ok(response.map(|body| guard(owner.clone(), body))),
            Err(error) => Err(owner.blame(error)),
        })
    }
}

/// Guards a body of the host's.
pub(crate) fn guard<B>(owner: Owner, body: B) -> Body
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let body = Body::new(body);
    if body.is_whole() {
        return body;
    }
    Body::new(GuardedBody {
        body,
        panicked: Cell::new(false),
        owner,
    })
}

/// A body of the host's, dropped as soon as it has panicked, failed or ended.
#[derive(Debug)]
struct GuardedBody {
    body: Body,
    /// It was only looked at, and panicked: the next frame says so.
    panicked: Cell<bool>,
    owner: Owner,
}

impl GuardedBody {
    fn end(&mut self) {
        self.panicked.set(false);
        let body = mem::take(&mut self.body);
        self.owner.discard(|| drop(body));
    }

    fn look<T>(&self, look: impl FnOnce(&Body) -> T) -> Option<T> {
        if self.panicked.get() {
            return None;
        }
        let seen = self.owner.catch(|| look(&self.body));
        self.panicked.set(seen.is_err());
        seen.ok()
    }
}

impl HttpBody for GuardedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Self {
            body,
            panicked,
            owner,
            ..
        } = &mut *self;
        let polled = if panicked.get() {
            Err(Panicked)
        } else {
            owner.catch(|| Pin::new(body).poll_frame(cx))
        };
        let frame = match polled {
            Ok(polled) => ready!(polled),
            Err(panicked) => Some(Err(panicked.into())),
        };
        if let Some(Ok(frame)) = frame {
            return Poll::Ready(Some(Ok(frame)));
        }
        self.end();
        let owner = &self.owner;
        Poll::Ready(frame.map(|error| error.map_err(|error| owner.blame_in_body(error))))
    }

    fn is_end_stream(&self) -> bool {
        self.look(Body::is_end_stream).unwrap_or(false)
    }

    fn size_hint(&self) -> SizeHint {
        self.look(Body::size_hint).unwrap_or_default()
    }
}

impl Drop for GuardedBody {
    fn drop(&mut self) {
        self.end();
    }
}
