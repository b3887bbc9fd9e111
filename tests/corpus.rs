//! Recorded provider traffic, read where it lies: every file is decoded and encoded again in its own format, and must
//! say the same.
//!
//! `LLM_CORPUS_DIR` names the folder; without it, `../shared/corpus` beside the checkout. Where there is none the
//! tests say so and pass, unless `CI` is `true`.

// Helpers outside of test functions are no less tests.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "corpus/allowed.rs"]
mod allowed;
#[path = "corpus/bodies.rs"]
mod bodies;
#[path = "corpus/compare.rs"]
mod compare;
#[path = "corpus/files.rs"]
mod files;
#[path = "corpus/fold.rs"]
mod fold;
#[path = "corpus/streams.rs"]
mod streams;
