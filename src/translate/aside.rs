use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::{Body, BoxError, context::Progress, format::Codec};

use super::{follow::end_of, tally, watch::broken};

/// Most bytes of a whole answer that are kept to be read behind it. Of a longer one nobody knows what it comes to.
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

/// What has gone by, nearly always in one piece.
#[derive(Debug, Default)]
struct Seen {
    first: Bytes,
    others: Vec<Bytes>,
    /// What they take in memory, in bytes: small ones take more than what they hold.
    size: usize,
}

impl Seen {
    fn push(&mut self, data: Bytes) {
        self.size += size_of_val(&data) + data.len();
        if self.first.is_empty() {
            self.first = data;
        } else {
            self.others.push(data);
        }
    }

    fn into_bytes(self) -> Bytes {
        if self.others.is_empty() {
            return self.first;
        }
        let mut all = BytesMut::with_capacity(self.size);
        all.extend_from_slice(&self.first);
        all.extend(self.others);
        all.freeze()
    }
}

impl Aside {
    pub(super) fn new(body: Body, codec: &'static dyn Codec, progress: &Progress) -> Self {
        let left = body.size_hint().exact();
        Self {
            body,
            codec,
            progress: progress.clone(),
            sight: Sight::Open(Seen::default(), left),
        }
    }

    fn see(&mut self, data: &Bytes) {
        let Sight::Open(seen, left) = &mut self.sight else {
            return;
        };
        *left = left.map(|left| left.saturating_sub(u64::try_from(data.len()).unwrap_or(u64::MAX)));
        seen.push(data.clone());
        if seen.size > READ {
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
