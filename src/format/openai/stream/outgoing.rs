use crate::{
    ir::{BlockKind, Citation, Seal},
    json::Text,
};

/// What the encoder remembers of a block.
#[derive(Debug)]
pub(super) struct Block {
    /// The answer it belongs to.
    pub(super) choice: usize,
    pub(super) kind: Kind,
}

/// What a block is on the wire.
#[derive(Debug)]
pub(super) enum Kind {
    /// Text, from this character of the answer on.
    Text {
        start: u64,
        sources: Vec<Source>,
    },
    /// Thoughts, kept for the day a seal comes.
    Reasoning {
        text: String,
        seal: Option<Seal<'static>>,
    },
    /// A thought that is only a seal.
    Redacted {
        seal: Option<Seal<'static>>,
    },
    Refusal,
    /// The call of a function, by its number among the calls.
    Function {
        ordinal: u64,
    },
    /// The call of a custom tool.
    Custom {
        ordinal: u64,
    },
    /// The call of a custom tool which the provider knows as a function; its arguments so far.
    Wrapped {
        ordinal: u64,
        arguments: String,
    },
    /// The one function call of an answer from before there were tools.
    Legacy,
    /// Nothing that can be said here.
    Unsayable,
}

impl Kind {
    /// What a block is, if it is no tool call.
    pub(super) fn of(kind: &BlockKind<'_>, characters: u64) -> Self {
        match kind {
            BlockKind::Text => Self::Text {
                start: characters,
                sources: Vec::new(),
            },
            BlockKind::Reasoning => Self::Reasoning {
                text: String::new(),
                seal: None,
            },
            BlockKind::Redacted => Self::Redacted { seal: None },
            BlockKind::Refusal => Self::Refusal,
            BlockKind::ToolCall { .. } | BlockKind::Image(_) | BlockKind::Native { .. } => {
                Self::Unsayable
            }
        }
    }
}

/// A web page that a text cites. Said when the text is complete, because only then its end is known.
#[derive(Debug)]
pub(super) struct Source {
    url: String,
    title: String,
    span: Option<(u64, u64)>,
}

impl Source {
    /// The web page of a citation, if it is one.
    pub(super) fn of(citation: &Citation<'_>) -> Option<Self> {
        let owned = |text: &Text<'_>| text.decode().into_owned();
        Some(Self {
            url: citation.url.as_ref().map(owned)?,
            title: citation.title.as_ref().map(owned).unwrap_or_default(),
            span: citation.span,
        })
    }

    /// As a citation.
    pub(super) fn citation(&self) -> Citation<'_> {
        Citation {
            url: Some(self.url.as_str().into()),
            title: Some(self.title.as_str().into()),
            span: self.span,
            ..Citation::default()
        }
    }
}

/// What the encoder remembers of one of the answers.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Whether its first chunk was written.
    pub(super) begun: bool,
    /// Tool calls so far.
    pub(super) calls: u64,
    /// Sealed thoughts so far.
    pub(super) thoughts: u64,
    /// Citations so far.
    pub(super) citations: u64,
    /// Characters of text so far.
    pub(super) characters: u64,
    pub(super) refused: bool,
    /// The seal on the call that follows.
    pub(super) call_seal: Option<Seal<'static>>,
}
