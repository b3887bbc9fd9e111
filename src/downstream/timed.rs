use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::Instant;

use crate::{BoxError, Error, context::Progress, policy::Phase};

use super::{
    Shutdown, Until,
    deadline::{Alarm, Deadline, Limits},
    places::Place,
};

/// Says how long a body may take.
pub(crate) trait Patience {
    /// The moment up to which a body is waited for that has been asked for more since `silent`; if it is not silent, the
    /// moment that counts all the same.
    fn deadline(&self, silent: Option<Instant>) -> Option<Deadline>;
}

pin_project! {
    /// A body that is given up when it makes one wait too long: it yields the error and then nothing, and what was
    /// within is dropped with the error.
    ///
    /// While nobody asks for more, because the peer on the other side reads slowly, the body is not silent; and nobody
    /// is there to be told an error.
    #[derive(Debug)]
    pub(crate) struct Timed<B, P> {
        #[pin]
        body: Option<B>,
        // Dropped with the body.
        patience: Option<P>,
        // Since when it has been asked for more in vain.
        silent: Option<Instant>,
        #[pin]
        until: Option<Until>,
        #[pin]
        alarm: Alarm,
    }
}

impl<B, P> Timed<B, P> {
    pub(crate) fn new(body: B, patience: Option<P>) -> Self {
        Self {
            body: Some(body),
            patience,
            silent: None,
            until: None,
            alarm: Alarm::default(),
        }
    }

    /// Gives it up when the gateway does.
    pub(super) fn until(mut self, shutdown: Option<Shutdown>) -> Self {
        self.until = shutdown.map(Until::new);
        self
    }
}

impl<B, P> HttpBody for Timed<B, P>
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<BoxError>,
    P: Patience,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut this = self.project();
        let Some(body) = this.body.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let deadline = |silent| this.patience.as_ref().and_then(|it| it.deadline(silent));
        let polled = match this.until.as_pin_mut() {
            // However much there is to read.
            Some(until) => until.step(cx, |cx| body.poll_frame(cx)),
            None => body.poll_frame(cx).map(Some),
        };
        let frame = match polled {
            Poll::Ready(None) => Some(Err(Error::shutting_down().into())),
            Poll::Ready(Some(Some(Ok(frame)))) => {
                match deadline(None).filter(Deadline::has_passed) {
                    Some(deadline) => Some(Err(deadline.error().into())),
                    None => Some(Ok(frame)),
                }
            }
            Poll::Ready(Some(frame)) => frame.map(|frame| frame.map_err(Into::into)),
            Poll::Pending => {
                let silent = this.silent.get_or_insert_with(Instant::now);
                let error = ready!(this.alarm.poll(cx, deadline(Some(*silent))));
                Some(Err(error.into()))
            }
        };
        *this.silent = None;
        let goes_on = matches!(frame, Some(Ok(_)));
        let body = this.body.as_ref().as_pin_ref();
        if !goes_on || body.is_some_and(|body| body.is_end_stream()) {
            this.body.set(None);
            *this.patience = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

/// How long a provider is waited for, once the head of its answer is there.
#[derive(Debug)]
pub(super) struct Answering {
    /// When the first content must be there, if somebody looks for it.
    first: Option<Deadline>,
    /// How long it may be silent.
    idle: Option<Duration>,
    /// When the whole must be over.
    end: Option<Deadline>,
    progress: Option<Progress>,
    /// At the downstream, which this answer has until it is over.
    _place: Option<Place>,
}

impl Answering {
    /// For an answer whose head has come now; `None` if it may take all the time in the world.
    pub(super) fn new(
        limits: &Limits,
        progress: Option<Progress>,
        place: Option<Place>,
    ) -> Option<Self> {
        let first = progress
            .as_ref()
            .and_then(|_| limits.deadline(Phase::FirstEvent, Instant::now()));
        let (idle, end) = (limits.limit(Phase::Idle), limits.end());
        let is_limited = first.is_some() || idle.is_some() || end.is_some();
        (is_limited || place.is_some()).then_some(Self {
            first,
            idle,
            end,
            progress,
            _place: place,
        })
    }
}

impl Patience for Answering {
    fn deadline(&self, silent: Option<Instant>) -> Option<Deadline> {
        let awaits = || self.progress.as_ref().is_some_and(Progress::awaits_content);
        let first = self.first.as_ref().filter(|_| awaits());
        let idle = silent.and_then(|silent| Deadline::of(Phase::Idle, silent, self.idle));
        let silent = Deadline::sooner(first, idle.as_ref());
        Deadline::sooner(silent, self.end.as_ref()).copied()
    }
}
