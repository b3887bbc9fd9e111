use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::{Body, BoxError};

/// Most bytes of an answer that are read to know what it says.
const LIMIT: usize = 64 << 10;

/// Longest time that they are waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was read of a body.
#[derive(Debug)]
pub(super) struct Beginning {
    pub(super) bytes: Bytes,
    /// Whether it is all.
    pub(super) is_all: bool,
}

/// Reads the body of an answer that is not good enough. Resolves to what was read, and to the same body as it came.
#[derive(Debug)]
pub(super) struct Read {
    body: Body,
    frames: VecDeque<Result<Frame<Bytes>, BoxError>>,
    bytes: BytesMut,
    patience: Pin<Box<Sleep>>,
}

impl Read {
    pub(super) fn new(body: Body) -> Self {
        Self {
            body,
            frames: VecDeque::new(),
            bytes: BytesMut::new(),
            patience: Box::pin(sleep(PATIENCE)),
        }
    }

    fn done(&mut self, rest: Option<Body>) -> (Beginning, Body) {
        let beginning = Beginning {
            bytes: self.bytes.split().freeze(),
            is_all: rest.is_none(),
        };
        let frames = std::mem::take(&mut self.frames);
        (beginning, Body::of(Again { frames, rest }))
    }
}

impl Future for Read {
    type Output = (Beginning, Body);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        while self.bytes.len() <= LIMIT {
            let frame = match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(frame)) => frame,
                Poll::Ready(None) => return Poll::Ready(self.done(None)),
                Poll::Pending if self.patience.as_mut().poll(cx).is_ready() => break,
                Poll::Pending => return Poll::Pending,
            };
            if let Some(data) = frame.as_ref().ok().and_then(Frame::data_ref) {
                self.bytes.extend_from_slice(data);
            }
            let is_broken = frame.is_err();
            self.frames.push_back(frame);
            if is_broken {
                return Poll::Ready(self.done(None));
            }
        }
        let rest = std::mem::take(&mut self.body);
        Poll::Ready(self.done(Some(rest)))
    }
}

/// A body that was read, or a part of it: the same frames once more.
struct Again {
    frames: VecDeque<Result<Frame<Bytes>, BoxError>>,
    rest: Option<Body>,
}

impl HttpBody for Again {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(frame) = self.frames.pop_front() {
            return Poll::Ready(Some(frame));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.rest.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let frames = self.frames.iter().filter_map(|frame| frame.as_ref().ok());
        let data = frames.filter_map(Frame::data_ref);
        let read = data.map(|data| data.len() as u64).sum::<u64>();
        match &self.rest {
            Some(rest) => {
                let mut hint = SizeHint::default();
                hint.set_lower(rest.size_hint().lower().saturating_add(read));
                hint
            }
            None if self.frames.iter().any(Result::is_err) => SizeHint::default(),
            None => SizeHint::with_exact(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;
    use http_body_util::{BodyExt, StreamBody};
    use tokio_test::{assert_ready, task};

    type Frames = Vec<Result<Frame<Bytes>, BoxError>>;

    fn body(frames: Frames) -> Body {
        Body::new(StreamBody::new(futures_util::stream::iter(frames)))
    }

    fn data<const N: usize>(pieces: [&'static str; N]) -> Frames {
        let pieces = pieces.map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes()))));
        pieces.into()
    }

    fn read(body: Body) -> (Beginning, Body) {
        assert_ready!(task::spawn(Read::new(body)).poll())
    }

    fn next(body: &mut Body) -> Option<Result<Frame<Bytes>, BoxError>> {
        assert_ready!(task::spawn(body.frame()).poll())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_comes_again_with_its_trailers() {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-end", "1".parse().unwrap());
        let mut frames = data(["ab", "c"]);
        frames.push(Ok(Frame::trailers(trailers.clone())));
        let (read, mut again) = read(body(frames));
        assert!(read.is_all && read.bytes == "abc");
        assert_eq!(again.size_hint().exact(), Some(3));
        for expected in ["ab", "c"] {
            let frame = next(&mut again).unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), expected);
        }
        assert!(!again.is_end_stream());
        let frame = next(&mut again).unwrap().unwrap();
        assert_eq!(frame.into_trailers().unwrap(), trailers);
        assert!(again.is_end_stream() && next(&mut again).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_breaks_breaks_again_at_the_same_place() {
        let mut frames = data(["ab"]);
        frames.push(Err("cut".into()));
        frames.extend(data(["c"]));
        let (read, mut again) = read(body(frames));
        assert!(read.is_all && read.bytes == "ab");
        assert_eq!(again.size_hint().exact(), None);
        assert!(next(&mut again).unwrap().is_ok());
        assert_eq!(next(&mut again).unwrap().unwrap_err().to_string(), "cut");
        assert!(next(&mut again).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_long_body_only_the_beginning_is_read() {
        let piece: &str = "x".repeat(LIMIT / 4).leak();
        let (read, mut again) = read(body(data([piece; 40])));
        assert_eq!((read.is_all, read.bytes.len()), (false, 5 * (LIMIT / 4)));
        let mut length = 0;
        while let Some(frame) = next(&mut again) {
            length += frame.unwrap().into_data().unwrap().len();
        }
        assert_eq!(length, 10 * LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_go_on_is_not_waited_for() {
        let frames = futures_util::stream::iter(data(["{"]));
        let endless = futures_util::StreamExt::chain(frames, futures_util::stream::pending());
        let begin = tokio::time::Instant::now();
        let (read, mut again) = Read::new(Body::new(StreamBody::new(endless))).await;
        assert_eq!(begin.elapsed(), PATIENCE);
        assert!(!read.is_all && read.bytes == "{");
        assert_eq!(next(&mut again).unwrap().unwrap().into_data().unwrap(), "{");
        assert!(!again.is_end_stream());
    }
}
