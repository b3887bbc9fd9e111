use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::{Body as HttpBody, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::{Outcome, measure::Measure};

pin_project! {
    /// Body of a response of [`Meter`](super::Meter): that of the inner service, watched to its end.
    #[derive(Debug)]
    pub struct ResponseBody<B: HttpBody> {
        measure: Box<Measure>,
        // Until this is dropped.
        #[pin]
        body: Option<B>,
    }

    impl<B: HttpBody> PinnedDrop for ResponseBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let is_end = this.body.as_ref().as_pin_ref().is_none_or(|body| body.is_end_stream());
            this.measure.left(is_end, || this.body.set(None));
        }
    }
}

impl<B: HttpBody> ResponseBody<B> {
    pub(super) const fn new(body: B, measure: Box<Measure>) -> Self {
        Self {
            measure,
            body: Some(body),
        }
    }
}

impl<B> HttpBody for ResponseBody<B>
where
    B: HttpBody,
    B::Error: 'static,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let Some(body) = this.body.as_pin_mut() else {
            return Poll::Ready(None);
        };
        let next = ready!(this.measure.step(|| body.poll_frame(cx)));
        match &next {
            Some(Ok(_)) => this.measure.frame(),
            Some(Err(error)) => this.measure.failed(Outcome::Broken, error),
            None => this.measure.ended(),
        }
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or(SizeHint::with_exact(0), HttpBody::size_hint)
    }
}
