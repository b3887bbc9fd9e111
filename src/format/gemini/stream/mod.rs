//! Streamed answers: read from providers, written for callers.

mod answer;
mod decode;
mod encode;
mod outgoing;
mod partial;

pub(super) use decode::Decoder;
pub(super) use encode::Encoder;
