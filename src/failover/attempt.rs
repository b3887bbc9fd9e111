use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, SystemTime},
};

use http::{HeaderMap, Request, Response, StatusCode, response::Parts};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep};
use tower_service::Service;

use crate::{
    Body, BoxError,
    context::{End, Progress, Selected},
    format::Operation,
    ir,
    policy::Phase,
};

use super::{
    Attempts, Outcome,
    answer::{Beginning, Read},
    call::{Call, Finding},
    outcome::{of_error, of_translation},
    pool::{Pool, Stay},
    retry_after::retry_after,
    verdict::{Evidence, Verdict, may_follow},
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
        } = call;
        let (selected, stay) = self.pool.enter(&selected, &self.attempts);
        let progress = Progress::new();
        let seeks_empty = selected.retry().on_empty == Some(true);
        if seeks_empty && selected.operation() == Operation::Generate {
            progress.seek_empty();
        }
        let extensions = request.extensions_mut();
        extensions.insert(progress.clone());
        let mut timeouts = selected.timeouts();
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            timeouts = timeouts.with(Phase::Total, left);
        }
        extensions.insert(selected.clone().with_timeouts(timeouts));
        let place = self.attempts.begin(&selected);
        Attempting {
            state: State::Call {
                future: self.inner.call(request),
            },
            hold: Hold {
                limit: self.head_hold,
                timer: None,
            },
            watch: Watch {
                selected,
                progress,
                attempts: self.attempts.clone(),
                place,
                stay: Some(stay),
            },
        }
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
        Call { #[pin] future: F },
        // The answer is not good enough, and comes in.
        Read { read: Read, head: Option<Parts> },
    }
}

/// What an attempt is known by.
struct Watch {
    selected: Selected,
    progress: Progress,
    attempts: Attempts,
    place: usize,
    stay: Option<Stay>,
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
                StateProj::Call { future } => match future.poll(cx) {
                    Poll::Pending => {
                        ready!(this.hold.as_mut().poll(&this.watch.progress, cx));
                        // Who holds the head is to look again.
                    }
                    Poll::Ready(Ok(response)) if this.watch.is_read(response.status()) => {
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
                    let (read, body) = ready!(Pin::new(read).poll(cx));
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
            ready!(timer.poll(cx));
        }
        progress.commit();
        Poll::Ready(())
    }
}

impl Watch {
    /// Whether the target has an endpoint that was not tried.
    fn has_other(&self) -> bool {
        let target = self.selected.target();
        (0..target.endpoints()).any(|at| !self.attempts.know(target.id(), at))
    }

    /// Whether an answer is read before anybody gets it: what it says matters, and until it is read to its end it takes
    /// a place at the provider.
    fn is_read(&self, status: StatusCode) -> bool {
        let retry = self.selected.retry();
        self.progress.end() == End::Empty
            || may_follow(status, retry.statuses.as_deref().unwrap_or_default())
            || matches!(status.as_u16(), 401 | 403) && self.has_other()
    }

    fn answered(&mut self, mut response: Response<Body>, read: Option<&Beginning>) -> Finding {
        // For who watches the answer to its end.
        response.extensions_mut().insert(self.progress.clone());
        // What a translation knows is more than what could be read of what it wrote.
        let told = response.extensions().get::<ir::Error>().cloned();
        let status = response.status();
        let is_error = status.is_client_error() || status.is_server_error();
        let outcome = if is_error {
            let of_gateway = told.as_ref().and_then(of_translation);
            of_gateway.unwrap_or(Outcome::Status(status))
        } else if self.progress.end() == End::Empty {
            Outcome::Empty
        } else {
            Outcome::Answered
        };
        let api = self.selected.client().api();
        let decode = |read: &Beginning| api.decode_error(status, &read.bytes);
        let said = told.or_else(|| read.filter(|_| is_error).map(decode));
        let headers = response.headers();
        let wait = retry_after(headers, SystemTime::now());
        let wait = wait.or_else(|| said.as_ref()?.retry_after);
        Finding {
            outcome,
            verdict: self.verdict(outcome, Some(headers), said.as_ref(), wait),
            wait,
            is_whole: read.is_some_and(|read| read.is_all),
            result: Ok(response),
        }
    }

    fn failed(&mut self, error: BoxError) -> Finding {
        let outcome = of_error(&*error);
        Finding {
            outcome,
            verdict: self.verdict(outcome, None, None, None),
            wait: None,
            is_whole: false,
            result: Err(error),
        }
    }

    /// What may follow. Tells the outcome on the way.
    fn verdict(
        &mut self,
        outcome: Outcome,
        headers: Option<&HeaderMap>,
        said: Option<&ir::Error>,
        wait: Option<Duration>,
    ) -> Verdict {
        self.attempts.end(self.place, outcome);
        tracing::debug!(
            downstream = &**self.selected.target().id(),
            model = self.selected.model().map(|model| &**model),
            attempt = self.place + 1,
            %outcome,
            "attempt ended",
        );
        let retry = self.selected.retry();
        let evidence = Evidence {
            outcome,
            operation: self.selected.operation(),
            headers,
            said,
            statuses: retry.statuses.as_deref().unwrap_or_default(),
            has_other: self.has_other(),
        };
        let verdict = evidence.verdict();
        if let Some(stay) = self.stay.take() {
            stay.end(outcome, verdict, wait);
        }
        verdict
    }
}
