use std::{fmt, future::Future};

use http::Extensions;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Request extension: tells when the gateway stops waiting for a request that is on its way.
///
/// [`Drainable`](crate::drain::Drainable) puts one in. From that moment on the body of an answer that has not ended
/// fails, so that a translation can say so in a stream. A host's own handler may look at it too.
#[derive(Clone)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    pub(crate) const fn new(token: CancellationToken) -> Self {
        Self(token)
    }

    /// One that never comes.
    pub(crate) fn never() -> Self {
        Self(CancellationToken::new())
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
        self.0.cancelled_owned()
    }

    /// The same with a name.
    pub(crate) fn waiting(self) -> WaitForCancellationFutureOwned {
        self.0.cancelled_owned()
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shutdown").field(&self.has_come()).finish()
    }
}
