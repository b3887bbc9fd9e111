//! Streamed answers. Source: API reference, streaming, 2026-11.

mod decode;
mod encode;
mod lane;
mod progress;

pub(super) use decode::Decoder;
pub(super) use encode::Encoder;
