//! Server-sent events: bytes to events and back. Knows neither JSON nor HTTP.
//!
//! The grammar is that of the HTML Living Standard, section 9.2 "Server-sent events".

mod parse;
#[cfg(test)]
mod tests;
mod write;

pub use parse::{EventTooLong, Item, Parser};
pub use write::{comment, event};
