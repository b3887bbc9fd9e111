use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{
    Request, Response,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tower::util::Oneshot;
use tower_service::Service;

use crate::{Body, BoxError, Error, headers::is_encoded, policy::Phase};

use super::headers;
#[cfg(feature = "tls")]
use super::tls::is_refused;

pin_project! {
    /// Response future of [`DownstreamService`](super::DownstreamService).
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<C>
    where
        C: Service<Request<Body>>,
    {
        #[pin]
        state: State<C>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<C>
    where
        C: Service<Request<Body>>,
    {
        Failed { error: Option<Error> },
        Sent {
            #[pin]
            response: Oneshot<C, Request<Body>>,
            #[pin]
            timer: Sleep,
            limit: Duration,
        },
    }
}

impl<C: Service<Request<Body>>> ResponseFuture<C> {
    pub(super) fn failed(error: Error) -> Self {
        let error = Some(error);
        Self {
            state: State::Failed { error },
        }
    }

    pub(super) fn new(client: C, request: Request<Body>, limit: Duration) -> Self {
        Self {
            state: State::Sent {
                response: Oneshot::new(client, request),
                timer: sleep(limit),
                limit,
            },
        }
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
        match self.project().state.project() {
            StateProj::Failed { error } => {
                let error = error.take().expect("polled after it was ready");
                Poll::Ready(Err(error))
            }
            StateProj::Sent {
                response,
                timer,
                limit,
            } => {
                if let Poll::Ready(response) = response.poll(cx) {
                    return Poll::Ready(response.map_err(error).and_then(accept));
                }
                ready!(timer.poll(cx));
                Poll::Ready(Err(Error::timed_out(Phase::FirstByte, *limit)))
            }
        }
    }
}

fn accept<B>(response: Response<B>) -> Result<Response<Body>, Error>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let status = response.status();
    if status.is_redirection() || status.is_informational() {
        return Err(Error::unexpected_status(status));
    }
    let mut response = response.map(Body::new);
    if is_encoded(response.headers()) {
        return unreadable(response);
    }
    headers::response(response.headers_mut());
    Ok(response)
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

fn error(source: impl Into<BoxError>) -> Error {
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
