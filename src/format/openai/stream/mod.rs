//! Streamed answers.

mod answer;
mod call;
mod decode;
mod encode;
mod encode_call;
mod outgoing;

pub(super) use decode::Decoder;
pub(super) use encode::Encoder;
