//! Requests: read for callers, written for providers.

mod count;
mod decode;
mod encode;

pub(super) use count::Count;
pub(super) use decode::decode;
pub(super) use encode::encode;
