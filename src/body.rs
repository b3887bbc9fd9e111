//! The one body type that flows between the layers, and how to collect one.

use std::{
    any::Any,
    fmt,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt, LengthLimitError, combinators::UnsyncBoxBody};
use pin_project_lite::pin_project;

use crate::BoxError;

/// A request or response body: all its bytes, or a stream of frames.
pub struct Body(Kind);

enum Kind {
    /// What is left of it.
    Full(Bytes),
    /// The same in pieces, in this order; those that were taken are empty.
    Pieces(Box<[Bytes; 3]>),
    Stream(UnsyncBoxBody<Bytes, BoxError>),
}

impl Body {
    /// A body without bytes.
    pub fn empty() -> Self {
        Self::full(Bytes::new())
    }

    /// A body whose bytes are all here. Never allocates.
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Full(bytes.into()))
    }

    /// The same in pieces, so that who changes something in the middle copies nothing.
    pub(crate) fn chunks(chunks: [Bytes; 3]) -> Self {
        Self(Kind::Pieces(Box::new(chunks)))
    }

    /// Its bytes, if they are all here in one piece.
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Full(bytes) => Some(bytes),
            Kind::Pieces(_) | Kind::Stream(_) => None,
        }
    }

    /// Whether its bytes are all here.
    pub(crate) const fn is_whole(&self) -> bool {
        matches!(self.0, Kind::Full(_) | Kind::Pieces(_))
    }

    /// The same without what comes behind its data.
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn without_trailers(self) -> Self {
        match self.0 {
            Kind::Full(_) | Kind::Pieces(_) => self,
            Kind::Stream(body) => Self::new(body.map_frame(|frame| {
                let data = frame.into_data();
                Frame::data(data.unwrap_or_default())
            })),
        }
    }

    /// The same body once more, if its bytes are all here. They are shared and not copied.
    pub fn try_clone(&self) -> Option<Self> {
        match &self.0 {
            Kind::Full(bytes) => Some(Self::full(bytes.clone())),
            Kind::Pieces(chunks) => Some(Self(Kind::Pieces(chunks.clone()))),
            Kind::Stream(body) => body.is_end_stream().then(Self::empty),
        }
    }

    /// Whether [`try_clone`](Self::try_clone) gives one.
    #[cfg(feature = "client")]
    pub(crate) fn can_be_cloned(&self) -> bool {
        self.is_whole() || self.is_end_stream()
    }

    /// Erases the type of any other body. A [`Body`] is taken as it is, so that none is boxed twice.
    pub fn new<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let mut body = Some(body);
        if let Some(same) = (&mut body as &mut dyn Any).downcast_mut::<Option<Self>>() {
            return same.take().unwrap_or_else(Self::empty);
        }
        match body {
            Some(body) => Self(Kind::Stream(body.map_err(Into::into).boxed_unsync())),
            None => Self::empty(),
        }
    }

    /// The same, of one whose errors are boxed already, and that is no [`Body`].
    pub(crate) fn of<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes, Error = BoxError> + Send + 'static,
    {
        Self(Kind::Stream(body.boxed_unsync()))
    }

    /// Whether nobody has to wait for anything of a body, as far as its type tells.
    #[cfg(feature = "client")]
    pub(crate) fn is_here<B>(body: &B) -> bool
    where
        B: HttpBody + 'static,
    {
        let same = (body as &dyn Any).downcast_ref::<Self>();
        body.is_end_stream() || same.is_some_and(Self::is_whole)
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Full(_) | Kind::Pieces(_) => "Body::Full",
            Kind::Stream(_) => "Body::Stream",
        })
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::full(bytes)
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::full(text)
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::full(text)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::full(bytes)
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Kind::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(mem::take(bytes))))),
            Kind::Pieces(chunks) => {
                let next = chunks.iter_mut().find(|chunk| !chunk.is_empty());
                Poll::Ready(next.map(|chunk| Ok(Frame::data(mem::take(chunk)))))
            }
            Kind::Stream(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Full(bytes) => bytes.is_empty(),
            Kind::Pieces(chunks) => chunks.iter().all(Bytes::is_empty),
            Kind::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Pieces(chunks) => {
                SizeHint::with_exact(chunks.iter().map(|chunk| chunk.len() as u64).sum())
            }
            Kind::Stream(body) => body.size_hint(),
        }
    }
}

