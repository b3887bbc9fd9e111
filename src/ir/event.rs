use crate::json::{Raw, Text};

use super::{Citation, Error, Image, Logprobs, Seal, Stop, Usage};

/// One step of a streamed answer.
///
/// Decoders guarantee: exactly one `Start`, first; blocks numbered from 0 without gaps, in order of appearance; each
/// block opened before its deltas and closed before `Stop`; at most one `Stop` per choice; exactly one of `End` and
/// `Error`, last. Only `Ping` and `ServiceTier` may come before `Start`. Blocks may be open at the same time.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The answer begins.
    Start {
        /// The provider's id for it.
        id: Text<'a>,
        /// The model that answers, as the provider names it.
        model: Text<'a>,
        /// When, in seconds since 1970, if the provider tells.
        created: Option<u64>,
        /// What is known so far.
        usage: Usage,
    },
    /// A block begins.
    BlockStart {
        /// Its number.
        block: usize,
        /// The answer it belongs to: 0, unless several were asked for.
        choice: usize,
        /// What it is.
        kind: BlockKind<'a>,
    },
    /// More of a block.
    Delta {
        /// The block's number.
        block: usize,
        /// What comes.
        delta: Delta<'a>,
    },
    /// A block ends.
    BlockStop {
        /// Its number.
        block: usize,
    },
    /// The price and speed class that serves it, in the spelling of the source format. Before `Start` if it is known by
    /// then.
    ServiceTier(Text<'a>),
    /// Counts so far: running totals, not increments.
    Usage(Usage),
    /// Why an answer ends.
    Stop {
        /// Which one.
        choice: usize,
        /// Why.
        stop: Stop<'a>,
    },
    /// A sign of life.
    Ping,
    /// The stream is complete.
    End,
    /// The stream failed. What was sent stays sent.
    Error(Error),
}

/// What a block is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum BlockKind<'a> {
    /// Text.
    Text,
    /// Thoughts.
    Reasoning,
    /// A thought that is only in its seal, which comes as a [`Delta::Seal`].
    Redacted,
    /// A tool call; the arguments follow as deltas.
    ToolCall {
        /// Ties the result to the call.
        id: Text<'a>,
        /// The tool's name.
        name: Text<'a>,
        /// Whether the arguments are free text for a custom tool.
        freeform: bool,
    },
    /// The text of a refusal.
    Refusal,
    /// An image; all of it is here.
    Image(Image<'a>),
    /// A block that only its own format can say.
    Native {
        /// Its opening in its own format.
        value: Raw<'a>,
    },
}

/// More of a block.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Delta<'a> {
    /// Text, thoughts or refusal, after the block's kind.
    Text(Text<'a>),
    /// A fragment of the JSON text of a tool's arguments, or of a custom tool's input.
    Arguments(Text<'a>),
    /// The provider's seal on a thought. One that comes in pieces has the same minter on each.
    Seal(Seal<'a>),
    /// A source that the text cites.
    Citation(Citation<'a>),
    /// How likely the tokens of the text were.
    Logprobs(Logprobs<'a>),
    /// Something that only its own format can say.
    Native(Raw<'a>),
}

/// Where a decoder's events go.
pub trait Sink {
    /// Takes one event.
    fn event(&mut self, event: Event<'_>);
}

impl<F: FnMut(Event<'_>)> Sink for F {
    fn event(&mut self, event: Event<'_>) {
        self(event);
    }
}
