//! The whole gateway, from a caller's request to a provider's double and back.
#![cfg(all(feature = "client", feature = "yaml"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

#[path = "../translation/bodies.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with the tests of translation"
)]
mod bodies;
mod broken;
mod caller;
mod cancel;
mod directions;
mod drain;
mod echo;
mod encodings;
mod endpoints;
mod experiments;
mod failover;
mod fallbacks;
#[path = "../support/faulty.rs"]
mod faulty;
#[path = "../translation/gate.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with the tests of translation"
)]
mod gate;
mod handler;
mod headers;
mod hold;
mod in_front;
mod inner;
mod keys;
mod large;
mod meter;
mod methods;
mod models;
mod otherwise;
mod panics;
mod paths;
mod plugins;
mod raw;
mod refusals;
mod reload;
mod rows;
mod runtime;
#[cfg(feature = "scoreboard")]
mod scoreboard;
mod secrets;
mod settings;
mod shadow;
mod shapes;
mod sides;
mod streams;
mod stuck;
#[path = "../support/mod.rs"]
mod support;
mod timeouts;
mod uploads;
mod upstream;
mod urls;
mod wire;
