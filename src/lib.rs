//! Tower middleware that routes, translates and compares LLM API traffic.
//!
//! One API outside, several providers behind it: a request for `gpt-4o` goes to OpenAI untouched, one for
//! `claude-sonnet-4-20250514` to Anthropic and back in OpenAI's format, one for `azure-gpt4o` to Azure OpenAI, as a
//! file says.
//!
//! ```text
//!   your listener (axum, tonic, hyper)
//!        │  the caller's format: openai, openai_responses, anthropic, gemini
//!   RuleRouterLayer     which downstream? answers every error in the caller's format
//!   FailoverLayer       the same provider again, or the next one: all below it is one attempt
//!   PipelineLayer       plugins that see the caller's format: ordinary layers
//!   TranslateLayer      which format? body, path, headers, streams, errors
//!   PipelineLayer       plugins that see the provider's
//!   DownstreamService   the provider: URL, credential, header hygiene, timeouts; or your own handler
//! ```
//!
//! [`Gateway`] assembles all of it from a configuration. Each part is useful alone; its module says how:
//!
//! | module | feature | for |
//! |---|---|---|
//! | [`gateway`] | `client`, `config` | the whole stack, beside or in front of your own handlers |
//! | [`config`] | `config`, `yaml` | the configuration file and all that can be wrong in it |
//! | [`router`] | `router` | rules, decisions, `RuleRouterLayer` |
//! | [`failover`] | `client` | `FailoverLayer`: further tries and fallbacks |
//! | [`meter`] | `router` | what became of each request |
//! | [`drain`] | `client` | taking a gateway out of service |
//! | [`admission`] | `router` | the keys of callers |
//! | [`plugin`] | | what a rule's pipeline runs |
//! | [`translate`] | | `TranslateLayer`, alone or behind the router |
//! | [`downstream`] | `client`, `tls` | `DownstreamService` over hyper |
//! | [`context`], [`target`] | | what one layer tells the next |
//! | [`policy`] | | limits of time, tries, ejection |
//! | [`format`](mod@format) | | the APIs, and how to bring your own |
//! | [`ir`], [`json`], [`sse`] | | what codecs are made of |
//!
//! All of them are on by default, but for what `--no-default-features` leaves: translation alone, without an HTTP
//! client and without a runtime.
//!
//! # A stack of your own
//!
//! ```no_run
//! use tower::ServiceBuilder;
//! use tower_llm_gateway::{
//!     Gateway, downstream::DownstreamService, failover::FailoverLayer, plugin::PipelineLayer,
//!     router::RuleRouterLayer, translate::TranslateLayer,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let gateway = Gateway::from_yaml_file("gateway.yaml")?;
//! let service = ServiceBuilder::new()
//!     .layer(RuleRouterLayer::new(gateway.table().clone()))
//!     .layer(FailoverLayer::new())
//!     .layer(PipelineLayer::caller_side())
//!     .layer(TranslateLayer::selected())
//!     .layer(PipelineLayer::new())
//!     .service(DownstreamService::default());
//! # Ok(())
//! # }
//! ```
//!
//! # Timeouts and limits
//!
//! | what | where | default |
//! |---|---|---|
//! | each part of an exchange with a provider | [`timeouts`](policy::Timeouts) of the document, downstream or rule | [`Phase`](policy::Phase) |
//! | tries, pauses and their share | [`retry`](policy::Retry) of the document, downstream or rule | [`Retry`](policy::Retry) |
//! | the head of a stream, until there is content | `head_hold` of the failover | 30 s |
//! | bytes of a request | `body_limit` of the router and the failover | 32 MiB |
//! | bytes of an answer that is translated whole | `body_limit` of the translation | 32 MiB |
//! | bytes of one event of a stream | `event_limit` of the translation | 16 MiB |
//!
//! tower-http's `TimeoutLayer` outside the stack bounds the time to the response's head and leaves streams alone.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "router")]
pub mod admission;
pub mod body;
#[cfg(feature = "config")]
pub mod config;
pub mod context;
#[cfg(feature = "client")]
pub mod downstream;
#[cfg(feature = "client")]
pub mod drain;
mod error;
#[cfg(feature = "router")]
pub mod failover;
pub mod format;
#[cfg(all(feature = "client", feature = "config"))]
pub mod gateway;
mod guard;
mod headers;
pub mod ir;
pub mod json;
#[cfg(feature = "router")]
pub mod meter;
pub mod plugin;
pub mod policy;
#[cfg(feature = "router")]
pub mod router;
pub mod sse;
pub mod target;
pub mod translate;

pub use body::Body;
pub use error::{BoxError, Error};
#[cfg(all(feature = "client", feature = "config"))]
pub use gateway::Gateway;

/// The README's code, to be compiled.
#[cfg(all(doctest, feature = "yaml", feature = "client"))]
#[doc = include_str!("../README.md")]
pub struct Readme;
