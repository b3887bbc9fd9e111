use std::{
    future::Future,
    pin::Pin,
    task::{self, Context, Poll},
    time::Duration,
};

use http::{Extensions, Request, Response, response::Parts};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep};
use tower_service::Service;

use crate::{
    Body, BoxError,
    context::{Progress, Selected, WantsTally},
    format::Operation,
    policy::{Phase, Timeouts},
};

use super::{
    Attempts,
    answer::Read,
    call::{Call, Finding},
    pool::Pool,
    watch::Watch,
};

/// Makes one attempt of a call, and finds out what came of it.
#[derive(Debug, Clone)]
pub(super) struct Attempt<S> {
    pub(super) inner: S,
    pub(super) head_hold: Duration,
    /// When all attempts must be over.
    pub(super) deadline: Option<Instant>,
    pub(super) attempts: Attempts,
    pub(super) pool: Pool,
}

impl<S> Service<Call> for Attempt<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Into<BoxError>,
{
    type Response = Finding;
    type Error = BoxError;
    type Future = Attempting<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let Call {
            selected,
            mut request,
            is_forced,
        } = call;
        // What can't be sent once more can't go elsewhere either.
        let is_forced = is_forced || request.body().try_clone().is_none();
        let entry = self.pool.enter(&selected, &self.attempts, is_forced);
        let (selected, stay) = match entry {
            Some((selected, stay)) => (selected, Some(stay)),
            None => (selected, None),
        };
        let progress = Progress::new();
        let place = self.attempts.begin(&selected);
        let state = if stay.is_some() {
            self.prepare(&selected, &progress, request.extensions_mut());
            State::Call {
                future: self.inner.call(request),
            }
        } else {
            State::Ejected
        };
        Attempting {
            state,
            hold: Hold {
                limit: self.head_hold,
                timer: None,
            },
            watch: Watch {
                selected,
                progress,
                attempts: self.attempts.clone(),
                pool: self.pool.clone(),
                place,
                stay,
            },
        }
    }
}

impl<S> Attempt<S> {
    /// Puts into a request what the layers below need to know of the attempt.
    fn prepare(&self, selected: &Selected, progress: &Progress, extensions: &mut Extensions) {
        let seeks_empty = selected.retry().on_empty == Some(true);
        if seeks_empty && selected.operation() == Operation::Generate {
            progress.seek_empty();
        }
        if WantsTally::is_said(extensions) {
            progress.seek_tally();
        }
        extensions.insert(progress.clone());
        let timeouts = selected.timeouts();
        let timeouts = timeouts.with(Phase::Total, self.total(timeouts));
        extensions.insert(selected.clone().with_timeouts(timeouts));
    }

    /// How long an attempt may take: what is left for all of them, or what its own target says, if that is less. What is
    /// left is from the first target, so that what others have by default says nothing.
    fn total(&self, timeouts: Timeouts) -> Duration {
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        let left = self.deadline.map_or(Timeouts::NEVER, left);
        timeouts
            .said(Phase::Total)
            .map_or(left, |own| own.min(left))
    }
}

pin_project! {
    /// Response future of [`Attempt`].
    pub(super) struct Attempting<F> {
        #[pin]
        state: State<F>,
        #[pin]
        hold: Hold,
        watch: Watch,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        // All its endpoints are left alone.
        Ejected,
        Call { #[pin] future: F },
        // The answer is not good enough, and comes in.
        Read { read: Read, head: Option<Parts> },
    }
}

impl<F, E> Future for Attempting<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
    E: Into<BoxError>,
{
    type Output = Result<Finding, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let finding = loop {
            match this.state.as_mut().project() {
                StateProj::Ejected => break this.watch.ejected(),
                StateProj::Call { future } => match future.poll(cx) {
                    Poll::Pending => {
                        task::ready!(this.hold.as_mut().poll(&this.watch.progress, cx));
                        // Who holds the head is to look again.
                    }
                    Poll::Ready(Ok(response)) if this.watch.is_read(&response) => {
                        let (head, body) = response.into_parts();
                        this.state.set(State::Read {
                            read: Read::new(body),
                            head: Some(head),
                        });
                    }
                    Poll::Ready(Ok(response)) => break this.watch.answered(response, None),
                    Poll::Ready(Err(error)) => break this.watch.failed(error.into()),
                },
                StateProj::Read { read, head } => {
                    let (read, body) = task::ready!(Pin::new(read).poll(cx));
                    let head = head.take().expect("polled after it was ready");
                    let response = Response::from_parts(head, body);
                    break this.watch.answered(response, Some(&read));
                }
            }
        };
        Poll::Ready(Ok(finding))
    }
}

pin_project! {
    /// How long the head of a stream is held for content.
    struct Hold {
        limit: Duration,
        // Runs from when content is looked for.
        #[pin]
        timer: Option<Sleep>,
    }
}

impl Hold {
    /// Ready once, when the time is up: the head must go then.
    fn poll(self: Pin<&mut Self>, progress: &Progress, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if progress.is_committed() || !progress.awaits_content() {
            return Poll::Pending;
        }
        if this.timer.is_none() {
            this.timer.set(Some(sleep(*this.limit)));
        }
        if let Some(timer) = this.timer.as_mut().as_pin_mut() {
            task::ready!(timer.poll(cx));
        }
        progress.commit();
        Poll::Ready(())
    }
}
