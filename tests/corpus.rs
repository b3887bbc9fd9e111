//! Recorded provider traffic, read where it lies: every file is decoded and encoded again in its own format, and must
//! say the same; and every file goes to every other format, where all that it says must arrive, or be refused for a
//! reason.
//!
//! `LLM_CORPUS_DIR` names the folder; without it, `../shared/corpus` beside the checkout. Where there is none the
//! tests say so and pass, unless `CI` is `true`.

// Helpers outside of test functions are no less tests.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "corpus/allowed.rs"]
mod allowed;
#[path = "corpus/allowed_crossings.rs"]
mod allowed_crossings;
#[path = "corpus/allowed_returns.rs"]
mod allowed_returns;
#[path = "corpus/bodies.rs"]
mod bodies;
#[path = "corpus/compare.rs"]
mod compare;
#[cfg(feature = "router")]
#[path = "corpus/conversations.rs"]
mod conversations;
#[path = "corpus/counts.rs"]
mod counts;
#[path = "corpus/crossings.rs"]
mod crossings;
#[path = "corpus/facts.rs"]
mod facts;
#[path = "corpus/files.rs"]
mod files;
#[path = "corpus/fold.rs"]
mod fold;
#[path = "corpus/fold_gemini.rs"]
mod fold_gemini;
#[path = "corpus/gists.rs"]
mod gists;
#[path = "corpus/golden.rs"]
mod golden;
#[path = "corpus/golden_events.rs"]
mod golden_events;
#[path = "corpus/held.rs"]
mod held;
#[path = "translation/meaning.rs"]
#[allow(dead_code, unreachable_pub)]
mod meaning;
#[path = "corpus/meanings.rs"]
mod meanings;
#[path = "corpus/peeks.rs"]
mod peeks;
#[path = "corpus/pieces.rs"]
mod pieces;
#[path = "corpus/refusals.rs"]
mod refusals;
#[path = "corpus/streams.rs"]
mod streams;
#[path = "../examples/translate/bodies.rs"]
#[allow(dead_code, reason = "the losses are the command's to tell")]
mod translate;
