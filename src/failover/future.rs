use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep_until};
use tower_service::Service;

use crate::{Body, BoxError, Error, body::ToBytes, format::Operation, ir, policy::Phase};

use super::{
    Attempts,
    call::{Call, Finding},
    policy::Policy,
    tries::Tries,
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
        Pass { future: Pin<Box<S::Future>> },
        // All its targets are left alone.
        Refused { error: Option<Box<ir::Error>> },
        // The request's body comes in.
        Collect { collect: ToBytes<Body>, job: Option<Box<Job<S>>> },
        // It is large, and this is moved.
        Try { tries: Box<Tries<S>> },
    }
}

/// What makes the attempts, once the request's body is there.
struct Job<S> {
    inner: S,
    policy: Policy,
    call: Call,
}

impl<S> Job<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Into<BoxError>,
{
    fn go(self) -> State<S> {
        let tries = Tries::begin(self.inner, self.policy, self.call);
        State::Try {
            tries: Box::new(tries),
        }
    }
}

/// Whether the request's body is worth being kept for another attempt. What is not (a file, an operation that nobody
/// knows) goes as it comes, once.
fn is_collected(call: &Call) -> bool {
    let operation = call.selected.operation();
    let is_known = matches!(operation, Operation::Generate | Operation::CountTokens);
    is_known && !call.body.can_be_cloned()
}

impl<S> ResponseFuture<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Into<BoxError>,
{
    /// For a request that is tried for so long.
    pub(super) fn tried(
        inner: S,
        policy: Policy,
        mut call: Call,
        (limit, body_limit): (Option<Duration>, usize),
    ) -> Self {
        let (attempts, deadline) = (policy.attempts.clone(), policy.deadline);
        let is_collected = is_collected(&call);
        let body = is_collected.then(|| mem::take(&mut call.body));
        let job = Job {
            inner,
            policy,
            call,
        };
        let state = match body {
            Some(body) => State::Collect {
                collect: ToBytes::new(body, body_limit),
                job: Some(Box::new(job)),
            },
            None => job.go(),
        };
        Self {
            state,
            total: deadline.map(sleep_until),
            limit: limit.unwrap_or_default(),
            attempts,
        }
    }

    /// For a request that nobody is to be asked.
    pub(super) fn refused(attempts: Attempts, error: ir::Error) -> Self {
        Self {
            state: State::Refused {
                error: Some(Box::new(error)),
            },
            total: None,
            limit: Duration::ZERO,
            attempts,
        }
    }

    pub(super) fn pass(future: S::Future) -> Self {
        Self {
            state: State::Pass {
                future: Box::pin(future),
            },
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
                StateProj::Pass { future } => {
                    return future.as_mut().poll(cx).map_err(Into::into);
                }
                StateProj::Refused { error } => {
                    let error = error.take().expect("polled after it was ready");
                    return Poll::Ready(Err(error));
                }
                StateProj::Collect { collect, job } => {
                    let body = ready!(Pin::new(collect).poll(cx));
                    let mut job = job.take().expect("taken once, then the state changes");
                    match body {
                        Ok(body) => {
                            job.call.body = Body::full(body);
                            job.go()
                        }
                        Err(error) => {
                            let error = ir::Error::unreadable_request(&error);
                            let refusal = job.call.selected.client().error_response(&error);
                            return Poll::Ready(Ok(with(this.attempts, refusal)));
                        }
                    }
                }
                StateProj::Try { tries } => {
                    let Finding { result, .. } = ready!(tries.poll(cx))?;
                    return Poll::Ready(result.map(|response| with(this.attempts, response)));
                }
            };
            this.state.set(next);
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
