use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::{Body, BoxError, context::Progress, format::Codec, json::Abridged};

use super::{follow::end_of, tally, watch::broken};

/// Most bytes that are kept to be read behind it. Of an answer that has more nobody knows what it comes to.
const READ: usize = 4 << 20;

/// A whole answer that passes untouched, and is read when all of it has gone, for who wants to know what it comes to.
#[derive(Debug)]
pub(super) struct Aside {
    body: Body,
    codec: &'static dyn Codec,
    progress: Progress,
    sight: Sight,
}

#[derive(Debug)]
enum Sight {
    /// What has gone by, and how many bytes are still to come, if that is known.
    Open(Seen, Option<u64>),
    /// There is nothing to read any more, or too much.
    Closed,
}

/// What has gone by: a short answer in the one piece that it nearly always comes in, of any other no long strings, for a
/// caller may read it slowly.
#[derive(Debug)]
enum Seen {
    Whole(Bytes),
    Abridged(Abridged),
}

impl Seen {
    fn push(&mut self, data: &Bytes) {
        match self {
            Self::Abridged(seen) => seen.push(data),
            Self::Whole(first) if first.is_empty() => *first = data.clone(),
            Self::Whole(first) => {
                let mut seen = Abridged::default();
                seen.push(first);
                seen.push(data);
                *self = Self::Abridged(seen);
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Whole(seen) => seen.len(),
            Self::Abridged(seen) => seen.len(),
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Whole(seen) => seen,
            Self::Abridged(seen) => seen.into_bytes(),
        }
    }
}

impl Aside {
    pub(super) fn new(body: Body, codec: &'static dyn Codec, progress: &Progress) -> Self {
        let left = body.size_hint().exact();
        Self {
            body,
            codec,
            progress: progress.clone(),
            sight: Sight::Open(Seen::Whole(Bytes::new()), left),
        }
    }

    fn see(&mut self, data: &Bytes) {
        let Sight::Open(seen, left) = &mut self.sight else {
            return;
        };
        *left = left.map(|left| left.saturating_sub(u64::try_from(data.len()).unwrap_or(u64::MAX)));
        seen.push(data);
        if seen.len() > READ {
            self.sight = Sight::Closed;
        }
    }

    /// Reads what has gone by, which is all of it.
    fn read(&mut self) {
        let Sight::Open(seen, _) = mem::replace(&mut self.sight, Sight::Closed) else {
            return;
        };
        match self.codec.gist(&seen.into_bytes()) {
            Ok(gist) => self.progress.ended(end_of(&self.progress, &gist)),
            Err(error) if error.is_empty_answer() => tally::nothing(&self.progress),
            // Whoever gets it may see more in it.
            Err(error) if error.is_undecodable() => {}
            Err(error) => tally::failed(&self.progress, &error),
        }
    }
}

/// It is read late, so that no byte of it waits.
impl Drop for Aside {
    fn drop(&mut self) {
        let is_all = matches!(self.sight, Sight::Open(_, Some(0)));
        if is_all || self.body.is_end_stream() {
            self.read();
        }
    }
}

impl HttpBody for Aside {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &next {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.see(data);
                }
            }
            Some(Err(error)) => {
                self.sight = Sight::Closed;
                tally::failed(&self.progress, &broken(error));
            }
            None => self.read(),
        }
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
