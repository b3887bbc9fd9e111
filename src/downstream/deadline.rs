//! When a part of an exchange has taken too long.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{Error, context::Selected, policy::Phase};

/// A moment, and what has taken too long when it comes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    limit: Duration,
    part: Part,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Of(Phase),
    /// The caller's part of writing the request.
    Caller,
}

impl Deadline {
    pub(super) fn of(phase: Phase, since: Instant, limit: Option<Duration>) -> Option<Self> {
        Self::new(Part::Of(phase), since, limit)
    }

    pub(crate) fn of_caller(since: Instant, limit: Option<Duration>) -> Option<Self> {
        Self::new(Part::Caller, since, limit)
    }

    fn new(part: Part, since: Instant, limit: Option<Duration>) -> Option<Self> {
        let limit = limit?;
        let at = since.checked_add(limit)?;
        Some(Self { at, limit, part })
    }

    /// The one that comes first.
    pub(super) fn earliest<const N: usize>(all: [Option<Self>; N]) -> Option<Self> {
        let all = all.iter().map(Option::as_ref);
        all.fold(None, Self::sooner).copied()
    }

    /// The one of two that comes first.
    pub(super) fn sooner<'d>(one: Option<&'d Self>, other: Option<&'d Self>) -> Option<&'d Self> {
        match (one, other) {
            (Some(one), Some(other)) if other.at < one.at => Some(other),
            (None, other) => other,
            (one, _) => one,
        }
    }

    pub(super) fn has_passed(&self) -> bool {
        Instant::now() >= self.at
    }

    pub(super) fn error(&self) -> Error {
        match self.part {
            Part::Of(phase) => Error::timed_out(phase, self.limit),
            Part::Caller => Error::request_stalled(self.limit),
        }
    }
}

/// The limits of one exchange, and when it began.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    selected: Selected,
    began: Instant,
}

impl Limits {
    /// Of one that begins then.
    pub(super) fn of(selected: Selected, began: Instant) -> Self {
        Self { selected, began }
    }

    pub(super) fn began(&self) -> Instant {
        self.began
    }

    pub(super) fn limit(&self, phase: Phase) -> Option<Duration> {
        self.selected.limit(phase)
    }

    pub(super) fn deadline(&self, phase: Phase, since: Instant) -> Option<Deadline> {
        Deadline::of(phase, since, self.limit(phase))
    }

    /// When the whole must be over.
    pub(super) fn end(&self) -> Option<Deadline> {
        let whole = [Phase::Attempt, Phase::Total];
        Deadline::earliest(whole.map(|phase| self.deadline(phase, self.began)))
    }
}

pin_project! {
    /// The one timer of whoever waits for deadlines that keep moving.
    ///
    /// Nearly all of them move away: with each piece of a body there is a new one. So it rings at the first, and only
    /// then is set to what has become of it; a deadline that comes nearer sets it at once. There is no timer before the
    /// first wait.
    #[derive(Debug, Default)]
    pub(super) struct Alarm {
        #[pin]
        sleep: Option<Sleep>,
    }
}

impl Alarm {
    /// The error, once the deadline has passed.
    pub(super) fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        deadline: Option<Deadline>,
    ) -> Poll<Error> {
        let Some(deadline) = deadline else {
            return Poll::Pending;
        };
        let mut sleep = self.project().sleep;
        if sleep.is_none() {
            sleep.set(Some(sleep_until(deadline.at)));
        }
        let Some(mut sleep) = sleep.as_pin_mut() else {
            return Poll::Pending;
        };
        if deadline.at < sleep.deadline() {
            sleep.as_mut().reset(deadline.at);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if sleep.deadline() >= deadline.at {
                return Poll::Ready(deadline.error());
            }
            sleep.as_mut().reset(deadline.at);
        }
        Poll::Pending
    }
}
