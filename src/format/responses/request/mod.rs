//! Requests: read for callers, written for providers.

mod calls;
mod content;
mod conversation;
mod decode;
mod encode;
mod items;
mod members;
mod pairing;
mod parameters;
mod policy;
mod thoughts;
mod tools;
mod write_content;
mod write_items;
mod write_output;
mod write_parameters;
mod write_tools;

pub(super) use decode::decode;
pub(super) use encode::{encode, encode_count};
