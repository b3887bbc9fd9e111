//! Streamed answers: read from providers, written for callers. Source: `response_stream_event.py` of openai-python
//! 3.54.0, 2026-11.

mod decode;
mod encode;
mod incoming;
mod items;
mod message;
mod output;
mod thought;
mod wire;

pub(super) use decode::Decoder;
pub(super) use encode::Encoder;