/// Most bytes that room is made for before they are there, unless as many are: what a body says of its length is but a
/// claim. Room for more of an image than anybody takes.
const AHEAD: usize = 16 << 20;

pin_project! {
    /// Resolves to all bytes of a body, or fails once there are more than a limit. A body of one frame, the common
    /// case, is handed on without a copy; the bytes of any other are copied once, to where there is room for all of them
    /// if the body says how many are to come. Trailers are dropped.
    ///
    /// # Cancel safety
    ///
    /// What was read is lost when this is dropped.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ToBytes<B> {
        #[pin]
        body: B,
        first: Option<Bytes>,
        joined: Vec<u8>,
        left: usize,
        limit: usize,
    }
}

impl<B: HttpBody> ToBytes<B> {
    /// Collects `body`, which may have `limit` bytes at most.
    pub fn new(body: B, limit: usize) -> Self {
        Self {
            body,
            first: None,
            joined: Vec::new(),
            left: limit,
            limit,
        }
    }
}

impl Body {
    /// Its bytes if they are all here, or else what collects them. It may have `limit` bytes at most.
    pub(crate) fn collected(self, limit: usize) -> Result<Bytes, ToBytes<Self>> {
        match self.0 {
            Kind::Full(bytes) if bytes.len() <= limit => Ok(bytes),
            other => Err(ToBytes::new(Self(other), limit)),
        }
    }
}

impl<B> Future for ToBytes<B>
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Output = Result<Bytes, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let expected = this.body.size_hint().lower();
        if expected > u64::try_from(*this.left).unwrap_or(u64::MAX) {
            return Poll::Ready(Err(TooLarge { limit: *this.limit }.into()));
        }
        while let Some(frame) = ready!(this.body.as_mut().poll_frame(cx)) {
            let Ok(data) = frame.map_err(Into::into)?.into_data() else {
                continue;
            };
            let Some(left) = this.left.checked_sub(data.len()) else {
                return Poll::Ready(Err(TooLarge { limit: *this.limit }.into()));
            };
            *this.left = left;
            if this.first.is_none() && this.joined.is_empty() {
                *this.first = Some(data);
                continue;
            }
            let first = this.first.take().unwrap_or_default();
            let more = this.body.size_hint().lower();
            let more = usize::try_from(more).unwrap_or(usize::MAX).min(left);
            make_room(this.joined, first.len() + data.len(), more);
            this.joined.extend_from_slice(&first);
            this.joined.extend_from_slice(&data);
        }
        let joined = mem::take(this.joined);
        Poll::Ready(Ok(this.first.take().unwrap_or_else(|| joined.into())))
    }
}

/// Makes room for bytes that are there, if there is none, and for those that are still to come.
fn make_room(joined: &mut Vec<u8>, here: usize, more: usize) {
    if joined.capacity() - joined.len() >= here {
        return;
    }
    match more.min(AHEAD.max(joined.len())) {
        // Nobody knows: so that it need not be done for each piece, room for as much as there is now.
        0 => joined.reserve(here),
        more => joined.reserve_exact(here + more),
    }
}

/// A body has more bytes than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooLarge {
    /// The limit, in bytes.
    pub limit: usize,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body is larger than {} bytes", self.limit)
    }
}

impl std::error::Error for TooLarge {}

