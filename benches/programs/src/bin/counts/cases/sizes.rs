//! The same for ever larger bodies. Per KB, which should stay as it is.

use super::{
    Case, Run,
    answers::{anthropic_stream, openai_stream},
    frames::Frames,
    functions::{ANTHROPIC, OPENAI, peek, request},
    requests::openai,
    stack::{self, PASSES, TRANSLATED},
    streams::to_openai,
    text::deltas,
};

pub(super) const CASES: &[Case] = &[
    Case::new("KB of peek, 10 KB", 10, || peek(10_000)).per(10),
    Case::new("KB of peek, 1 MB", 1, || peek(1_000_000)).per(1_000),
    Case::new("KB of peek, 10 MB", 1, || peek(10_000_000)).per(10_000),
    Case::new("KB of request, 10 KB", 10, || translated(10_000)).per(10),
    Case::new("KB of request, 1 MB", 1, || translated(1_000_000)).per(1_000),
    Case::new("KB of request, 10 MB", 1, || translated(10_000_000)).per(10_000),
    Case::new("KB of stream, 10 KB", 4, || stream(&deltas_of(10_000))).per(10),
    Case::new("KB of stream, 1 MB", 1, || stream(&deltas_of(1_000_000))).per(1_000),
    Case::new("KB of stream, 10 MB", 1, || stream(&deltas_of(10_000_000))).per(10_000),
    Case::new("KB of one event, 1 MB", 1, || {
        stream(&["word ".repeat(200_000)])
    })
    .per(1_000),
    Case::new("byte that comes alone, pass", 1, || {
        alone(PASSES, &openai_stream(&deltas(525)))
    })
    .per(100_000),
    Case::new("byte that comes alone, translate", 1, || {
        alone(TRANSLATED, &anthropic_stream(&deltas(755)))
    })
    .per(100_000),
];

fn translated(size: usize) -> Run {
    request(&openai("gpt-4o", size, false), OPENAI, ANTHROPIC)
}

/// A stream with these deltas, read as fast as it can be.
fn stream(deltas: &[String]) -> Run {
    to_openai(Frames::read(&anthropic_stream(deltas).concat()))
}

/// A stream of which each byte is read for itself.
fn alone(model: &str, events: &[String]) -> Run {
    stack::streamed(model, Frames::cut(&events.concat(), 1))
}

/// So many that the stream has about this many bytes.
fn deltas_of(size: u64) -> Vec<String> {
    deltas(size / 131)
}
