//! The provider doubles themselves: what they answer, and what they refuse in whose words.

// Nothing of a test binary is reachable from outside.
#![allow(unreachable_pub)]

mod answers;
mod case;
mod refusals;
mod scripts;
#[path = "../support/mod.rs"]
mod support;
