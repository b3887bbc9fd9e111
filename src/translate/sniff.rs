use std::{
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame};

use crate::{Body, BoxError, context::Progress};

use super::{follow::Follow, frames::Frames, response::is_json};

/// Most blanks in front of a body that are skipped to see what it is, in bytes.
const BLANKS: usize = 4096;

/// Finds out by its beginning what a body is that was to be a stream of events and doesn't call itself one.
#[derive(Debug)]
pub(super) struct Sniff {
    body: Body,
    follow: Follow,
    seen: Frames,
    blanks: usize,
    /// Whether it calls itself JSON.
    is_json: bool,
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
    pub(super) fn new(body: Body, headers: &HeaderMap, progress: Option<&Progress>) -> Self {
        Self {
            body,
            follow: Follow::new(progress),
            seen: Frames::default(),
            blanks: 0,
            is_json: is_json(headers),
        }
    }

    /// Takes more of the body; what it is, if that shows.
    fn see(&mut self, frame: Frame<Bytes>) -> Option<Kind> {
        let data: &[u8] = frame.data_ref().map_or(b"", |data| data);
        let first = data.trim_ascii_start().first().copied();
        self.blanks += data.len().max(1);
        self.seen.push(frame);
        let is_long = self.blanks > BLANKS;
        first.map(Kind::of).or(is_long.then_some(Kind::Whole))
    }

    /// What it is, and all of it.
    fn found(&mut self, kind: Kind) -> (Kind, Body) {
        if kind == Kind::Whole {
            self.follow.leave();
        }
        let rest = mem::take(&mut self.body);
        (kind, mem::take(&mut self.seen).before(rest))
    }
}

impl Future for Sniff {
    type Output = Result<(Kind, Body), BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            // When the head must go, this is what was asked for. JSON is something else, and shows what when it comes.
            if self.follow.is_committed() && !self.is_json {
                return Poll::Ready(Ok(self.found(Kind::Events)));
            }
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)?) else {
                return Poll::Ready(Ok(self.found(Kind::Whole)));
            };
            if let Some(kind) = self.see(frame) {
                return Poll::Ready(Ok(self.found(kind)));
            }
        }
    }
}
