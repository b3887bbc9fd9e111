use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{
    Request, Response,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tower::util::Oneshot;
use tower_service::Service;

use crate::{Body, BoxError, Error, context::Progress, headers::is_encoded, policy::Phase};

#[cfg(feature = "tls")]
use super::tls::is_refused;
use super::{
    Shutdown,
    deadline::{Alarm, Deadline, Limits},
    headers,
    places::{Place, Waiting},
    timed::{Answering, Timed},
    upload::Sending,
};

pin_project! {
    /// Response future of [`DownstreamService`](super::DownstreamService).
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<C>
    where
        C: Service<Request<Body>>,
    {
        #[pin]
        state: State<C>,
        #[pin]
        alarm: Alarm,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<C>
    where
        C: Service<Request<Body>>,
    {
        Failed { error: Option<Error> },
        // There are as many requests at the downstream as may be.
        Queued {
            waiting: Waiting,
            held: Option<Box<(C, Request<Body>, Exchange)>>,
        },
        Sent {
            #[pin]
            response: Oneshot<C, Request<Body>>,
            exchange: Exchange,
        },
    }
}

/// What is known of one exchange while it lasts.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) limits: Limits,
    pub(super) sending: Sending,
    pub(super) progress: Option<Progress>,
    pub(super) place: Option<Place>,
    pub(super) shutdown: Option<Shutdown>,
}

impl<C: Service<Request<Body>>> ResponseFuture<C> {
    pub(super) fn failed(error: Error) -> Self {
        let error = Some(error);
        Self::new(State::Failed { error })
    }

    pub(super) fn sent(client: C, request: Request<Body>, exchange: Exchange) -> Self {
        Self::new(State::sent(client, request, exchange))
    }

    /// Sends it once there is a place for it.
    pub(super) fn queued(
        waiting: Waiting,
        client: C,
        request: Request<Body>,
        exchange: Exchange,
    ) -> Self {
        Self::new(State::Queued {
            waiting,
            held: Some(Box::new((client, request, exchange))),
        })
    }

    fn new(state: State<C>) -> Self {
        Self {
            state,
            alarm: Alarm::default(),
        }
    }
}

impl<C: Service<Request<Body>>> State<C> {
    fn sent(client: C, request: Request<Body>, exchange: Exchange) -> Self {
        if let Some(progress) = &exchange.progress {
            progress.ask();
        }
        let response = Oneshot::new(client, request);
        Self::Sent { response, exchange }
    }
}

impl<C, ResBody> Future for ResponseFuture<C>
where
    C: Service<Request<Body>, Response = Response<ResBody>>,
    C::Error: Into<BoxError>,
    ResBody: HttpBody<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Output = Result<Response<Body>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        const ONCE: &str = "polled after it was ready";
        let mut this = self.project();
        let result = loop {
            break match this.state.as_mut().project() {
                StateProj::Failed { error } => Err(error.take().expect(ONCE)),
                StateProj::Queued { waiting, held } => {
                    if let Poll::Ready(place) = waiting.as_mut().poll(cx) {
                        let (client, request, exchange) = *held.take().expect(ONCE);
                        let exchange = exchange.entered(place);
                        this.state.set(State::sent(client, request, exchange));
                        continue;
                    }
                    let (_, _, Exchange { limits, .. }) = &**held.as_ref().expect(ONCE);
                    let wait = limits.deadline(Phase::PoolWait, limits.began());
                    let deadlines = [wait, limits.end()];
                    Err(ready!(this.alarm.poll(cx, Deadline::earliest(deadlines))))
                }
                StateProj::Sent { response, exchange } => match response.poll(cx) {
                    Poll::Ready(Ok(response)) => exchange.answer(response),
                    Poll::Ready(Err(error)) => Err(exchange.error(error)),
                    Poll::Pending => Err(match exchange.sending.poll(cx, &exchange.limits) {
                        Ok(deadline) => {
                            let deadlines = [deadline, exchange.limits.end()];
                            ready!(this.alarm.poll(cx, Deadline::earliest(deadlines)))
                        }
                        Err(broken) => Error::request_broken(broken),
                    }),
                },
            };
        };
        // Who fails lets go of the provider at once, even if this future is kept.
        this.state.set(State::Failed { error: None });
        Poll::Ready(result)
    }
}

impl Exchange {
    /// With the place that was waited for. The provider's time begins now.
    fn entered(mut self, place: Place) -> Self {
        self.place = Some(place);
        self.sending.begin();
        self
    }

    /// Why there is no answer.
    fn error(&self, error: impl Into<BoxError>) -> Error {
        match self.sending.broken() {
            // The client fails with what the body has failed with, or with something that comes of it.
            Some(broken) => Error::request_broken(broken),
            None => of_client(error),
        }
    }

    /// The answer, with an eye on the time that its body takes.
    fn answer<B>(&mut self, response: Response<B>) -> Result<Response<Body>, Error>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let status = response.status();
        if status.is_redirection() || status.is_informational() {
            return Err(Error::unexpected_status(status));
        }
        if is_encoded(response.headers()) {
            return unreadable(response.map(Body::new));
        }
        let mut response = response.map(|body| self.timed(body));
        headers::response(response.headers_mut());
        Ok(response)
    }

    fn timed<B>(&mut self, body: B) -> Body
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        if Body::is_here(&body) {
            return Body::new(body);
        }
        let answering = Answering::new(&self.limits, self.progress.take(), self.place.take());
        let shutdown = self.shutdown.take();
        if answering.is_none() && shutdown.is_none() {
            return Body::new(body);
        }
        Body::of(Timed::new(body, answering).until(shutdown))
    }
}

/// What is left of an answer that nobody can read. Of an error it is the most important: the status, and the time to
/// wait.
fn unreadable(mut response: Response<Body>) -> Result<Response<Body>, Error> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return Err(Error::encoded());
    }
    headers::response(response.headers_mut());
    for of_body in [CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE] {
        response.headers_mut().remove(of_body);
    }
    *response.body_mut() = Body::empty();
    Ok(response)
}

fn of_client(source: impl Into<BoxError>) -> Error {
    let source = match source.into().downcast::<Error>() {
        Ok(error) => return *error,
        Err(source) => source,
    };
    let hyper = source.downcast_ref::<hyper_util::client::legacy::Error>();
    match hyper {
        Some(hyper) if hyper.is_connect() || is_refused(hyper) => Error::connect(source),
        _ => Error::send(source),
    }
}

#[cfg(not(feature = "tls"))]
fn is_refused(_: &hyper_util::client::legacy::Error) -> bool {
    false
}

impl<C: Service<Request<Body>>> fmt::Debug for ResponseFuture<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
