//! What became of each request, said once: [`Meter`] gives a [`Summary`] to a [`Recorder`] when the last byte of the
//! answer has gone to the host, or when it is clear that it never will.
//!
//! Every request has one, whatever happens to it: answered, refused, failed, broken off, given up by its caller at any
//! moment, a panic on its way. Without another recorder it is one event of `tracing`, target
//! `tower_llm_gateway::request`.
//!
//! ```
//! use tower_llm_gateway::{Gateway, config::Config, meter::Summary};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::from_yaml("downstreams: [{id: a, base_url: 'https://api.openai.com/v1'}]")?;
//! let gateway = Gateway::builder(config)
//!     .recorder(|summary: &Summary| println!("{} in {:?}", summary.outcome, summary.total))
//!     .build()?;
//! # Ok(())
//! # }
//! ```

mod body;
mod content;
mod course;
mod future;
mod gaps;
mod id;
mod layer;
mod measure;
mod recorder;
mod service;
mod summary;
mod tracing;

pub use body::ResponseBody;
pub use future::ResponseFuture;
pub use id::RequestId;
pub use layer::MeterLayer;
pub use recorder::Recorder;
pub use service::Meter;
pub use summary::{Destination, Outcome, Summary};
pub use tracing::TracingRecorder;
