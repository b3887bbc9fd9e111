use bytes::BytesMut;

use crate::{
    format::gemini::{grounding::Grounding, offsets::Offsets},
    ir::{Arguments, BlockKind, Citation, Seal, Stop, ToolCall},
    json::{self, Raw, Text},
};

/// One of the answers in a stream.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Bytes of text so far. Clients join the pieces, so that places are counted from the first.
    pub(super) said: usize,
    pub(super) refused: bool,
    /// Calls so far.
    pub(super) calls: usize,
    /// The signature that waits for the call it belongs to.
    pub(super) waiting: Option<Seal<'static>>,
    pub(super) grounding: Grounding,
    /// Why it ended.
    pub(super) stop: Option<Stop<'static>>,
    /// What was said of a prompt that was refused, as JSON text.
    pub(super) blocked: Option<String>,
}

/// A block that is being written.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) choice: usize,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Text {
        /// Bytes of text before it.
        before: usize,
        text: String,
        citations: Vec<Citation<'static>>,
    },
    Thought {
        /// Whether some of it was shown.
        shown: bool,
        redacted: bool,
        seal: Option<Seal<'static>>,
    },
    Call(Call),
    Refusal,
    /// Left out, or written already.
    Unsayable,
}

/// A call. Clients take it only whole.
#[derive(Debug)]
pub(super) struct Call {
    id: Option<String>,
    name: String,
    freeform: bool,
    pub(super) arguments: String,
}

impl Kind {
    /// What a block is that is written bit by bit.
    pub(super) fn of(kind: &BlockKind<'_>, answer: &Answer) -> Self {
        match kind {
            BlockKind::Text => Self::Text {
                before: answer.said,
                text: String::new(),
                citations: Vec::new(),
            },
            BlockKind::Reasoning | BlockKind::Redacted => Self::Thought {
                shown: false,
                redacted: matches!(kind, BlockKind::Redacted),
                seal: None,
            },
            BlockKind::Refusal => Self::Refusal,
            BlockKind::ToolCall { id, name, freeform } => Self::Call(Call {
                id: (!id.is_empty()).then(|| id.decode().into_owned()),
                name: name.decode().into_owned(),
                freeform: *freeform,
                arguments: String::new(),
            }),
            BlockKind::Image(_) | BlockKind::Native { .. } => Self::Unsayable,
        }
    }
}

impl Call {
    /// The call and its id, without line breaks, which would end an event.
    pub(super) fn finish(self) -> (ToolCall<'static>, Option<String>) {
        let mut arguments = Arguments::Text(self.arguments.into());
        if !self.freeform {
            let mut object = BytesMut::new();
            arguments.write_object(&mut object);
            let object = json::read_bytes::<Raw<'_>>(&object);
            let object = object.map(|raw| json::compact(raw).into_owned());
            arguments = Arguments::Text(object.unwrap_or_default().into());
        }
        let call = ToolCall {
            name: self.name.into(),
            arguments,
            freeform: self.freeform,
            ..ToolCall::default()
        };
        (call, self.id)
    }
}

impl Answer {
    /// Adds the sources of a text.
    pub(super) fn cite(&mut self, before: usize, text: &str, citations: &[Citation<'_>]) {
        if citations.is_empty() {
            return;
        }
        let offsets = Offsets::new(text);
        for citation in citations {
            self.grounding.add(citation, 0, before, &offsets);
        }
    }

    /// Notes why it ended; the first reason counts.
    pub(super) fn stop(&mut self, stop: &Stop<'_>, own: bool) {
        if self.stop.is_some() {
            return;
        }
        let owned = |text: &Option<Text<'_>>| text.clone().map(Text::into_owned);
        self.blocked = stop
            .details
            .filter(|_| own)
            .map(|details| json::compact(details).into_owned());
        self.stop = Some(Stop {
            native: owned(&stop.native),
            explanation: owned(&stop.explanation),
            ..Stop::new(stop.reason)
        });
    }
}

/// A citation, made of its own text.
pub(super) fn owned(citation: &Citation<'_>) -> Citation<'static> {
    let owned = |text: &Option<Text<'_>>| text.clone().map(Text::into_owned);
    Citation {
        url: owned(&citation.url),
        title: owned(&citation.title),
        cited_text: owned(&citation.cited_text),
        span: citation.span,
        ..Citation::default()
    }
}
