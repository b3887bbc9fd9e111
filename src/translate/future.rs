use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http::{Request, Response, header, request, response::Parts};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    Body, BoxError,
    body::ToBytes,
    format::ApiFormat,
    headers::is_encoded,
    ir::{Error, Fold},
};

use super::{
    elements::Items,
    plan::{self, Estimate, Plan, Same, Watch},
    request as translate_request,
    response::{self, Answer, Form, Lost, is_event_stream, respond},
    sniff::{Kind, Sniff},
    stream::{EventStream, Gather, Relay},
    watch::Watched,
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
        // Nothing is to be done on the way back.
        Pass { #[pin] future: F, watch: Option<Watch>, lost: Option<Lost> },
        // A provider's error comes in that is not in the caller's format.
        Mend { collect: ToBytes<Body>, parts: Option<Parts>, format: ApiFormat },
        // The request's body comes in.
        Request { collect: ToBytes<Body>, job: Option<Job<S>> },
        // The inner service works.
        Call { #[pin] future: F, answer: Option<Answer> },
        // An answer to a request for a stream begins.
        Sniff { sniff: Sniff, head: Option<(Parts, Answer)> },
        // A whole answer comes in.
        Whole { collect: ToBytes<Body>, head: Option<(Parts, Answer)> },
        // A stream comes in that the caller wants whole.
        Gather { events: EventStream<Gather>, head: Option<(Parts, Answer)> },
        // A stream has begun, and has said nothing yet.
        Hold { events: Option<EventStream<Relay>>, head: Option<(Parts, Answer)> },
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
    pub(super) fn pass(future: S::Future, watch: Option<Watch>) -> Self {
        Self {
            state: State::Pass {
                future,
                watch,
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
                StateProj::Pass {
                    future,
                    watch,
                    lost,
                } => {
                    let mut response = ready!(future.poll(cx))?.map(Body::new);
                    if let Some(lost) = lost.take() {
                        lost.tell(&mut response);
                    }
                    pass(response, watch.take())
                }
                StateProj::Mend {
                    collect,
                    parts,
                    format,
                } => {
                    let body = ready!(Pin::new(collect).poll(cx)).unwrap_or_default();
                    ready(response::mend(*format, parts.take().expect(ONCE), &body))
                }
                StateProj::Ready { response } => {
                    return Poll::Ready(Ok(response.take().expect(ONCE)));
                }
                StateProj::Request { collect, job } => {
                    let body = ready!(Pin::new(collect).poll(cx));
                    job.take().expect(ONCE).run(body)
                }
                StateProj::Call { future, answer } => {
                    let response = ready!(future.poll(cx))?;
                    receive(response.map(Body::new), answer.take().expect(ONCE))
                }
                StateProj::Sniff { sniff, head } => {
                    let sniffed = ready!(Pin::new(sniff).poll(cx));
                    let (parts, answer) = head.take().expect(ONCE);
                    sort(sniffed, parts, answer)
                }
                StateProj::Whole { collect, head } => {
                    let body = ready!(Pin::new(collect).poll(cx));
                    let (parts, answer) = head.take().expect(ONCE);
                    ready(answer.whole(parts, body))
                }
                StateProj::Gather { events, head } => {
                    while ready!(events.poll_step(cx)).is_some() {}
                    let (parts, answer) = head.take().expect(ONCE);
                    ready(answer.folded(parts, &events.sink().fold))
                }
                StateProj::Hold { events, head } => {
                    let stream = events.as_mut().expect(ONCE);
                    while stream.sink().is_silent() && ready!(stream.poll_step(cx)).is_some() {}
                    let (parts, answer) = head.take().expect(ONCE);
                    ready(begin(events.take().expect(ONCE), parts, answer))
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
                match body.and_then(|body| translate_request::same(&same, self.parts, body)) {
                    Ok((request, losses)) => State::Pass {
                        future: self.ready.call(request),
                        watch: same.watch,
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

/// Passes an answer on. A stream is watched for its end; an error that is no JSON is put into words that the caller's
/// client can read.
fn pass<S, F>(answer: Response<Body>, watch: Option<Watch>) -> State<S, F> {
    let (mut parts, mut body) = answer.into_parts();
    if let Some(watch) = watch.filter(|_| !is_encoded(&parts.headers)) {
        let is_error = parts.status.is_client_error() || parts.status.is_server_error();
        if is_error && !response::is_json(&parts.headers) && !is_event_stream(&parts.headers) {
            return State::Mend {
                collect: ToBytes::new(body, response::ERROR_PAGE),
                parts: Some(parts),
                format: watch.format,
            };
        }
        let is_stream = is_event_stream(&parts.headers)
            || watch.json_array && response::is_json(&parts.headers);
        if parts.status.is_success() && is_stream {
            // An error behind a stream that was cut short would not be part of the length.
            parts.headers.remove(header::CONTENT_LENGTH);
            body = Body::new(Watched::new(body, watch));
        }
    }
    ready(Response::from_parts(parts, body))
}

fn refuse<S, F>(client: ApiFormat, error: &Error) -> State<S, F> {
    ready(client.error_response(error))
}

fn ready<S, F>(response: Response<Body>) -> State<S, F> {
    State::Ready {
        response: Some(response),
    }
}

/// Decides by the head of a response how its body is read.
fn receive<S, F>(response: Response<Body>, answer: Answer) -> State<S, F> {
    let (parts, body) = response.into_parts();
    let limits = answer.plan.limits;
    if is_encoded(&parts.headers) {
        let error = Error::undecodable("it is compressed, which was not asked for");
        return ready(answer.error(parts, &error));
    }
    let is_count = matches!(answer.plan.task, plan::Task::Count { .. });
    if !parts.status.is_success() || is_count {
        return whole(parts, body, answer);
    }
    if is_event_stream(&parts.headers) {
        let items = Items::events(limits.event);
        return stream(items, parts, body, answer);
    }
    if answer.exchange.stream {
        return State::Sniff {
            sniff: Sniff::new(body),
            head: Some((parts, answer)),
        };
    }
    whole(parts, body, answer)
}

/// Decides by the beginning of a body how it is read.
fn sort<S, F>(
    sniffed: Result<(Kind, Body), BoxError>,
    parts: Parts,
    answer: Answer,
) -> State<S, F> {
    let limit = answer.plan.limits.event;
    match sniffed {
        Ok((Kind::Array, body)) => stream(Items::elements(limit), parts, body, answer),
        Ok((Kind::Events, body)) => stream(Items::events(limit), parts, body, answer),
        Ok((Kind::Whole, body)) => whole(parts, body, answer),
        Err(error) => ready(answer.whole(parts, Err(error))),
    }
}

fn whole<S, F>(parts: Parts, body: Body, answer: Answer) -> State<S, F> {
    State::Whole {
        collect: ToBytes::new(body, answer.plan.limits.body),
        head: Some((parts, answer)),
    }
}

/// Reads an answer item by item, whatever the caller wants of it.
fn stream<S, F>(items: Items, parts: Parts, body: Body, answer: Answer) -> State<S, F> {
    let limits = answer.plan.limits;
    let decoder = answer.plan.encoder.stream_decoder();
    let exchange = Arc::new(answer.exchange.clone());
    if !answer.exchange.stream {
        let sink = Gather {
            fold: Fold::new(answer.plan.provider.id()),
            exchange,
        };
        let events = EventStream::new(body, items, decoder, sink).body_limit(limits.body);
        return State::Gather {
            events,
            head: Some((parts, answer)),
        };
    }
    let sink = Relay::new(&answer.plan, exchange, BytesMut::new());
    let events = EventStream::new(body, items, decoder, sink);
    State::Hold {
        events: Some(events),
        head: Some((parts, answer)),
    }
}

/// Sends the head of a stream on, or the error that came in its place.
fn begin(mut stream: EventStream<Relay>, parts: Parts, answer: Answer) -> Response<Body> {
    if let Some(error) = stream.sink().early_error() {
        return answer.error(parts, error);
    }
    let Answer { plan, exchange } = answer;
    let form = Form::of_stream(&exchange);
    respond(&plan, parts, Body::new(stream), form, exchange.losses)
}
