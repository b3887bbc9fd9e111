use std::{
    future::Future,
    pin::Pin,
    task::{self, Context, Poll},
    time::Duration,
};

use http::{Extensions, Request, Response, response::Parts};
use tokio::time::{Instant, Sleep, sleep};
use tower_service::Service;

use crate::{
    Body, BoxError,
    context::{Progress, Selected, WantsTally},
    format::Operation,
    policy::{Phase, Timeouts},
};

use super::{
    answer::Read,
    call::{Call, Finding},
    policy::Policy,
    watch::Watch,
};

/// One attempt of a call, which finds out what comes of it.
pub(super) struct Attempt<F> {
    state: State<F>,
    hold: Hold,
    watch: Watch,
}

enum State<F> {
    /// All its endpoints are left alone.
    Ejected,
    // It is large, and whoever has this is moved.
    Call(Pin<Box<F>>),
    /// The answer is not good enough, and comes in.
    Read(Box<(Read, Option<Parts>)>),
}

impl<F, E> Attempt<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
    E: Into<BoxError>,
{
    /// Makes it with a service that is ready.
    pub(super) fn begin<S>(inner: &mut S, policy: &Policy, call: Call) -> Self
    where
        S: Service<Request<Body>, Future = F>,
    {
        let Call {
            selected,
            mut head,
            body,
            is_forced,
            ..
        } = call;
        let now = Instant::now();
        let pool = &policy.pool;
        let entry = pool.enter(&selected, &policy.attempts, is_forced, now);
        let (selected, stay) = match entry {
            Some((endpoint, stay)) => (selected.with_endpoint(endpoint), Some(stay)),
            None => (selected, None),
        };
        let progress = Progress::new();
        let place = policy.attempts.begin(&selected);
        let state = if stay.is_some() {
            let left = time_left(policy, &selected, now);
            let selected = selected.clone().with_time_left(left);
            prepare(selected, &progress, &mut head.extensions);
            State::Call(Box::pin(inner.call(Request::from_parts(head, body))))
        } else {
            State::Ejected
        };
        Self {
            state,
            hold: Hold {
                limit: policy.head_hold,
                timer: None,
            },
            watch: Watch {
                selected,
                progress,
                place,
                stay,
            },
        }
    }

    pub(super) fn poll(&mut self, policy: &Policy, cx: &mut Context<'_>) -> Poll<Finding> {
        let watch = &mut self.watch;
        Poll::Ready(loop {
            match &mut self.state {
                State::Ejected => break watch.ejected(policy),
                State::Call(future) => match future.as_mut().poll(cx) {
                    Poll::Pending => {
                        task::ready!(self.hold.poll(&watch.progress, cx));
                        // Who holds the head is to look again.
                    }
                    Poll::Ready(Ok(response)) if watch.is_read(policy, &response) => {
                        let (head, body) = response.into_parts();
                        self.state = State::Read(Box::new((Read::new(body), Some(head))));
                    }
                    Poll::Ready(Ok(response)) => break watch.answered(policy, response, None),
                    Poll::Ready(Err(error)) => break watch.failed(policy, error.into()),
                },
                State::Read(reading) => {
                    let (read, head) = &mut **reading;
                    let (read, body) = task::ready!(Pin::new(read).poll(cx));
                    let head = head.take().expect("polled after it was ready");
                    let response = Response::from_parts(head, body);
                    break watch.answered(policy, response, Some(&read));
                }
            }
        })
    }
}

/// Puts into a request what the layers below need to know of the attempt.
fn prepare(selected: Selected, progress: &Progress, extensions: &mut Extensions) {
    let seeks_empty = selected.of_retry(|retry| retry.on_empty) == Some(true);
    if seeks_empty && selected.operation() == Operation::Generate {
        progress.seek_empty();
    }
    if WantsTally::is_said(extensions) {
        progress.seek_tally();
    }
    extensions.insert(progress.clone());
    match extensions.get_mut::<Selected>() {
        Some(there) => *there = selected,
        None => drop(extensions.insert(selected)),
    }
}

/// How long an attempt may take: what is left for all of them, or what its own target says, if that is less. What is
/// left is from the first target, so that what others have by default says nothing.
fn time_left(policy: &Policy, selected: &Selected, now: Instant) -> Duration {
    let left = |deadline: Instant| deadline.saturating_duration_since(now);
    let left = policy.deadline.map_or(Timeouts::NEVER, left);
    selected
        .said(Phase::Total)
        .map_or(left, |own| own.min(left))
}

/// How long the head of a stream is held for content.
struct Hold {
    limit: Duration,
    /// Runs from when content is looked for.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Hold {
    /// Ready once, when the time is up: the head must go then.
    fn poll(&mut self, progress: &Progress, cx: &mut Context<'_>) -> Poll<()> {
        if progress.is_committed() || !progress.awaits_content() {
            return Poll::Pending;
        }
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        task::ready!(timer.as_mut().poll(cx));
        progress.commit();
        Poll::Ready(())
    }
}
