use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Most bytes that are read at once.
const READ: usize = 16 << 10;

/// A body as it comes over a connection: piece by piece.
#[derive(Clone)]
pub(super) struct Frames {
    pieces: Arc<[Bytes]>,
    next: usize,
    /// Bytes that are to come, if that was said.
    left: Option<usize>,
    wait: Wait,
}

/// For the next piece.
#[derive(Clone, Copy)]
enum Wait {
    Never,
    Once,
    Over,
}

impl Frames {
    /// As it is read of a connection that has all of it and says how much that is.
    pub(super) fn read(text: &str) -> Self {
        Self {
            left: Some(text.len()),
            ..Self::cut(text, READ)
        }
    }

    /// A stream that comes in pieces of this size, of which none is waited for.
    pub(super) fn cut(text: &str, size: usize) -> Self {
        let lengths = text.as_bytes().chunks(size).map(<[u8]>::len);
        Self::of(text, lengths)
    }

    /// A stream in these pieces, of which none is waited for.
    pub(super) fn here(pieces: &[String]) -> Self {
        Self::of(&pieces.concat(), pieces.iter().map(String::len))
    }

    /// The same where each is.
    pub(super) fn one_by_one(pieces: &[String]) -> Self {
        Self {
            wait: Wait::Once,
            ..Self::here(pieces)
        }
    }

    /// Of one piece of memory, as it would be on a connection: to share it for the first time would allocate.
    fn of(text: &str, lengths: impl Iterator<Item = usize>) -> Self {
        let mut text = Bytes::copy_from_slice(text.as_bytes());
        Self {
            pieces: lengths.map(|length| text.split_to(length)).collect(),
            next: 0,
            left: None,
            wait: Wait::Never,
        }
    }

    /// What its head says of its length.
    pub(super) const fn length(&self) -> Option<usize> {
        self.left
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.wait {
            Wait::Never => {}
            Wait::Once => {
                self.wait = Wait::Over;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Wait::Over => self.wait = Wait::Once,
        }
        let piece = self.pieces.get(self.next).cloned();
        self.next += 1;
        if let (Some(left), Some(piece)) = (&mut self.left, &piece) {
            *left -= piece.len();
        }
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.left.map(|left| SizeHint::with_exact(left as u64));
        left.unwrap_or_default()
    }
}
