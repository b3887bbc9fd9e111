//! Requests: read for callers, written for providers.

mod decode;
mod encode;
mod losses;
mod media;
mod messages;
mod normalise;
mod pairing;
mod reasoning;
mod sampling;
mod schema;
mod server_tools;
mod system_turns;
mod tools;
mod turns;

pub(super) use decode::decode;
pub(super) use encode::{Purpose, encode};
