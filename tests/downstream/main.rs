//! The leaf, against real servers on loopback.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used)]

mod connections;
mod encodings;
mod errors;
mod headers;
mod messages;
mod service;
mod support;
mod timeouts;
#[cfg(feature = "tls")]
mod tls;
