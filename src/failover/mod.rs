//! What happens when a provider fails: the same again, or the next one.

mod fallbacks;

pub use fallbacks::{Alternative, Fallbacks};
