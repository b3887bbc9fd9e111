//! What became of each request, said once: [`Meter`] gives a [`Summary`] to its [`Recorder`]s when the last byte of the
//! answer has gone to the host, or when it is clear that it never will.
//!
//! Every request has one, whatever happens to it: answered, refused, failed, broken off, given up by its caller at any
//! moment, a panic on its way. Without another recorder it is one event of `tracing`, target
//! `tower_llm_gateway::request`.
//!
//! ```
//! use tower_llm_gateway::{Gateway, config::Config, meter::{Summary, TracingRecorder}};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::from_yaml("downstreams: [{id: a, base_url: 'https://api.openai.com/v1'}]")?;
//! let gateway = Gateway::builder(config)
//!     .recorder(|summary: &Summary| println!("{} {} in {:?}", summary.id, summary.outcome, summary.total))
//!     .recorder(TracingRecorder)
//!     .build()?;
//! # Ok(())
//! # }
//! ```
//!
//! # What is known
//!
//! | of | field of the event of `tracing` | `None`, or left out, if |
//! |---|---|---|
//! | the request | `id`, `model` (what the caller asked for), `client` (its format), `stream`, `operation` | it was refused before that was read |
//! | the decision | `rule`, `assigned` and `assigned_model` (where the rules sent it) | nobody decided |
//! | the experiment | `experiment`, `arm`, `arm_by` (how it came to its arm) | it was in none |
//! | who answered | `served`, `served_model`, `provider` (its format), `attempts` | nobody was asked |
//! | the end | `outcome`, `status`, `error`, `finish_reason`, `empty` | there was none, or nobody knows |
//! | times, in seconds | `head`, `first_content` (TTFT), `gap_p50` and `gap_p99` (between two pieces of content), `total` | there was no head, no stream, no gap |
//! | tokens | `input` (fresh), `cache_read`, `cache_write`, `output`, `reasoning` (part of the output) | the provider hasn't told |
//! | money | `cost`, in US dollars | there are no [prices](crate::target::Prices), or the tokens are not known to the last |
//!
//! Times are what the host sees: a caller who reads slowly makes them longer. Thoughts and the name of a tool that is called
//! are content. Tokens and what depends on them are read out of the answer as it goes by, translated or not, and never
//! change it. Nothing is known of what passes compressed, or whole with more than 4 MiB besides its long strings. `OpenAI`
//! tells the tokens of a stream only who asks with `stream_options: {include_usage: true}`; where a stream is translated,
//! the gateway asks.
//!
//! `error` is a code of this crate, such as `first_byte_timeout` or `model_not_found`, or else the
//! [kind](crate::ir::ErrorKind::as_str) of what a provider said, such as `rate_limited`: there are only so many.
//!
//! # Metrics
//!
//! `MetricsRecorder` (feature `metrics`) gives them to the facade of the crate `metrics`, for any exporter; the examples
//! `prometheus` and `otlp` show two. Names and buckets are those of OpenTelemetry's semantic conventions for generative AI, where
//! they have some.
//!
//! | metric | kind | labels besides `experiment`, `arm`, `rule`, `downstream` |
//! |---|---|---|
//! | `llm_gateway_requests` | counter | `outcome` |
//! | `llm_gateway_attempts` | counter | |
//! | `llm_gateway_tokens` | counter | `type`: `input`, `cache_read`, `cache_write`, `output` |
//! | `llm_gateway_cost` | histogram, US dollars | |
//! | `gen_ai.client.operation.duration` | histogram, seconds | those below, `outcome`, `error.type` |
//! | `gen_ai.client.token.usage` | histogram | those below, `gen_ai.token.type`: `input` (all of the prompt), `output` |
//! | `gen_ai.server.time_to_first_token` | histogram, seconds | those below |
//! | `gen_ai.server.time_per_output_token` | histogram, seconds | those below: `gen_ai.operation.name`, `gen_ai.provider.name`, `gen_ai.request.model` (as assigned), `gen_ai.response.model` (as served) |
//!
//! All labels are from the configuration, or this crate's: models that the configuration doesn't name are `other`.
//! `experiment` and `arm` are there of requests that take part in it, and are where the request was assigned to, whoever
//! served it; `downstream` is who did. Copies for a [shadow](crate::router::Shadow) have metrics of their own:
//! `llm_gateway_shadow_requests`, `_attempts`, `_tokens`, `_cost`, `_duration`, `_token_usage`, `_time_to_first_token`,
//! `_time_per_output_token`.
//!
//! # Arms side by side in Prometheus
//!
//! Prometheus writes `_` for each dot. Counters and histograms of all replicas add up.
//!
//! | arms by | query |
//! |---|---|
//! | requests per second | `sum by (arm) (rate(llm_gateway_requests{experiment="e"}[5m]))` |
//! | error rate | `sum by (arm) (rate(llm_gateway_requests{experiment="e",outcome=~"failed\|broken"}[1h])) / sum by (arm) (rate(llm_gateway_requests{experiment="e"}[1h]))` |
//! | median time to first token | `histogram_quantile(0.5, sum by (arm, le) (rate(gen_ai_server_time_to_first_token_bucket{experiment="e"}[1h])))` |
//! | p99 of the whole answer | `histogram_quantile(0.99, sum by (arm, le) (rate(gen_ai_client_operation_duration_bucket{experiment="e",outcome="completed"}[1h])))` |
//! | cost per request | `sum by (arm) (rate(llm_gateway_cost_sum{experiment="e"}[1h])) / sum by (arm) (rate(llm_gateway_cost_count{experiment="e"}[1h]))` |
//! | output tokens per request | `sum by (arm) (rate(llm_gateway_tokens{experiment="e",type="output"}[1h])) / sum by (arm) (rate(llm_gateway_requests{experiment="e"}[1h]))` |
//! | answers of a fallback | `sum by (arm, downstream) (rate(llm_gateway_requests{experiment="e"}[1h]))` |
//!
//! These are estimates without intervals: whether a difference is one is for the scoreboard to say.

mod body;
mod content;
mod course;
mod future;
mod gaps;
mod layer;
mod measure;
#[cfg(feature = "metrics")]
mod metrics;
mod recorder;
mod service;
mod summary;
mod tracing;

pub use crate::context::id::RequestId;
pub use body::ResponseBody;
pub use future::ResponseFuture;
pub use layer::MeterLayer;
#[cfg(feature = "metrics")]
pub use metrics::MetricsRecorder;
pub use recorder::Recorder;
pub use service::Meter;
pub use summary::{Destination, Outcome, Summary};
pub use tracing::TracingRecorder;
