use crate::json::{Raw, Text};

use super::{Extra, Logprobs, Part, Usage};

/// A whole answer.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Response<'a> {
    /// Id of the format it was read from; native members mean something only there.
    pub format: &'static str,
    /// The provider's id for it.
    pub id: Text<'a>,
    /// The model that answered, as the provider names it.
    pub model: Text<'a>,
    /// When, in seconds since 1970; formats without it leave it out.
    pub created: Option<u64>,
    /// The answers: one, unless more were asked for.
    pub choices: Vec<Choice<'a>>,
    /// What it took.
    pub usage: Option<Usage>,
    /// Native members of the usage.
    pub usage_extra: Extra<'a>,
    /// The price and speed class that served it, in the spelling of the source format.
    pub service_tier: Option<Text<'a>>,
    /// Native members.
    pub extra: Extra<'a>,
}

/// One answer of a [`Response`].
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Choice<'a> {
    /// What the model said.
    pub parts: Vec<Part<'a>>,
    /// Why it stopped.
    pub stop: Option<Stop<'a>>,
    /// How likely its tokens were, if that was asked for.
    pub logprobs: Option<Logprobs<'a>>,
    /// Native members of the answer.
    pub extra: Extra<'a>,
    /// Native members of the message within the answer.
    pub message_extra: Extra<'a>,
}

/// Why the model stopped, with details.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stop<'a> {
    /// Why.
    pub reason: StopReason,
    /// The source's own word for it, to be said again only there.
    pub native: Option<Text<'a>>,
    /// The stop string that was met.
    pub sequence: Option<Text<'a>>,
    /// Why it refused, for people.
    pub explanation: Option<Text<'a>>,
    /// Native details.
    pub details: Option<Raw<'a>>,
}

impl Stop<'_> {
    /// A stop without details.
    pub const fn new(reason: StopReason) -> Self {
        Self {
            reason,
            native: None,
            sequence: None,
            explanation: None,
            details: None,
        }
    }
}

/// Why the model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// It was done.
    End,
    /// It met a stop string.
    StopSequence,
    /// It calls tools and waits for their results.
    ToolUse,
    /// It reached the token limit.
    MaxTokens,
    /// It filled its context.
    ContextWindow,
    /// It refused, or was filtered.
    Refusal,
    /// It pauses; the caller shall send the same again to let it go on.
    Pause,
    /// It compacted its context.
    Compaction,
    /// It called a tool in a way that can't be read.
    MalformedToolCall,
}

impl StopReason {
    /// Its name in logs and metrics, in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::StopSequence => "stop_sequence",
            Self::ToolUse => "tool_use",
            Self::MaxTokens => "max_tokens",
            Self::ContextWindow => "context_window",
            Self::Refusal => "refusal",
            Self::Pause => "pause",
            Self::Compaction => "compaction",
            Self::MalformedToolCall => "malformed_tool_call",
        }
    }
}
