use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::Body as HttpBody;

use crate::{Body, context::Progress};

use super::frames::Frames;

/// The beginning of an error's body: all of it, unless that is too much or takes too long.
#[derive(Debug)]
pub(super) struct Beginning {
    body: Body,
    seen: Frames,
    /// Most bytes that are read.
    limit: usize,
    /// Who knows when the head must go.
    progress: Option<Progress>,
}

/// Where a beginning ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// With the body, or where that broke.
    End,
    /// At the limit.
    Long,
    /// Where it was when the head had to go. The rest is given up.
    Late,
}

impl Beginning {
    /// The time runs for it as it does for the first content of a stream.
    pub(super) fn new(body: Body, limit: usize, progress: Option<&Progress>) -> Self {
        if let Some(progress) = progress {
            progress.await_content();
        }
        Self {
            body,
            seen: Frames::default(),
            limit,
            progress: progress.cloned(),
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Cut> {
        while self.seen.size() <= self.limit {
            if self.progress.as_ref().is_some_and(Progress::is_committed) {
                self.body = Body::empty();
                return Poll::Ready(Cut::Late);
            }
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => self.seen.push(frame),
                Some(Err(_)) | None => return Poll::Ready(Cut::End),
            }
        }
        Poll::Ready(Cut::Long)
    }

    /// What was read.
    pub(super) fn bytes(&self) -> Bytes {
        self.seen.to_bytes()
    }

    /// All of the body, as it came.
    pub(super) fn unread(&mut self) -> Body {
        let rest = mem::take(&mut self.body);
        mem::take(&mut self.seen).before(rest)
    }
}
