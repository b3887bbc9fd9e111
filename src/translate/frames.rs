use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::{Body, BoxError};

/// What was read of a body, as it came. It is to be read once more.
#[derive(Debug, Default)]
pub(super) struct Frames {
    frames: VecDeque<Frame<Bytes>>,
    size: usize,
}

impl Frames {
    pub(super) fn push(&mut self, frame: Frame<Bytes>) {
        self.size += size_of_val(&frame) + frame.data_ref().map_or(0, Bytes::len);
        self.frames.push_back(frame);
    }

    pub(super) fn pop(&mut self) -> Option<Frame<Bytes>> {
        let frame = self.frames.pop_front();
        if self.frames.is_empty() {
            // A stream that goes on for minutes needs no room for its beginning.
            self.frames = VecDeque::new();
        }
        frame
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// What all of them take in memory that ever were in here, in bytes: small ones take more than what they hold.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    fn data(&self) -> impl Iterator<Item = &Bytes> {
        self.frames.iter().filter_map(Frame::data_ref)
    }

    /// How many bytes of data there are.
    fn len(&self) -> usize {
        self.data().map(Bytes::len).sum()
    }

    /// All data in one piece, without a copy if it is one.
    pub(super) fn to_bytes(&self) -> Bytes {
        let mut data = self.data();
        if let (first, None) = (data.next(), data.next()) {
            return first.cloned().unwrap_or_default();
        }
        let mut all = BytesMut::with_capacity(self.len());
        self.data().for_each(|data| all.extend_from_slice(data));
        all.freeze()
    }

    /// A body of these, and then of the rest.
    pub(super) fn before(mut self, rest: Body) -> Body {
        if self.frames.len() == 1
            && rest.is_end_stream()
            && let Some(frame) = self.pop()
        {
            match frame.into_data() {
                Ok(data) => return Body::full(data),
                Err(trailers) => self.push(trailers),
            }
        }
        if self.is_empty() {
            return rest;
        }
        Body::of(Unread { frames: self, rest })
    }
}

/// A body whose beginning was read.
#[derive(Debug)]
struct Unread {
    frames: Frames,
    rest: Body,
}

impl HttpBody for Unread {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.frames.pop() {
            Some(frame) => Poll::Ready(Some(Ok(frame))),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let beginning = u64::try_from(self.frames.len()).unwrap_or(u64::MAX);
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(beginning));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(beginning)) {
            hint.set_upper(upper);
        }
        hint
    }
}
