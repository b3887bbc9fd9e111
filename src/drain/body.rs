use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::{Body, BoxError};

/// Body of a response of [`Drainable`](super::Drainable): its request counts as long as this is there.
#[derive(Debug)]
pub struct ResponseBody {
    body: Body,
    _counted: Option<TaskTrackerToken>,
}

impl ResponseBody {
    pub(super) const fn new(body: Body, counted: Option<TaskTrackerToken>) -> Self {
        Self {
            body,
            _counted: counted,
        }
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
