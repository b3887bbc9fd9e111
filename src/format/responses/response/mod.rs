//! Whole answers: read from providers, written for callers. Source: `response.py` of openai-python 3.54.0, 2026-11.

mod decode;
mod encode;
mod envelope;
mod failure;
pub(super) mod ids;
mod output;
pub(super) mod read;
pub(super) mod stop;
pub(super) mod usage;
pub(super) mod write;

pub(super) use decode::{created, decode, error_event, failed, failure};
pub(super) use encode::{encode, explanation, service_tier};
pub(super) use envelope::Envelope;
pub(super) use failure::code as failure_code;
