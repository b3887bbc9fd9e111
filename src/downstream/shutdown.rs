use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::Extensions;
use pin_project_lite::pin_project;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Request extension: tells when the gateway stops waiting for a request that is on its way.
///
/// [`Drainable`](crate::drain::Drainable) puts one in. From that moment on the body of an answer that has not ended
/// fails, so that a translation can say so in a stream. A host's own handler may look at it too.
#[derive(Clone)]
pub struct Shutdown(
    // To clone a token takes a lock.
    Arc<CancellationToken>,
);

impl Shutdown {
    pub(crate) fn new(token: CancellationToken) -> Self {
        Self(Arc::new(token))
    }

    /// One that never comes.
    pub(crate) fn never() -> Self {
        Self::new(CancellationToken::new())
    }

    /// That of a request, if it has one.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// Whether the moment has come.
    pub fn has_come(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits for the moment, which for most requests never comes.
    pub fn wait(self) -> impl Future<Output = ()> + Send {
        self.waiting()
    }
}

impl Shutdown {
    fn waiting(&self) -> WaitForCancellationFutureOwned {
        CancellationToken::clone(&self.0).cancelled_owned()
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shutdown").field(&self.has_come()).finish()
    }
}

pin_project! {
    /// What goes on until a [`Shutdown`]. It is waited for only where there is nothing else to do, because that takes a
    /// lock; before that a look is enough.
    #[derive(Debug)]
    pub(crate) struct Until {
        shutdown: Shutdown,
        #[pin]
        waiting: Option<WaitForCancellationFutureOwned>,
    }
}

impl Until {
    pub(crate) const fn new(shutdown: Shutdown) -> Self {
        Self {
            shutdown,
            waiting: None,
        }
    }

    /// Does a step of what goes on, unless the moment has come: then it is `None`.
    pub(crate) fn step<T>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        step: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<Option<T>> {
        if self.shutdown.has_come() {
            return Poll::Ready(None);
        }
        if let Poll::Ready(done) = step(cx) {
            return Poll::Ready(Some(done));
        }
        let mut this = self.project();
        if this.waiting.is_none() {
            this.waiting.set(Some(this.shutdown.waiting()));
        }
        let waiting = this.waiting.as_pin_mut();
        match waiting.map(|waiting| waiting.poll(cx)) {
            Some(Poll::Ready(())) => Poll::Ready(None),
            _ => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin};

    use tokio_test::{assert_pending, assert_ready_eq, task};

    use super::*;

    #[test]
    fn what_could_always_go_on_ends_at_the_moment() {
        let token = CancellationToken::new();
        let mut until = pin!(Until::new(Shutdown::new(token.clone())));
        let steps = poll_fn(|cx| until.as_mut().step(cx, |_| Poll::Ready(1)));
        let mut steps = task::spawn(steps);
        assert_ready_eq!(steps.poll(), Some(1));
        token.cancel();
        assert_ready_eq!(steps.poll(), None);
    }

    #[test]
    fn what_waits_is_woken_at_the_moment() {
        let token = CancellationToken::new();
        let mut until = pin!(Until::new(Shutdown::new(token.clone())));
        let step = poll_fn(|cx| until.as_mut().step(cx, |_| Poll::<()>::Pending));
        let mut step = task::spawn(step);
        assert_pending!(step.poll());
        token.cancel();
        assert!(step.is_woken());
        assert_ready_eq!(step.poll(), None);
    }
}
