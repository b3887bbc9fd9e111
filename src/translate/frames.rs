use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::{Body, BoxError};

/// A body whose beginning was read, and is to be read again.
#[derive(Debug)]
pub(super) struct Unread {
    beginning: VecDeque<Bytes>,
    rest: Body,
}

impl Unread {
    /// `beginning`, and then `rest`.
    pub(super) fn body(mut beginning: VecDeque<Bytes>, rest: Body) -> Body {
        if beginning.len() <= 1 && rest.is_end_stream() {
            return Body::full(beginning.pop_front().unwrap_or_default());
        }
        Body::new(Self { beginning, rest })
    }
}

impl HttpBody for Unread {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.beginning.pop_front() {
            Some(data) => Poll::Ready(Some(Ok(Frame::data(data)))),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.beginning.is_empty() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let beginning = self.beginning.iter().map(Bytes::len).sum::<usize>();
        let beginning = u64::try_from(beginning).unwrap_or(u64::MAX);
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(beginning));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(beginning)) {
            hint.set_upper(upper);
        }
        hint
    }
}
