use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Request, Response};
use tokio::time::{Sleep, sleep};
use tower_service::Service;

use crate::{Body, BoxError};

use super::{
    attempt::Attempt,
    call::{Call, Finding},
    policy::Policy,
};

/// Makes attempts until one is good enough, or nothing may follow.
///
/// As `tower::retry` does, but without a second copy of all that it takes.
pub(super) struct Tries<S: Service<Request<Body>>> {
    inner: S,
    policy: Policy,
    /// The same once more, if it can be sent again.
    again: Option<Call>,
    step: Step<S::Future>,
}

#[allow(clippy::large_enum_variant, reason = "there is one, in a box")]
enum Step<F> {
    Attempt(Attempt<F>),
    Pause(Pin<Box<Sleep>>),
    /// Until the service is ready for another.
    Wait,
}

impl<S> Tries<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Into<BoxError>,
{
    /// Makes the first attempt with a service that is ready.
    pub(super) fn begin(inner: S, policy: Policy, call: Call) -> Self {
        let mut tries = Self {
            inner,
            policy,
            again: None,
            step: Step::Wait,
        };
        tries.attempt(call);
        tries
    }

    fn attempt(&mut self, mut call: Call) {
        self.again = call.try_clone();
        // What can't be sent once more can't go elsewhere either.
        call.is_forced |= self.again.is_none();
        self.step = Step::Attempt(Attempt::begin(&mut self.inner, &self.policy, call));
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Finding, BoxError>> {
        loop {
            match &mut self.step {
                Step::Attempt(attempt) => {
                    let mut finding = ready!(attempt.poll(&self.policy, cx));
                    let again = self.again.as_mut();
                    match again.and_then(|call| self.policy.retry(call, &mut finding)) {
                        Some(pause) if pause.is_zero() => self.step = Step::Wait,
                        Some(pause) => self.step = Step::Pause(Box::pin(sleep(pause))),
                        None => return Poll::Ready(Ok(finding)),
                    }
                }
                Step::Pause(pause) => {
                    ready!(pause.as_mut().poll(cx));
                    self.step = Step::Wait;
                }
                Step::Wait => {
                    ready!(self.inner.poll_ready(cx)).map_err(Into::into)?;
                    let call = self.again.take().expect("only what can be sent again is");
                    self.attempt(call);
                }
            }
        }
    }
}
