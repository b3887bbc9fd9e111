//! [`TranslateLayer`]: the caller's format outside, the provider's inside.
//!
//! # When
//!
//! A request is looked at once, and takes one of three lanes:
//!
//! * **Pass**: nobody has chosen formats, or nothing is asked of a model. Not a byte is touched.
//! * **Same**: both speak the same format. A request passes byte for byte, but for the model's name where the provider
//!   knows it by another, and for thoughts of other providers' models, which a caller has from earlier in the conversation
//!   and which this provider would refuse: they are left out. An answer passes byte for byte too, but for what the caller's
//!   client could not read: a stream that was cut short gets an error behind it, because clients would take it for a whole
//!   answer; an error that is no JSON, or does not end, is put into words they can read; and what plainly is not what was
//!   asked for is converted.
//! * **Translate**: the body is read into the [neutral form](crate::ir) and written in the provider's format, and the
//!   answer goes the way back: whole bodies whole, streams event by event, errors as errors with their status.
//!
//! Requests to count tokens are translated like those for answers. A translated answer is what the caller asked for
//! whatever the provider sends: events, a JSON array of them, bare JSON in their place, or all in one piece. Between equal
//! formats only the content type is looked at: JSON becomes a stream where events were asked for, and events become one
//! answer where none were. What no stream can tell and JSON that is no answer stay as they came, and so does whatever
//! comes where Gemini's JSON array was asked for.
//!
//! What can't be carried over is listed in the response's extensions as [`Losses`](crate::ir::Losses), and traced as one
//! event of the target `tower_llm_gateway::translate`. What an answer loses while it streams is traced when it ends, because
//! its head is gone by then.
//!
//! # Heads that wait
//!
//! Whoever makes an attempt and may make another puts a [`Progress`](crate::context::Progress) into the request. The head
//! of a stream then waits, in both lanes, for the first content. An error in its place, or the end of a stream that was
//! cut short, becomes a response with its real status, and is in the response's extensions as an
//! [`Error`](crate::ir::Error). What was read goes behind the head, byte for byte where nothing is translated; signs of
//! life that came before the head of a translated stream do not. The head goes without content when it
//! [must](crate::context::Progress::commit), or when 64 KiB are held: of the bytes that came where they pass, of those
//! that go out where they are translated. JSON in place of a stream is not sent before it has begun.
//! The body of an error is waited for as long as content is: when the head must go, the error is told by what there is.
//!
//! | provider | nothing yet | content |
//! |---|---|---|
//! | all | comments, what only counts tokens | the start of a block, more of it, its end; the reason why the answer ends |
//! | `openai` | chunks without choices; a delta with only a role, or empty ones | text, thoughts, refusal, audio; a call with its name; `[DONE]` behind a reason |
//! | `openai_responses` | `response.created`, `.queued`, `.in_progress`; an item of text or thoughts that begins | an item of another kind that begins; a part or piece of text or thoughts; `response.completed`, `.incomplete` |
//! | `anthropic` | `message_start`, `ping`, events that are not known | `content_block_start`; a `message_delta` with a reason |
//! | `gemini` | chunks whose parts are missing or empty | a part; the end of the stream behind a reason |
//!
//! Providers that think in silence for long send nothing of that until they are done.
//!
//! # Answers that say nothing
//!
//! Where [it is asked for](crate::context::Progress::seek_empty), an answer of a model from which a caller has nothing is
//! told as [`End::Empty`](crate::context::End::Empty), whether it comes whole or as a stream. It is handed on unchanged; to
//! ask again is for whoever asked.
//!
//! | an answer of | is | because |
//! |---|---|---|
//! | no text, or only white space | empty | |
//! | thoughts alone, behind a plain stop | empty | what they were for is missing |
//! | anything that ends at the token limit, or with a full context | content | it would end there again |
//! | a refusal, or what a filter took away | content | that is a decision, and no accident |
//! | nothing up to a stop string, a pause, a compaction | content | it is what was asked for |
//! | a tool call; an image, audio; anything that only one format knows | content | |
//! | a call that can't be read, and nothing else | empty | |
//! | several choices | empty if all are | |
//!
//! Streams are held for that until something shows that is not blank, and else until their end; thoughts are shown at
//! once, so that a stream of nothing else is known to be empty only behind them. Whole answers that pass are read, up to
//! the body limit; an error under a good status is answered with its own there.
//!
//! # What answers come to
//!
//! Where [that is asked for](crate::context::Progress::seek_tally), tokens, the reason why an answer ends and the pieces that
//! it comes in are counted as they go by, in both lanes. A whole answer that passes is read when its last byte has gone, so
//! that none waits. Of a long one only the beginning of long strings is kept until then; of one that has more than 4 MiB
//! besides, or is compressed, nothing is known.
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

mod aside;
mod beginning;
mod convert;
mod elements;
mod empty;
mod estimate;
mod follow;
mod frames;
mod future;
mod headers;
mod hold;
mod layer;
mod mend;
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
mod tally;
mod watch;
mod weigh;

pub use future::ResponseFuture;
pub use layer::TranslateLayer;
#[cfg(feature = "router")]
pub(crate) use outlook::Outlook;
pub(crate) use plan::Watch;
pub use service::Translate;
