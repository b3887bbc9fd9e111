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
//!   ShadowLayer         a copy to somebody else too, of which the caller gets nothing
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
//! | [`meter`] | `router`, `metrics` | what became of each request |
//! | [`experiment`] | `router` | which arm of an experiment a request gets |
//! | [`scoreboard`] | `scoreboard` | how the arms do, side by side |
//! | [`shadow`] | `client` | copies of requests to another provider, to compare |
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
//! # Timeouts
//!
//! Each part of an exchange has a limit of its own, which the document, a downstream or a rule says, as in
//! `timeouts: {idle: 20s, first_byte: none}`; the nearest word counts, and by default no healthy stream is cut.
//!
//! | limit | from – to | default | what the caller gets |
//! |---|---|---|---|
//! | `connect` | dialling – TCP and TLS are up | 5 s | 504 `connect_timeout` |
//! | `pool_wait` | the call – a place at a downstream with `max_in_flight` | 5 s | 503 `pool_timeout` |
//! | `request_write` | a piece of the request's body – the next | 30 s | 408 `request_timeout` if it is the caller who stalls, 504 `request_write_timeout` if the provider |
//! | `first_byte` | the end of the request – the answer's head | 300 s, 600 s for an answer that comes whole | 504 `first_byte_timeout` |
//! | `first_event` | the head of a stream – its first content | 600 s | 504 `first_event_timeout` |
//! | `idle` | a piece of the answer – the next, keep-alives included | 300 s | 504 `idle_timeout` |
//! | `attempt` | the call – the last byte, for one attempt | none | 504 `attempt_timeout` |
//! | `total` | the call – the last byte, for all attempts and pauses | 600 s for a model's answer that comes whole, else none | 504 `total_timeout` |
//!
//! The status is of a format's own where it has one (Anthropic's is 529 for a place that is not free; Google's 408 is
//! 504), and another target may be tried before the caller gets it. What fails after the head has gone ends a stream with
//! an error event in the caller's format, of the same code. A whole answer that is not translated breaks off then, for its
//! status is out. Only who is waited for has to hurry: while a caller doesn't read, the provider is not silent.
//!
//! With [`Gateway`], the document's `request_write` counts for every caller's request as it comes in. In a stack of one's
//! own it counts only for what nobody reads before it is sent; put `RequestBodyTimeoutLayer` in front.
//!
//! tower-http's layers can stand around. What they cut is cut whatever we say, so they want longer limits than ours:
//!
//! | layer | from – to | what the caller gets |
//! |---|---|---|
//! | `TimeoutLayer` | the call – the head, with all attempts; no stream is cut | the layer's status, without a body |
//! | `RequestBodyTimeoutLayer` | as `request_write`, for the caller only | 400 in its format |
//! | `RequestBodyDeadlineLayer` | the first look at the request's body – its end | 400 in its format |
//! | `ResponseBodyTimeoutLayer` | as `idle`, behind us | the answer breaks off, without an error event |
//! | `ResponseBodyDeadlineLayer` | the head – the last byte; healthy streams too | the answer breaks off, without an error event |
//!
//! tower's own `Timeout` below the router is told as 504 `timeout` in the caller's format.
//!
//! # Limits
//!
//! | what | where | default |
//! |---|---|---|
//! | tries, pauses and their share | [`retry`](policy::Retry) of the document, downstream or rule | [`Retry`](policy::Retry) |
//! | requests to a downstream at once | [`max_in_flight`](target::Target::with_max_in_flight) of it | none |
//! | the head of a stream, until there is content | `head_hold` of the failover | 30 s |
//! | arms of tool loops that are remembered | a [`SharedTable`](router::SharedTable) | 65,536 |
//! | bytes of a request | `body_limit` of the router and the failover | 32 MiB |
//! | bytes of an answer that is read whole | `body_limit` of the translation | 32 MiB |
//! | bytes of a stream that wait behind its head | [`translate`] | 64 KiB |
//! | bytes of one event of a stream | `event_limit` of the translation | 16 MiB |
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
pub mod experiment;
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
#[cfg(feature = "scoreboard")]
pub mod scoreboard;
#[cfg(feature = "client")]
pub mod shadow;
pub mod sse;
pub mod target;
pub mod translate;

pub use body::Body;
pub use error::{BoxError, Error};
#[cfg(all(feature = "client", feature = "config"))]
pub use gateway::Gateway;

/// The README's code, to be compiled.
#[cfg(all(doctest, feature = "yaml", feature = "client", feature = "scoreboard"))]
#[doc = include_str!("../README.md")]
pub struct Readme;
