use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::{Body, BoxError};

use super::follow::Follow;

/// Most blanks in front of a body that are skipped to see what it is, in bytes.
const BLANKS: usize = 4096;

/// Finds out by its beginning what a body is that was to be a stream of events and doesn't call itself one.
#[derive(Debug)]
pub(super) struct Sniff {
    body: Body,
    follow: Follow,
    seen: BytesMut,
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A JSON array.
    Array,
    /// Events after all.
    Events,
    /// Something that has to be read whole, such as a JSON object.
    Whole,
}

impl Sniff {
    pub(super) fn new(body: Body, follow: Follow) -> Self {
        Self {
            body,
            follow,
            seen: BytesMut::new(),
        }
    }

    fn kind(&self) -> Option<Kind> {
        match self.seen.trim_ascii_start().first()? {
            b'[' => Some(Kind::Array),
            // `data:`, `event:`, a comment.
            b'd' | b'e' | b':' => Some(Kind::Events),
            _ => Some(Kind::Whole),
        }
    }

    /// The body as it came.
    fn unread(&mut self) -> Body {
        let first = self.seen.split().freeze();
        let rest = std::mem::take(&mut self.body);
        if rest.is_end_stream() {
            return Body::full(first);
        }
        Body::new(Unread {
            first: Some(first),
            rest,
        })
    }
}

impl Future for Sniff {
    type Output = Result<(Kind, Body), BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let kind = self.kind();
            let kind = kind.or((self.seen.len() > BLANKS).then_some(Kind::Whole));
            // When the head must go, this is what was asked for.
            if let Some(kind) = kind.or(self.follow.is_committed().then_some(Kind::Events)) {
                return Poll::Ready(Ok((kind, self.unread())));
            }
            match ready!(Pin::new(&mut self.body).poll_frame(cx)?) {
                Some(frame) => {
                    if let Ok(data) = frame.into_data() {
                        self.seen.extend_from_slice(&data);
                    }
                }
                None => return Poll::Ready(Ok((Kind::Whole, self.unread()))),
            }
        }
    }
}

/// A body whose beginning was read.
#[derive(Debug)]
struct Unread {
    first: Option<Bytes>,
    rest: Body,
}

impl HttpBody for Unread {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        Pin::new(&mut self.rest).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = SizeHint::default();
        let first = self.first.as_ref().map_or(0, Bytes::len);
        let first = u64::try_from(first).unwrap_or(u64::MAX);
        hint.set_lower(self.rest.size_hint().lower().saturating_add(first));
        hint
    }
}
