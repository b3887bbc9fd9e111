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
        measure: Measure,
        #[pin]
        body: B,
    }

    impl<B: HttpBody> PinnedDrop for ResponseBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.measure.left(this.body.is_end_stream());
        }
    }
}

impl<B: HttpBody> ResponseBody<B> {
    pub(super) const fn new(body: B, measure: Measure) -> Self {
        Self { measure, body }
    }
}

impl<B: HttpBody> HttpBody for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let body = this.body;
        let next = ready!(this.measure.step(|| body.poll_frame(cx)));
        match &next {
            Some(Ok(_)) => this.measure.frame(),
            Some(Err(_)) => this.measure.record(Outcome::Broken),
            None => this.measure.ended(),
        }
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
