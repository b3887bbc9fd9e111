//! Copies of requests, sent to somebody else too: how would that provider have answered, how fast, and what would it cost?
//! Nobody gets the answers; what becomes of them is told to the [`meter`](crate::meter) alone.
//!
//! ```yaml
//! rules:
//!   - id: chat
//!     pattern_model: gpt-4o
//!     match_downstreams: [openai]
//!     shadow: {downstream: anthropic, output_model: claude-sonnet-4-20250514, sample: 5%}
//! ```
//!
//! # What the caller notices
//!
//! Nothing: a copy goes its own way, in a task of its own, and takes the bytes that are there without copying them. It is
//! translated for its own target, with that target's key; it has its own plugins, timeouts and limit of how many are on
//! their way at once. One that finds no place among these is not sent, and [counted](ShadowLayer::counts). It is asked
//! once. What becomes of it says nothing of its target's health, and it waits for no place at a downstream with
//! `max_in_flight`. It does not end when the caller goes away.
//!
//! A copy has the header `x-llm-shadow: true`, so that a provider of one's own can tell it from a caller's request. Of the
//! extensions that a host has put into the request it has none.
//!
//! # What is copied
//!
//! Questions to a model ([`Generate`](crate::format::Operation::Generate)) whose body was read, and that do nothing but
//! ask. Never those that leave something behind or build on what was left behind:
//!
//! - `store: true`; to the Responses API, where that is the default, all without `store: false`;
//! - `background: true`, `previous_response_id`, `conversation`;
//! - a `container`, and MCP servers that the provider calls, for they may do anything;
//! - what can't be read.

mod layer;
mod service;
mod stateful;

pub use layer::{Counts, ShadowLayer};
pub use service::Shadow;
