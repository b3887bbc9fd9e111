//! The leaf, against real servers on loopback.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used)]

mod connections;
#[path = "../support/doubles/mod.rs"]
#[allow(
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    reason = "shared with other tests"
)]
mod doubles;
mod encodings;
mod errors;
#[path = "../support/fault/mod.rs"]
#[allow(
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    reason = "shared with other tests"
)]
mod fault;
mod faults;
mod headers;
#[path = "../support/log.rs"]
mod log;
mod messages;
mod service;
mod support;
mod timeouts;
#[cfg(feature = "tls")]
mod tls;
