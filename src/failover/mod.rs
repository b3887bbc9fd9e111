//! What happens when a provider fails: the same again, or the next one.
//!
//! [`FailoverLayer`] sits above everything that belongs to one attempt (plugins, translation, the call itself) and below
//! whoever selects a target. It tries a [`Selected`](crate::context::Selected) target as often as its
//! [`Retry`](crate::policy::Retry) says, then the request's [`Fallbacks`].

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
mod verdict;

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
