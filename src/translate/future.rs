use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response, request};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{Body, BoxError, body::ToBytes, format::ApiFormat, ir::Error};

use super::{
    passage::Passage,
    plan::{Estimate, Plan, Same, Watch},
    reception::Reception,
    request as translate_request,
    response::{Answer, Lost},
};

pin_project! {
    /// Response future of [`Translate`](super::Translate).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the inner service's future, or the body that is being read.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S: Service<Request<Body>>> {
        #[pin]
        state: State<S, S::Future>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F> {
        // The request's body comes in.
        Request { collect: ToBytes<Body>, job: Option<Box<Job<S>>> },
        // The inner service works on a request in the caller's format.
        Pass { #[pin] future: F, asked: Option<(Watch, Bytes)>, lost: Option<Box<Lost>> },
        // Its answer begins.
        Passage { passage: Box<Passage> },
        // The inner service works on one that was translated.
        Call { #[pin] future: F, answer: Option<Box<Answer>> },
        // Its answer comes in.
        Reception { reception: Box<Reception> },
        Ready { response: Option<Response<Body>> },
    }
}

/// What is done with a request once its body is there.
struct Job<S> {
    task: Task,
    ready: S,
    parts: request::Parts,
}

pub(super) enum Task {
    Same(Same),
    Translate(Box<Plan>),
    Estimate(Estimate),
}

impl<S: Service<Request<Body>>> ResponseFuture<S> {
    pub(super) fn pass(future: S::Future) -> Self {
        Self {
            state: State::Pass {
                future,
                asked: None,
                lost: None,
            },
        }
    }

    pub(super) fn ready(response: Response<Body>) -> Self {
        let state = ready(response);
        Self { state }
    }

    /// For a request whose body is here, with a service that is ready.
    pub(super) fn begun(task: Task, ready: &mut S, parts: request::Parts, body: Bytes) -> Self {
        Self {
            state: task.run(ready, parts, Ok(body)),
        }
    }

    pub(super) fn collect(
        task: Task,
        ready: S,
        parts: request::Parts,
        collect: ToBytes<Body>,
    ) -> Self {
        let job = Some(Box::new(Job { task, ready, parts }));
        Self {
            state: State::Request { collect, job },
        }
    }
}

impl<S: Service<Request<Body>>> fmt::Debug for ResponseFuture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<S, ResBody> Future for ResponseFuture<S>
where
    S: Service<Request<Body>, Response = Response<ResBody>>,
    ResBody: HttpBody<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        const ONCE: &str = "taken once, then the state changes";
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProj::Ready { response } => {
                    return Poll::Ready(Ok(response.take().expect(ONCE)));
                }
                StateProj::Request { collect, job } => {
                    let body = ready!(Pin::new(collect).poll(cx));
                    let mut job = job.take().expect(ONCE);
                    job.task.run(&mut job.ready, job.parts, body)
                }
                StateProj::Pass {
                    future,
                    asked,
                    lost,
                } => {
                    let mut response = ready!(future.poll(cx))?.map(Body::new);
                    if let Some(lost) = lost.take() {
                        lost.tell(&mut response);
                    }
                    match asked.take() {
                        Some((watch, asked)) if watch.is_answered_otherwise(&response) => {
                            State::Reception {
                                reception: Box::new(Reception::new(
                                    response,
                                    watch.into_answer(&asked),
                                )),
                            }
                        }
                        Some((watch, _)) => match Passage::begin(response, watch) {
                            Ok(response) => ready(response),
                            Err(passage) => State::Passage { passage },
                        },
                        None => ready(response),
                    }
                }
                StateProj::Passage { passage } => {
                    return Pin::new(passage).poll(cx).map(Ok);
                }
                StateProj::Call { future, answer } => {
                    let response = ready!(future.poll(cx))?.map(Body::new);
                    State::Reception {
                        reception: Box::new(Reception::new(response, *answer.take().expect(ONCE))),
                    }
                }
                StateProj::Reception { reception } => {
                    return Pin::new(reception).poll(cx).map(Ok);
                }
            };
            state.set(next);
        }
    }
}

impl Task {
    /// Most bytes that the request's body may have.
    pub(super) fn body_limit(&self) -> usize {
        match self {
            Self::Same(same) => same.body_limit,
            Self::Translate(plan) => plan.limits.body,
            Self::Estimate(estimate) => estimate.body_limit,
        }
    }

    fn run<S: Service<Request<Body>>>(
        self,
        ready: &mut S,
        parts: request::Parts,
        body: Result<Bytes, BoxError>,
    ) -> State<S, S::Future> {
        let body = body.map_err(|error| Error::unreadable_request(&error));
        match self {
            Self::Same(same) => {
                let asked = body.as_ref().map_or_else(|_| Bytes::new(), Bytes::clone);
                match body.and_then(|body| translate_request::same(&same, parts, body)) {
                    Ok((request, losses)) => State::Pass {
                        future: ready.call(request),
                        asked: same.watch.map(|watch| (watch, asked)),
                        lost: losses.map(|losses| {
                            Box::new(Lost {
                                from: same.format,
                                to: same.format,
                                losses,
                                header: same.losses.warnings == Some(true),
                            })
                        }),
                    },
                    Err(error) => refuse(same.format, &error),
                }
            }
            Self::Estimate(estimate) => match body.and_then(|body| estimate.answer(&body)) {
                Ok(response) => self::ready(response),
                Err(error) => refuse(estimate.client, &error),
            },
            Self::Translate(plan) => {
                match body.and_then(|body| translate_request::translate(&plan, parts, &body)) {
                    Ok((request, exchange)) => State::Call {
                        future: ready.call(request),
                        answer: Some(Box::new(Answer { plan, exchange })),
                    },
                    Err(error) => refuse(plan.client, &error),
                }
            }
        }
    }
}

fn refuse<S, F>(client: ApiFormat, error: &Error) -> State<S, F> {
    ready(client.error_response(error))
}

fn ready<S, F>(response: Response<Body>) -> State<S, F> {
    State::Ready {
        response: Some(response),
    }
}
