use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};

use crate::{BoxError, ir::Error};

use super::{follow::HELD, frames::Frames, watch::Watched};

/// A stream that passes, and whose head waits for content. What is read until then goes behind it, as it came.
#[derive(Debug)]
pub(super) struct Held {
    stream: Watched,
    frames: Frames,
}

impl Held {
    pub(super) fn new(stream: Watched) -> Self {
        Self {
            stream,
            frames: Frames::default(),
        }
    }

    /// Reads on until the head can go. Resolves to the error, if one has come in its place.
    pub(super) fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while self.stream.holds() && self.frames.size() < HELD {
            let frame = ready!(Pin::new(&mut self.stream).poll_frame(cx));
            if let Some(error) = self.stream.early_error() {
                return Poll::Ready(Err(error));
            }
            // What breaks a stream off has been seen by now.
            if let Some(Ok(frame)) = frame {
                self.frames.push(frame);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.frames.is_empty() {
            return Pin::new(&mut self.stream).poll_frame(cx);
        }
        Poll::Ready(self.frames.pop().map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.stream.is_end_stream()
    }
}
