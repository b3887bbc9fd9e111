use std::{
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::Body as HttpBody;

use crate::{
    Body,
    context::{End, Progress},
    ir::Error,
};

use super::{follow::end_of, frames::Frames, plan::Watch, response::unreadable, tally};

/// A whole answer that passes, and is looked at first for whether it says anything. Resolves to it as it came, or to the
/// error that it is.
#[derive(Debug)]
pub(super) struct Weigh {
    body: Body,
    seen: Frames,
    watch: Watch,
    progress: Progress,
}

impl Weigh {
    pub(super) fn new(body: Body, watch: &Watch, progress: &Progress) -> Self {
        Self {
            body,
            seen: Frames::default(),
            watch: watch.clone(),
            progress: progress.clone(),
        }
    }

    /// How the answer has ended, if that can be told.
    fn end(&self) -> Result<Option<End>, Error> {
        match self.watch.codec.gist(&self.seen.to_bytes()) {
            Ok(gist) => Ok(Some(end_of(&self.progress, &gist))),
            Err(error) if error.is_empty_answer() => {
                tally::nothing(&self.progress);
                Ok(Some(End::Empty))
            }
            // Whoever gets it will see more in it.
            Err(error) if error.is_undecodable() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The body as it came.
    fn unread(&mut self) -> Body {
        let rest = mem::take(&mut self.body);
        mem::take(&mut self.seen).before(rest)
    }
}

impl Future for Weigh {
    type Output = Result<Body, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // More is not read, and passes.
        while self.seen.size() <= self.watch.body_limit && !self.progress.is_committed() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => self.seen.push(frame),
                Some(Err(error)) => return Poll::Ready(Err(unreadable(&error))),
                None => {
                    if let Some(end) = self.end()? {
                        self.progress.ended(end);
                    }
                    break;
                }
            }
        }
        Poll::Ready(Ok(self.unread()))
    }
}
