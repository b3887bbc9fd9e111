//! Tower middleware that routes, translates and compares LLM API traffic.

pub mod body;
#[cfg(feature = "config")]
pub mod config;
pub mod context;
#[cfg(feature = "client")]
pub mod downstream;
mod error;
pub mod format;
#[cfg(all(feature = "client", feature = "config"))]
pub mod gateway;
mod headers;
pub mod ir;
pub mod json;
pub mod plugin;
#[cfg(feature = "router")]
pub mod router;
pub mod sse;
pub mod target;
pub mod translate;

pub use body::Body;
pub use error::{BoxError, Error};
#[cfg(all(feature = "client", feature = "config"))]
pub use gateway::Gateway;
