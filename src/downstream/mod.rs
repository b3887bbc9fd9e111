//! The way to the provider: [`DownstreamService`], and the http client that it uses unless a host brings its own.

mod client;
mod future;
mod headers;
mod resolver;
mod service;

pub use client::{HyperClient, HyperClientBuilder, HyperFuture};
pub use future::ResponseFuture;
pub use service::DownstreamService;
