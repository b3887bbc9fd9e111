//! The neutral form of an exchange: nobody's wire format.
//!
//! A codec reads its format into these types and writes its format from them, so that four codecs do the work of
//! twelve translators. Everything borrows from the source and is copied only where a target changes its nesting.

mod error;
mod event;
mod exchange;
mod extra;
mod failure;
mod fold;
mod gist;
mod logprobs;
mod loss;
mod names;
mod part;
mod replay;
mod request;
mod response;
mod schema;
mod seal;
mod usage;

pub(crate) use error::message_of;
pub use error::{Error, ErrorKind, Native};
pub use event::{BlockKind, Delta, Event, Sink};
pub use exchange::Exchange;
pub use extra::{Extra, Member, Policy};
pub use fold::Fold;
pub use gist::Gist;
pub(crate) use gist::is_media;
pub use logprobs::{Logprob, Logprobs};
pub use loss::{Action, Loss, LossPolicy, Losses};
pub use names::{FieldNames, NameMap};
pub use part::{
    Arguments, Audio, Cache, Citation, Document, Image, Part, Reasoning, Source, ToolCall,
    ToolResult,
};
pub use request::{
    Display, Effort, OutputFormat, Request, Role, Sampling, Thinking, Tool, ToolChoice, ToolKind,
    Turn, WebSearch,
};
pub use response::{Choice, Response, Stop, StopReason};
pub use schema::Schema;
pub use seal::{Seal, SealPlace};
pub use usage::Usage;
