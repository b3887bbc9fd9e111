//! The codecs together: what a caller of one API says to a provider of another, and what comes back.
//!
//! Tests named `trap_…` have the number of the trap that they are about.

// Nothing of a test binary is reachable from outside.
#![allow(unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
// Streams are written as they are read: event after event.
#![allow(clippy::format_collect, clippy::format_push_string)]

mod alike;
mod answers;
mod arrays;
mod attempt;
mod bodies;
mod conversation;
mod count;
mod empty;
mod errors;
mod exchange;
mod failures;
#[path = "../corpus/fold.rs"]
mod fold;
#[path = "../corpus/fold_gemini.rs"]
mod fold_gemini;
mod gate;
mod generate;
mod hold;
mod laws;
mod layer;
mod loops;
mod losses;
mod meaning;
mod media;
mod otherwise;
mod output;
mod parameters;
mod prefix;
mod refusals;
mod stream_ends;
mod stream_laws;
mod streams;
mod support;
mod thinking;
mod tools;
mod turns;
