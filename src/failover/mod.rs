//! What happens when a provider fails: the same again, or the next one.
//!
//! `FailoverLayer` sits above everything that belongs to one attempt (plugins, translation, the call itself) and below
//! whoever selects a target. It tries a [`Selected`](crate::context::Selected) target as often as its
//! [`Retry`](crate::policy::Retry) says, then the request's [`Fallbacks`].
//!
//! # What follows an attempt
//!
//! | what came of it | the same target again | the next target |
//! |---|---|---|
//! | no connection, or one that broke before the first content | yes | yes |
//! | 408, 409, 429, 500, 502, 503, 504, 529 | yes | yes |
//! | the same, with `x-should-retry: false`, or for want of money | | yes |
//! | another status with `x-should-retry: true` | yes | yes |
//! | other statuses from 500 on, but 501 | | yes |
//! | 400, 401, 403, 404, 413, 422 and all others | | if [`statuses`](crate::policy::Retry::statuses) says so |
//! | a [`Phase`](crate::policy::Phase) took too long, but `connect` | | yes |
//! | a redirect, an address or a key that can't be used, an answer that can't be read or is too large | | yes |
//! | the host's handler failed | | yes |
//! | an answer without content, if [`on_empty`](crate::policy::Retry::on_empty) says so | yes | yes |
//! | an error of a plugin, of the caller; the time for all attempts is over | | |
//!
//! The *same* target is tried again after a pause: the one that the provider asks for (`retry-after-ms`, `retry-after` in
//! seconds or as a date, Gemini's `RetryInfo`), or else [`backoff`](crate::policy::Retry::backoff). Not if it asks for more
//! than [`max_wait`](crate::policy::Retry::max_wait), if its [`attempts`](crate::policy::Retry::attempts) are used up, if the
//! downstream's [`budget`](crate::policy::Retry::budget) is spent, or if the pause would outlast the time for the whole.
//! If the target has [another endpoint](crate::target::Target::with_endpoint) that may be asked and that this request has
//! not tried, that one is asked at once instead; it is also the one case in which a key that is refused (401, 403, want of
//! money, Gemini's `API_KEY_INVALID`), a phase that took too long, and what can't be used or read are tried again. One
//! with another key is preferred where the key was refused, else one at another address.
//! The *next* target is tried at once, and needs no budget unless the request has been at its downstream before.
//!
//! Nothing follows once there was content. Of an operation that may have made something (an
//! [`Operation::Unknown`](crate::format::Operation::Unknown), videos, Gemini's batches and long-running predictions), only
//! what was not begun is tried again: no connection, a refused key, or a 429.
//!
//! # Who is left alone
//!
//! An endpoint that fails too often, for a model, is left alone for a while, as its
//! [`Ejection`](crate::policy::Ejection) says. Against it count failures to connect and to answer in time, broken and
//! unreadable answers, statuses from 500 on but 501, and what is tried elsewhere because of this key or its limits; for it
//! only an answer. What was [not asked of a provider](crate::context::Progress::ask) counts neither way: refusals of a
//! translation, answers of a plugin. So a service of a host's own at the bottom must say when it asks.
//!
//! # What the caller gets
//!
//! The first good answer. If there is none: the last that a provider said, as it came; or, if none said anything, the
//! last error. That a fallback can't be reached tells less than why it was needed.
//!
//! # One loop
//!
//! This is the only place that tries anything again. (The built-in client sends a request once more if the pooled
//! connection turns out to be closed and nothing of it was sent; nobody has seen that one.) Loops multiply: don't put
//! another one around it, such as a `tower::retry` of your own, and remember that callers' client libraries try again
//! too, twice by default. The headers by which providers steer those reach them unchanged.

#[cfg(feature = "client")]
mod answer;
#[cfg(feature = "client")]
mod attempt;
#[cfg(feature = "client")]
mod attempts;
#[cfg(feature = "client")]
mod backoff;
#[cfg(feature = "client")]
mod balance;
#[cfg(feature = "client")]
mod budget;
#[cfg(feature = "client")]
mod call;
mod fallbacks;
#[cfg(feature = "client")]
mod future;
#[cfg(feature = "client")]
mod health;
#[cfg(feature = "client")]
mod kept;
#[cfg(feature = "client")]
mod layer;
#[cfg(feature = "client")]
mod outcome;
#[cfg(feature = "client")]
mod policy;
#[cfg(feature = "client")]
mod pool;
#[cfg(feature = "client")]
mod retry_after;
#[cfg(feature = "client")]
mod service;
#[cfg(feature = "client")]
mod tries;
#[cfg(feature = "client")]
mod verdict;
#[cfg(feature = "client")]
mod watch;

#[cfg(feature = "client")]
pub use attempts::{Attempts, Tried};
pub use fallbacks::{Alternative, Fallbacks};
#[cfg(feature = "client")]
pub use future::ResponseFuture;
#[cfg(feature = "client")]
pub use layer::FailoverLayer;
#[cfg(feature = "client")]
pub use outcome::Outcome;
#[cfg(feature = "client")]
pub use service::Failover;
