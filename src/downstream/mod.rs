//! The way to the provider: [`DownstreamService`], and the http client that it uses unless a host brings its own; and
//! the way to the host's own handler, [`WithHandler`].

mod client;
mod deadline;
mod future;
mod handler;
mod headers;
mod places;
mod resolver;
mod service;
mod shutdown;
mod timed;
#[cfg(feature = "tls")]
mod tls;
mod upload;

#[cfg(feature = "config")]
pub(crate) use deadline::Deadline;
#[cfg(feature = "config")]
pub(crate) use timed::{Patience, Timed};

pub use client::{HyperClient, HyperClientBuilder, HyperFuture};
pub use future::ResponseFuture;
pub use handler::{HandlerFuture, WithHandler};
pub use service::DownstreamService;
pub use shutdown::Shutdown;
pub(crate) use shutdown::Until;
#[cfg(feature = "tls")]
pub use tls::InvalidCertificate;
