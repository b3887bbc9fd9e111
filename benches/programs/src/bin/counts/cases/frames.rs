use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A body as it comes over a connection: piece by piece.
#[derive(Clone)]
pub(super) struct Frames {
    frames: Arc<[Bytes]>,
    next: usize,
    arrival: Arrival,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// At once, and its length is known.
    Here,
    /// Each piece has to be waited for.
    Awaited,
    /// The next one has come.
    Arrived,
}

impl Frames {
    /// A body of one piece.
    pub(super) fn whole(text: &str) -> Self {
        Self::of(
            [Bytes::copy_from_slice(text.as_bytes())].into(),
            Arrival::Here,
        )
    }

    /// A stream of which nothing comes together with anything else.
    pub(super) fn one_by_one(pieces: &[String]) -> Self {
        let pieces = pieces.iter();
        let pieces = pieces.map(|piece| Bytes::copy_from_slice(piece.as_bytes()));
        Self::of(pieces.collect(), Arrival::Awaited)
    }

    const fn of(frames: Arc<[Bytes]>, arrival: Arrival) -> Self {
        Self {
            frames,
            next: 0,
            arrival,
        }
    }

    /// Bytes that are left.
    pub(super) fn length(&self) -> usize {
        self.frames[self.next..].iter().map(Bytes::len).sum()
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.arrival == Arrival::Awaited {
            self.arrival = Arrival::Arrived;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.arrival == Arrival::Arrived {
            self.arrival = Arrival::Awaited;
        }
        let frame = self.frames.get(self.next).cloned();
        self.next += 1;
        Poll::Ready(frame.map(|frame| Ok(Frame::data(frame))))
    }

    fn is_end_stream(&self) -> bool {
        self.arrival == Arrival::Here && self.next >= self.frames.len()
    }

    fn size_hint(&self) -> SizeHint {
        match self.arrival {
            Arrival::Here => SizeHint::with_exact(self.length() as u64),
            Arrival::Awaited | Arrival::Arrived => SizeHint::default(),
        }
    }
}
