use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;

use super::{Outcome, ResponseBody, measure::Measure};

pin_project! {
    /// Response future of [`Meter`](super::Meter).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the inner service's future, and records that the caller went away.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        // Until there is a head.
        measure: Option<Box<Measure>>,
        #[pin]
        future: F,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(future: F, measure: Box<Measure>) -> Self {
        Self {
            measure: Some(measure),
            future,
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: HttpBody,
    E: 'static,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let measured = this.measure.as_mut().map(|measure| {
            let future = this.future;
            measure.step(|| future.poll(cx))
        });
        let answered = ready!(measured.expect("polled after it was ready"));
        let mut measure = this.measure.take().expect("it was there before");
        Poll::Ready(match answered {
            Ok(mut response) => {
                measure.head(&mut response);
                Ok(response.map(|body| ResponseBody::new(body, measure)))
            }
            Err(error) => {
                measure.failed(Outcome::Failed, &error);
                Err(error)
            }
        })
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
