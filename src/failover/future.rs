use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tower::retry::{Retry, future::ResponseFuture as Retrying};
use tower_service::Service;

use crate::{Body, BoxError, Error, body::ToBytes, format::Operation, ir, policy::Phase};

use super::{
    Attempts,
    attempt::Attempt,
    call::{Call, Finding},
    policy::Policy,
};

pin_project! {
    /// Response future of [`Failover`](super::Failover).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the body that is being collected, the attempt, or the pause before the next. Nothing else is
    /// tried.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S>
    where
        S: Service<Request<Body>, Response = Response<Body>>,
        S::Error: Into<BoxError>,
    {
        #[pin]
        state: State<S>,
        #[pin]
        total: Option<Sleep>,
        limit: Duration,
        attempts: Attempts,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S>
    where
        S: Service<Request<Body>, Response = Response<Body>>,
        S::Error: Into<BoxError>,
    {
        // Nobody has selected a target.
        Pass { #[pin] future: S::Future },
        // All its targets are left alone.
        Refused { error: Option<ir::Error> },
        // The request's body comes in.
        Collect { collect: ToBytes<Body>, job: Option<(Tries<S>, Call)> },
        Try { #[pin] future: Retrying<Policy, Attempt<S>, Call> },
    }
}

/// All that the attempts of one request share.
pub(super) struct Tries<S> {
    pub(super) retry: Retry<Policy, Attempt<S>>,
    pub(super) attempts: Attempts,
    /// How long all of them may take.
    pub(super) limit: Option<Duration>,
}

impl<S> Tries<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone,
    S::Error: Into<BoxError>,
{
    pub(super) fn begin(mut self, mut call: Call, body_limit: usize) -> ResponseFuture<S> {
        let attempts = self.attempts.clone();
        let limit = self.limit;
        let state = if is_collected(&call) {
            let body = mem::take(call.request.body_mut());
            State::Collect {
                collect: ToBytes::new(body, body_limit),
                job: Some((self, call)),
            }
        } else {
            State::Try {
                future: self.retry.call(call),
            }
        };
        ResponseFuture {
            state,
            total: limit.map(sleep),
            limit: limit.unwrap_or_default(),
            attempts,
        }
    }
}

/// Whether the request's body is worth being kept for another attempt. What is not (a file, an operation that nobody
/// knows) goes as it comes, once.
fn is_collected(call: &Call) -> bool {
    let operation = call.selected.operation();
    let is_known = matches!(operation, Operation::Generate | Operation::CountTokens);
    is_known && call.request.body().try_clone().is_none()
}

impl<S> ResponseFuture<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Into<BoxError>,
{
    /// For a request that nobody is to be asked.
    pub(super) fn refused(attempts: Attempts, error: ir::Error) -> Self {
        Self {
            state: State::Refused { error: Some(error) },
            total: None,
            limit: Duration::ZERO,
            attempts,
        }
    }

    pub(super) fn pass(future: S::Future) -> Self {
        Self {
            state: State::Pass { future },
            total: None,
            limit: Duration::ZERO,
            attempts: Attempts::new(),
        }
    }
}

impl<S> Future for ResponseFuture<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone,
    S::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(total) = this.total.as_pin_mut()
            && total.poll(cx).is_ready()
        {
            this.attempts.time_over();
            return Poll::Ready(Err(Error::timed_out(Phase::Total, *this.limit).into()));
        }
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Pass { future } => return future.poll(cx).map_err(Into::into),
                StateProj::Refused { error } => {
                    let error = error.take().expect("polled after it was ready");
                    return Poll::Ready(Err(error.into()));
                }
                StateProj::Collect { collect, job } => {
                    let body = ready!(Pin::new(collect).poll(cx));
                    let (tries, call) = job.take().expect("taken once, then the state changes");
                    match body {
                        Ok(body) => tries.go(call, body),
                        Err(error) => {
                            let error = ir::Error::unreadable_request(&error);
                            let refusal = call.selected.client().error_response(&error);
                            return Poll::Ready(Ok(with(this.attempts, refusal)));
                        }
                    }
                }
                StateProj::Try { future } => {
                    let Finding { result, .. } = ready!(future.poll(cx))?;
                    return Poll::Ready(result.map(|response| with(this.attempts, response)));
                }
            };
            this.state.set(next);
        }
    }
}

impl<S> Tries<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone,
    S::Error: Into<BoxError>,
{
    fn go(mut self, mut call: Call, body: Bytes) -> State<S> {
        *call.request.body_mut() = Body::full(body);
        State::Try {
            future: self.retry.call(call),
        }
    }
}

fn with(attempts: &Attempts, mut response: Response<Body>) -> Response<Body> {
    response.extensions_mut().insert(attempts.clone());
    response
}

impl<S> fmt::Debug for ResponseFuture<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Into<BoxError>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
