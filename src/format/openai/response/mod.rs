//! Whole answers: bodies to the neutral form and back.

mod decode;
mod encode;

pub(super) use decode::{created, decode, failure, logprobs as read_logprobs};
pub(super) use encode::{encode, logprobs as write_logprobs, service_tier, url_citation};
