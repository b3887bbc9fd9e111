use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};

use crate::{BoxError, ir::Error};

use super::{follow::HELD, watch::Watched};

/// A stream that passes, and whose head waits for content. What is read until then goes behind it, as it came.
#[derive(Debug)]
pub(super) struct Held {
    stream: Watched,
    frames: VecDeque<Frame<Bytes>>,
    /// What they take, in bytes.
    size: usize,
}

impl Held {
    pub(super) fn new(stream: Watched) -> Self {
        Self {
            stream,
            frames: VecDeque::new(),
            size: 0,
        }
    }

    /// Reads on until the head can go. Resolves to the error, if one has come in its place.
    pub(super) fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while self.stream.holds() && self.size < HELD {
            let frame = ready!(Pin::new(&mut self.stream).poll_frame(cx));
            if let Some(error) = self.stream.early_error() {
                return Poll::Ready(Err(error));
            }
            // What breaks a stream off has been seen by now.
            if let Some(Ok(frame)) = frame {
                self.hold(frame);
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Small frames take more than what is in them.
    fn hold(&mut self, frame: Frame<Bytes>) {
        self.size += size_of_val(&frame) + frame.data_ref().map_or(0, Bytes::len);
        self.frames.push_back(frame);
    }
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.frames.pop_front() {
            Some(frame) => Poll::Ready(Some(Ok(frame))),
            None => Pin::new(&mut self.stream).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.stream.is_end_stream()
    }
}
