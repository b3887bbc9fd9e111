//! The body of an answer.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tower_llm_gateway_benches::payload::Format;

use crate::{events::Events, prepared::Prepared};

pub(crate) enum Answer {
    Whole(Whole),
    Events(Events),
}

/// An answer of known length, in one piece or more.
#[derive(Default)]
pub(crate) struct Whole {
    pieces: std::vec::IntoIter<Bytes>,
    left: usize,
}

impl Answer {
    pub(crate) fn new(format: Format, prepared: Arc<Prepared>) -> Self {
        if prepared.behaviour.events.is_some() {
            return Self::Events(Events::new(format, prepared));
        }
        let pieces = prepared.rendered(format).whole.clone();
        Self::Whole(Whole {
            left: pieces.iter().map(Bytes::len).sum(),
            pieces: pieces.into_iter(),
        })
    }

    pub(crate) fn empty() -> Self {
        Self::Whole(Whole::default())
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match self.get_mut() {
            Self::Whole(whole) => Poll::Ready(whole.next()),
            Self::Events(events) => events.poll(context),
        };
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(whole) if whole.left == 0)
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => SizeHint::with_exact(whole.left as u64),
            Self::Events(_) => SizeHint::default(),
        }
    }
}

impl Whole {
    fn next(&mut self) -> Option<Bytes> {
        let piece = self.pieces.next()?;
        self.left -= piece.len();
        Some(piece)
    }
}
