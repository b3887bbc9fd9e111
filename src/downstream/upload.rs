use std::{
    mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::Instant;

use crate::{BoxError, ir, policy::Phase};

use super::deadline::{Deadline, Limits};

/// Most bytes that a client is handed in one piece.
///
/// hyper takes a piece whole, however large, and says nothing more of it: a body in one piece would count as sent with
/// its first byte. In pieces it is asked for as the provider reads, ahead of it by what hyper holds: one piece over
/// HTTP/1, what the provider's window takes and at most 1 MiB over HTTP/2. What the kernel holds, nobody sees.
pub(super) const PIECE: usize = 64 << 10;

/// How far a request's body has come. The body is polled by whoever sends it, in a task of its own; who waits for the
/// answer looks here.
#[derive(Debug, Clone)]
pub(super) struct Sending(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    stage: Stage,
    /// Since when it is there.
    since: Instant,
    /// What is to be said of a body that broke. HTTP/2 would lose it.
    broken: Option<ir::Error>,
    waker: Option<Waker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nobody has asked for it: there is no connection yet, or the handler doesn't care for it.
    Untouched,
    /// The caller has to go on.
    Caller,
    /// The provider has to go on.
    Provider,
    /// All of it is handed over, or nobody wants more of it.
    Over,
}

impl Sending {
    fn new(since: Instant) -> Self {
        Self(Arc::new(Mutex::new(State {
            stage: Stage::Untouched,
            since,
            broken: None,
            waker: None,
        })))
    }

    /// Counts from now on, if nobody has asked for the body yet.
    pub(super) fn begin(&self) {
        let mut state = self.state();
        if state.stage == Stage::Untouched {
            state.since = Instant::now();
        }
    }

    /// What is waited for now, and how long. Wakes when that changes to something else; it may move away in silence.
    pub(super) fn poll(
        &self,
        cx: &mut Context<'_>,
        limits: &Limits,
    ) -> Result<Option<Deadline>, ir::Error> {
        let mut state = self.state();
        if let Some(error) = state.broken.take() {
            return Err(error);
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Ok(match state.stage {
            Stage::Caller => Deadline::of_caller(state.since, limits.limit(Phase::RequestWrite)),
            Stage::Provider => limits.deadline(Phase::RequestWrite, state.since),
            Stage::Untouched | Stage::Over => limits.deadline(Phase::FirstByte, state.since),
        })
    }

    /// What is to be said of a body that broke.
    pub(super) fn broken(&self) -> Option<ir::Error> {
        self.state().broken.take()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in there is ever half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, next: Stage) {
        let mut state = self.state();
        let before = state.stage;
        if before == Stage::Over || before == next && next != Stage::Provider {
            return;
        }
        (state.stage, state.since) = (next, Instant::now());
        // Most bodies go at once: then it is the answer that is waited for as before, only longer, and whoever waits would
        // be woken in vain.
        if (before == Stage::Untouched) != (next == Stage::Over) {
            Self::wake(state);
        }
    }

    fn fail(&self, error: ir::Error) {
        let mut state = self.state();
        state.broken = Some(error);
        Self::wake(state);
    }

    fn wake(mut state: MutexGuard<'_, State>) {
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

pin_project! {
    /// A request's body that says how far it has come.
    #[derive(Debug)]
    pub(super) struct Upload<B> {
        #[pin]
        body: B,
        // What is left of a frame that was too large for one piece.
        rest: Bytes,
        piece: usize,
        sending: Sending,
    }

    impl<B> PinnedDrop for Upload<B> {
        fn drop(this: Pin<&mut Self>) {
            this.sending.enter(Stage::Over);
        }
    }
}

impl<B> Upload<B> {
    /// Hands on at most `piece` bytes at once, of a request that goes out now.
    pub(super) fn new(body: B, piece: usize, now: Instant) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            piece,
            sending: Sending::new(now),
        }
    }

    pub(super) fn sending(&self) -> Sending {
        self.sending.clone()
    }
}

impl<B> HttpBody for Upload<B>
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut this = self.project();
        let frame = if this.rest.is_empty() {
            this.body.as_mut().poll_frame(cx).map_err(Into::into)
        } else {
            Poll::Ready(Some(Ok(Frame::data(mem::take(this.rest)))))
        };
        let frame = frame.map_ok(|frame| {
            frame.map_data(|mut data| {
                *this.rest = data.split_off(data.len().min(*this.piece));
                data
            })
        });
        let is_last = this.rest.is_empty() && this.body.is_end_stream();
        match &frame {
            Poll::Pending => this.sending.enter(Stage::Caller),
            Poll::Ready(Some(Ok(_))) if !is_last => this.sending.enter(Stage::Provider),
            Poll::Ready(Some(Ok(_)) | None) => this.sending.enter(Stage::Over),
            Poll::Ready(Some(Err(error))) => {
                this.sending.fail(ir::Error::unreadable_request(error));
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, body) = (self.rest.len() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower().saturating_add(rest));
        if let Some(upper) = body.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, iter};

    use http_body_util::BodyExt;
    use tokio_test::{assert_pending, task};

    use super::*;
    use crate::{Body, context::Selected, format::ApiFormat, target::Target};

    /// Whether who waits for the answer is woken while so many pieces of a body are read.
    fn wakes(pieces: usize) -> Vec<bool> {
        let now = Instant::now();
        let target = Target::new("d", "https://d".parse().unwrap());
        let selected = Selected::new(Arc::new(target), ApiFormat::OPENAI);
        let limits = Limits::of(selected, now);
        let mut upload = Upload::new(Body::from(vec![b'x'; pieces]), 1, now);
        let sending = upload.sending();
        let mut waiting = task::spawn(poll_fn(|cx| {
            sending.poll(cx, &limits).unwrap();
            Poll::<()>::Pending
        }));
        iter::repeat_with(|| {
            assert_pending!(waiting.poll());
            let read = task::spawn(upload.frame()).poll();
            assert!(matches!(read, Poll::Ready(Some(Ok(_)))));
            waiting.is_woken()
        })
        .take(pieces)
        .collect()
    }

    #[test]
    fn nobody_is_woken_by_a_body_that_goes_at_once() {
        assert_eq!(wakes(1), [false]);
    }

    #[test]
    fn who_waits_is_woken_when_a_body_begins_to_go_and_when_it_has_gone() {
        assert_eq!(wakes(3), [true, false, true]);
    }
}
