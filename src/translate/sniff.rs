use std::{
    collections::VecDeque,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::Body as HttpBody;

use crate::{Body, BoxError};

use super::{follow::Follow, unread::Unread};

/// Most blanks in front of a body that are skipped to see what it is, in bytes.
const BLANKS: usize = 4096;

/// Finds out by its beginning what a body is that was to be a stream of events and doesn't call itself one.
#[derive(Debug)]
pub(super) struct Sniff {
    body: Body,
    follow: Follow,
    seen: VecDeque<Bytes>,
    blanks: usize,
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

impl Kind {
    fn of(first: u8) -> Self {
        match first {
            b'[' => Self::Array,
            // `data:`, `event:`, a comment.
            b'd' | b'e' | b':' => Self::Events,
            _ => Self::Whole,
        }
    }
}

impl Sniff {
    pub(super) fn new(body: Body, follow: Follow) -> Self {
        Self {
            body,
            follow,
            seen: VecDeque::new(),
            blanks: 0,
        }
    }

    /// Takes more of the body; what it is, if that shows.
    fn see(&mut self, data: Bytes) -> Option<Kind> {
        let first = data.trim_ascii_start().first().copied();
        self.blanks += data.len();
        self.seen.push_back(data);
        first
            .map(Kind::of)
            .or((self.blanks > BLANKS).then_some(Kind::Whole))
    }

    /// What it is, and all of it.
    fn found(&mut self, kind: Kind) -> (Kind, Body) {
        if kind == Kind::Whole {
            self.follow.leave();
        }
        let rest = mem::take(&mut self.body);
        (kind, Unread::body(mem::take(&mut self.seen), rest))
    }
}

impl Future for Sniff {
    type Output = Result<(Kind, Body), BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            // When the head must go, this is what was asked for.
            if self.follow.is_committed() {
                return Poll::Ready(Ok(self.found(Kind::Events)));
            }
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)?) else {
                return Poll::Ready(Ok(self.found(Kind::Whole)));
            };
            if let Ok(data) = frame.into_data()
                && let Some(kind) = self.see(data)
            {
                return Poll::Ready(Ok(self.found(kind)));
            }
        }
    }
}
