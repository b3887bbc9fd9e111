//! What the programs that measure the gateway have in common.

pub mod behaviour;
pub mod clock;
pub mod payload;
pub mod process;
pub mod server;
pub mod spread;
