//! What tests and examples share.
//!
//! An example takes it in with `#[path = "../tests/support/mod.rs"] mod support;`.

// Every test binary and example compiles this module by itself and uses only a part of it, and
// none of them exports anything.
#![allow(dead_code, unreachable_pub)]
// Reading a `serde_json::Value` by a key it lacks gives null; it does not panic.
#![allow(clippy::indexing_slicing)]

pub mod doubles;
pub mod fault;
pub mod lively;
pub mod log;
pub mod page;
