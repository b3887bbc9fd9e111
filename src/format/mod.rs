//! The APIs that callers and providers speak. Each has a folder of its own, and none mentions another.
//!
//! [`ApiFormat`] is a copyable handle on an [`Api`]: where it listens, how it names a model, how it takes credentials
//! and how it says errors. Its [`Codec`], if it has one, translates bodies to and from the [neutral form](crate::ir).
//!
//! A new format is a folder here and a line in `BUILT_IN`; a host can bring its own with [`ApiFormat::custom`].

mod anthropic;
mod api;
#[cfg(feature = "router")]
pub(crate) mod caller;
mod caps;
mod codec;
pub(crate) mod common;
mod content;
mod dialect;
mod error_object;
mod gemini;
mod multipart;
pub(crate) mod object;
mod openai;
mod peek;
mod responses;

pub use api::{Api, ApiFormat, Call, Operation, UnknownFormat};
pub use caps::ModelCaps;
pub use codec::{Codec, Counter, StreamDecoder, StreamEncoder, StreamEnd};
pub(crate) use content::Content;
pub use dialect::{
    AnthropicVersion, Dialect, GeminiSchema, MaxTokensField, ReasoningEcho, ServerTools,
    SystemRole, UserField,
};
#[cfg(feature = "router")]
pub(crate) use multipart::Boundary;
pub(crate) use peek::Named;
pub use peek::Peek;

impl ApiFormat {
    /// The formats that come with the crate.
    pub const BUILT_IN: &'static [Self] = &[
        Self::OPENAI,
        Self::OPENAI_RESPONSES,
        Self::ANTHROPIC,
        Self::GEMINI,
    ];
}
