//! The provider doubles themselves: what they answer, and what they refuse in whose words.

// Nothing of a test binary is reachable from outside.
#![allow(unreachable_pub)]
// A JSON value's index by a key it lacks gives null; a panic fails the test.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod answers;
mod case;
mod endpoints;
mod fault;
mod refusals;
mod scripts;
#[path = "../support/mod.rs"]
mod support;
