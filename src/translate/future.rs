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
        Request { collect: ToBytes<Body>, job: Option<Job<S>> },
        // The inner service works on a request in the caller's format.
        Pass { #[pin] future: F, asked: Option<(Watch, Bytes)>, lost: Option<Lost> },
        // Its answer begins.
        Passage { passage: Box<Passage> },
        // The inner service works on one that was translated.
        Call { #[pin] future: F, answer: Option<Answer> },
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

enum Task {
    Same(Box<Same>),
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
        Self {
            state: State::Ready {
                response: Some(response),
            },
        }
    }

    pub(super) fn same(same: Same, ready: S, parts: request::Parts, body: Body) -> Self {
        let limit = same.body_limit;
        Self::collect(Task::Same(Box::new(same)), limit, (ready, parts), body)
    }

    pub(super) fn translate(plan: Box<Plan>, ready: S, parts: request::Parts, body: Body) -> Self {
        let limit = plan.limits.body;
        Self::collect(Task::Translate(plan), limit, (ready, parts), body)
    }

    pub(super) fn estimate(
        estimate: Estimate,
        ready: S,
        parts: request::Parts,
        body: Body,
    ) -> Self {
        let limit = estimate.body_limit;
        Self::collect(Task::Estimate(estimate), limit, (ready, parts), body)
    }

    fn collect(task: Task, limit: usize, (ready, parts): (S, request::Parts), body: Body) -> Self {
        let collect = ToBytes::new(body, limit);
        let job = Job { task, ready, parts };
        Self {
            state: State::Request {
                collect,
                job: Some(job),
            },
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
                    job.take().expect(ONCE).run(body)
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
                        Some((watch, _)) => State::Passage {
                            passage: Box::new(Passage::new(response, watch)),
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
                        reception: Box::new(Reception::new(response, answer.take().expect(ONCE))),
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

impl<S: Service<Request<Body>>> Job<S> {
    fn run(mut self, body: Result<Bytes, BoxError>) -> State<S, S::Future> {
        let body = body.map_err(|error| Error::unreadable_request(&error));
        match self.task {
            Task::Same(same) => {
                let asked = body.as_ref().map_or_else(|_| Bytes::new(), Bytes::clone);
                match body.and_then(|body| translate_request::same(&same, self.parts, body)) {
                    Ok((request, losses)) => State::Pass {
                        future: self.ready.call(request),
                        asked: same.watch.map(|watch| (watch, asked)),
                        lost: losses.map(|losses| Lost {
                            from: same.format,
                            to: same.format,
                            losses,
                            header: same.losses.warnings == Some(true),
                        }),
                    },
                    Err(error) => refuse(same.format, &error),
                }
            }
            Task::Estimate(estimate) => match body.and_then(|body| estimate.answer(&body)) {
                Ok(response) => ready(response),
                Err(error) => refuse(estimate.client, &error),
            },
            Task::Translate(plan) => {
                match body.and_then(|body| translate_request::translate(&plan, self.parts, &body)) {
                    Ok((request, exchange)) => State::Call {
                        future: self.ready.call(request),
                        answer: Some(Answer { plan, exchange }),
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
