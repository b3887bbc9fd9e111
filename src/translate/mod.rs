//! [`TranslateLayer`]: the caller's format outside, the provider's inside.
//!
//! # When
//!
//! A request is looked at once, and takes one of three lanes:
//!
//! * **Pass**: nobody has chosen formats, or nothing is asked of a model. Not a byte is touched.
//! * **Same**: both speak the same format. Not a byte is touched but the model's name, where the provider knows it by
//!   another; but thoughts of other providers' models, which a caller has from earlier in the conversation and which this
//!   provider would refuse, are left out. A stream that was cut short gets an error behind it, because clients would take
//!   it for a whole answer, and an error that is no JSON is put into words they can read.
//! * **Translate**: the body is read into the [neutral form](crate::ir) and written in the provider's format, and the
//!   answer goes the way back: whole bodies whole, streams event by event, errors as errors with their status.
//!
//! Requests to count tokens are translated like those for answers. An answer is what the caller asked for whatever the
//! provider sends: events, a JSON array of them, bare JSON in their place, or all in one piece.
//!
//! What can't be carried over is listed in the response's extensions as [`Losses`](crate::ir::Losses), and traced as one
//! event of the target `tower_llm_gateway::translate`. What an answer loses while it streams is traced when it ends, because
//! its head is gone by then.
//!
//! # Alone
//!
//! A service that speaks one format gets another one, without a router and without a client:
//!
//! ```
//! use http::{Request, Response};
//! use tower::{Layer, ServiceExt, service_fn};
//! use tower_llm_gateway::{Body, BoxError, format::ApiFormat, translate::TranslateLayer};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), BoxError> {
//! // Speaks OpenAI's format …
//! let mine = service_fn(|_: Request<Body>| async {
//!     let answer = r#"{"id":"1","object":"chat.completion","created":1,"model":"mine","choices":[
//!         {"index":0,"message":{"role":"assistant","content":"Hi."},"finish_reason":"stop"}]}"#;
//!     let response = Response::builder().header("content-type", "application/json");
//!     Ok::<_, BoxError>(response.body(Body::from(answer))?)
//! });
//!
//! // … and now Anthropic's.
//! let service = TranslateLayer::new(ApiFormat::ANTHROPIC, ApiFormat::OPENAI).layer(mine);
//! let question = r#"{"model":"mine","max_tokens":9,"messages":[{"role":"user","content":"Hello!"}]}"#;
//! let request = Request::post("/v1/messages").body(Body::from(question))?;
//! assert!(service.oneshot(request).await?.status().is_success());
//! # Ok(())
//! # }
//! ```

mod elements;
mod estimate;
mod follow;
mod future;
mod headers;
mod hold;
mod layer;
#[cfg(feature = "router")]
mod outlook;
mod passage;
mod plan;
mod reception;
mod request;
mod response;
mod service;
mod sniff;
mod stream;
mod unread;
mod watch;

pub use future::ResponseFuture;
pub use layer::TranslateLayer;
#[cfg(feature = "router")]
pub(crate) use outlook::Outlook;
pub(crate) use plan::Watch;
pub use service::Translate;
