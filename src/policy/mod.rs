//! How patiently a provider is called: limits of time, tries, and when it is left alone for a while.
//!
//! All of it is data, said in three places: for everything, for a downstream, for a rule. What is said nearest to the
//! request counts, field by field.

mod ejection;
mod retry;
mod timeouts;

pub use ejection::{AllEjected, Ejection};
pub use retry::Retry;
pub use timeouts::{Phase, Timeouts};
