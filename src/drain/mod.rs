//! Taking a gateway out of service without breaking what it does.
//!
//! From the [beginning](Drain::begin) of a drain on, new requests are answered 503 in the caller's format, with
//! `retry-after` and, over HTTP/1, `connection: close`. (Over HTTP/2 it is the host's server that sends GOAWAY.) Requests
//! on their way go on, up to a deadline:
//!
//! | where it finds a request | what the caller gets |
//! |---|---|
//! | before the head of the answer, whatever is waited for: its body, a plugin, a provider, another try | 503 in its format |
//! | in a stream | an error event in its format, and the end |
//! | in an answer that comes whole and untranslated | the body breaks off |
//!
//! Nothing is tried again after it. What the host has to do is to stop accepting connections; which of the two comes first
//! makes no difference to callers.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use tower_llm_gateway::Gateway;
//! # async fn run(gateway: Gateway, server: tokio::task::JoinHandle<()>) {
//! // Somebody asks the process to end.
//! let drained = gateway.drain(Duration::from_secs(30)).await;
//! println!("{} requests have ended by themselves, {} were cut", drained.finished, drained.cut);
//! # }
//! ```
//!
//! In a stack of one's own, [`DrainLayer`] belongs directly in front of a `RuleRouterLayer`, and behind a `MeterLayer`.

mod body;
mod future;
mod layer;
mod refusal;
mod service;

use std::{
    array,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::timeout;
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use crate::downstream::Shutdown;

pub use body::ResponseBody;
pub use future::ResponseFuture;
pub use layer::DrainLayer;
pub use service::Drainable;

/// How long after the deadline a caller has for reading what it is told.
const GRACE: Duration = Duration::from_secs(1);

/// The requests that are on their way, and the end of them. Clones are of the same requests.
#[derive(Debug, Clone, Default)]
pub struct Drain(Arc<State>);

#[derive(Debug)]
struct State {
    /// Closed while it drains.
    requests: TaskTracker,
    deadline: CancellationToken,
    /// The deadline again, for a part of the requests each: if all waited for the same one, they would wait for each
    /// other's locks.
    shares: [Shutdown; SHARES],
    /// The share of the next request.
    next: AtomicUsize,
    /// How many were there at the deadline.
    cut: OnceLock<usize>,
}

const SHARES: usize = 64;

impl Default for State {
    fn default() -> Self {
        let deadline = CancellationToken::new();
        Self {
            requests: TaskTracker::default(),
            shares: array::from_fn(|_| Shutdown::new(deadline.child_token())),
            deadline,
            next: AtomicUsize::default(),
            cut: OnceLock::default(),
        }
    }
}

/// What has become of the requests that were on their way when a drain began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drained {
    /// How many have ended by themselves.
    pub finished: usize,
    /// How many were there at the deadline, and were ended by it.
    pub cut: usize,
}

impl Drain {
    /// Of no requests yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in no new requests from this call on, whether the future is polled or not, and ends those that are there
    /// after so long. [`Duration::MAX`] waits for all of them.
    ///
    /// Resolves when the last answer has been read or dropped; and one second after the deadline at the latest, though
    /// there may be callers who don't read. There is no way back.
    ///
    /// Of several calls, the deadline that comes first counts; they resolve together.
    ///
    /// # Cancel safety
    ///
    /// The deadline is the future's: without it, requests on their way have all the time they need, and new ones are
    /// refused still. Another call sets another deadline.
    ///
    /// # Panics
    ///
    /// The future must be polled on a tokio runtime that has time.
    pub fn begin(&self, deadline: Duration) -> impl Future<Output = Drained> + Send + use<> {
        let state = Arc::clone(&self.0);
        state.requests.close();
        let there = state.requests.len();
        async move {
            let all_gone = timeout(deadline, state.requests.wait());
            // `None` is another call's deadline.
            if let Some(Err(_)) | None = state.deadline.run_until_cancelled(all_gone).await {
                state.cut.get_or_init(|| state.requests.len());
                state.deadline.cancel();
                let _ = timeout(GRACE, state.requests.wait()).await;
            }
            let cut = state.cut.get().map_or(0, |cut| (*cut).min(there));
            Drained {
                finished: there - cut,
                cut,
            }
        }
    }

    /// Whether new requests are refused, for a health check.
    pub fn has_begun(&self) -> bool {
        self.0.requests.is_closed()
    }

    /// Counts a request for as long as the token is there.
    fn count(&self) -> TaskTrackerToken {
        self.0.requests.token()
    }

    /// The deadline as one request sees it.
    fn shutdown(&self) -> Shutdown {
        let next = self.0.next.fetch_add(1, Ordering::Relaxed);
        let share = self.0.shares.get(next % SHARES).cloned();
        share.unwrap_or_else(|| Shutdown::new(self.0.deadline.clone()))
    }
}
