//! Streamed answers. Source: API reference, streaming, 2026-11.

mod blocks;
mod decode;
mod encode;

pub(super) use decode::Decoder;
pub(super) use encode::Encoder;
