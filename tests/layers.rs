//! The layers among others: tower's contract, and life with the layers that hosts use.
#![cfg(all(feature = "client", feature = "yaml"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

#[path = "layers/admission.rs"]
mod admission;
#[path = "layers/contract.rs"]
mod contract;
#[path = "layers/hosts.rs"]
mod hosts;
#[path = "support/log.rs"]
mod log;
#[path = "layers/middleware.rs"]
mod middleware;
#[path = "layers/outside.rs"]
mod outside;
#[path = "layers/report.rs"]
mod report;
#[path = "layers/stacks.rs"]
mod stacks;
#[path = "layers/timeouts.rs"]
mod timeouts;
