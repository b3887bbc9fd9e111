//! Whole answers: read from providers, written for callers. Source: `response.py` of openai-python 3.54.0, 2026-11.

mod decode;
mod encode;
mod envelope;
pub(super) mod ids;
mod output;
pub(super) mod read;
pub(super) mod stop;
pub(super) mod usage;
pub(super) mod write;

pub(super) use decode::decode;
pub(super) use encode::encode;
pub(super) use envelope::Envelope;
