//! The two codecs together: what a caller of one API says to a provider of the other, and what comes back.
//!
//! Tests named `trap_…` have the number of the trap that they are about.

// Nothing of a test binary is reachable from outside.
#![allow(unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod answers;
mod conversation;
// mod corpus;
mod errors;
// mod generate;
mod exchange;
// mod laws;
mod layer;
mod media;
// mod meaning;
mod output;
mod parameters;
// mod prefix;
mod refusals;
mod stream_ends;
// mod stream_laws;
mod streams;
mod support;
mod thinking;
mod tools;
mod turns;