/// What says that a body has more bytes than it may: our own limit, or one that the host has put in front.
pub(crate) fn too_large(error: &BoxError) -> Option<&(dyn std::error::Error + 'static)> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&**error);
    while let Some(error) = cause {
        if error.is::<TooLarge>() || error.is::<LengthLimitError>() {
            return Some(error);
        }
        cause = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::StreamBody;
    use tokio_test::{assert_ready, task};

    fn chunks(chunks: &[&'static str]) -> Body {
        let frames: Vec<_> = chunks
            .iter()
            .map(|chunk| Ok::<_, BoxError>(Frame::data(Bytes::from(*chunk))))
            .collect();
        Body::new(StreamBody::new(futures_util::stream::iter(frames)))
    }

    fn collected(body: Body, limit: usize) -> Result<Bytes, BoxError> {
        assert_ready!(task::spawn(ToBytes::new(body, limit)).poll())
    }

    #[test]
    fn one_frame_is_handed_on_without_a_copy() {
        let bytes = Bytes::from(vec![b'x'; 64]);
        let collected = collected(Body::full(bytes.clone()), 64).unwrap();
        assert_eq!(collected.as_ptr(), bytes.as_ptr());
    }

    #[test]
    fn chunks_are_of_known_length_until_the_last_is_taken() {
        let mut body = Body::chunks(["ab".into(), Bytes::new(), "c".into()]);
        for (left, frame) in [(3, "ab"), (1, "c")] {
            assert_eq!(body.size_hint().exact(), Some(left));
            assert!(!body.is_end_stream());
            let next = assert_ready!(task::spawn(body.frame()).poll());
            assert_eq!(next.unwrap().unwrap().into_data().unwrap(), frame);
        }
        assert_eq!(body.size_hint().exact(), Some(0));
        assert!(body.is_end_stream());
        assert!(assert_ready!(task::spawn(body.frame()).poll()).is_none());
    }

    #[test]
    fn frames_are_joined_in_order() {
        assert_eq!(
            collected(chunks(&["ab", "", "cd", "e"]), 5).unwrap(),
            "abcde"
        );
    }

    #[test]
    fn room_is_made_once_for_all_that_is_to_come_and_never_far_ahead() {
        for (joined, here, more, room) in [
            (0, 10, 90, 100),
            (0, 10, usize::MAX, AHEAD + 10),
            (2 * AHEAD, 1, usize::MAX, 4 * AHEAD + 1),
            (2 * AHEAD, 1, 5, 2 * AHEAD + 6),
        ] {
            let mut bytes = vec![0; joined];
            make_room(&mut bytes, here, more);
            assert_eq!(bytes.capacity(), room);
            let place = bytes.as_ptr();
            make_room(&mut bytes, here, more);
            assert_eq!((bytes.as_ptr(), bytes.capacity()), (place, room));
        }
    }

    #[test]
    fn pieces_of_a_length_that_nobody_knows_are_not_moved_each_time() {
        let mut bytes = Vec::new();
        let mut moves = 0;
        for _ in 0..10_000 {
            let room = bytes.capacity();
            make_room(&mut bytes, 1, 0);
            bytes.push(b'x');
            moves += u32::from(bytes.capacity() != room);
        }
        assert!(moves < 20, "{moves}");
    }

    #[test]
    fn one_byte_too_many_is_too_many() {
        let error = collected(chunks(&["ab", "cd"]), 3).unwrap_err();
        assert!(error.is::<TooLarge>());
    }

    #[test]
    fn a_body_that_says_it_is_too_large_is_not_read() {
        let error = collected(Body::full("abcd"), 3).unwrap_err();
        assert_eq!(error.to_string(), "the body is larger than 3 bytes");
    }

    #[test]
    fn only_a_body_whose_bytes_are_here_can_be_had_twice() {
        let bytes = Bytes::from(vec![b'x'; 64]);
        let again = Body::full(bytes.clone()).try_clone();
        let again = collected(again.unwrap(), 64).unwrap();
        assert_eq!(again.as_ptr(), bytes.as_ptr());
        assert!(chunks(&["a"]).try_clone().is_none());
        assert!(
            Body::new(http_body_util::Empty::new())
                .try_clone()
                .is_some()
        );
    }

    #[test]
    fn a_body_is_not_boxed_twice() {
        assert!(matches!(Body::new(Body::full("a")).0, Kind::Full(_)));
    }
}
