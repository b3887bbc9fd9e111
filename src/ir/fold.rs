use std::collections::BTreeSet;

use crate::json::{Raw, Text};

use super::{
    Arguments, BlockKind, Choice, Citation, Delta, Error, Event, Image, Logprob, Logprobs, Part,
    Policy, Reasoning, Response, Seal, SealPlace, Sink, Stop, ToolCall, Usage,
};

/// Gathers a streamed answer into a whole one.
///
/// ```
/// use tower_llm_gateway::ir::{BlockKind, Delta, Event, Fold, Part, Sink};
///
/// let mut fold = Fold::new("openai");
/// fold.event(Event::BlockStart { block: 0, choice: 0, kind: BlockKind::Text });
/// for text in ["Hel", "lo"] {
///     fold.event(Event::Delta { block: 0, delta: Delta::Text(text.into()) });
/// }
/// let response = fold.response();
/// assert!(matches!(&response.choices[0].parts[0], Part::Text { text, .. } if *text == "Hello"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Fold {
    format: &'static str,
    id: String,
    model: String,
    created: Option<u64>,
    service_tier: Option<String>,
    usage: Usage,
    blocks: Vec<Block>,
    stops: Vec<(usize, FoldedStop)>,
    error: Option<Error>,
    complete: bool,
}

#[derive(Debug, Clone)]
struct Block {
    choice: usize,
    kind: Kind,
    /// Text, thoughts or arguments.
    text: String,
    seal: Option<FoldedSeal>,
    citations: Vec<FoldedCitation>,
    logprobs: Vec<FoldedLogprob>,
}

#[derive(Debug, Clone)]
enum Kind {
    Text,
    Reasoning {
        redacted: bool,
    },
    ToolCall {
        id: String,
        name: String,
        freeform: bool,
    },
    Refusal,
    Image(Box<Image<'static>>),
    Native {
        value: String,
    },
}

#[derive(Debug, Clone, Default)]
struct FoldedCitation {
    url: Option<String>,
    title: Option<String>,
    cited_text: Option<String>,
    span: Option<(u64, u64)>,
    native: Option<String>,
}

/// A token, with its numbers as JSON text.
#[derive(Debug, Clone)]
struct FoldedLogprob {
    token: String,
    logprob: String,
    bytes: Option<String>,
    top: Vec<FoldedLogprob>,
}

#[derive(Debug, Clone)]
struct FoldedSeal {
    minter: &'static str,
    place: SealPlace,
    id: String,
    data: String,
}

#[derive(Debug, Clone)]
struct FoldedStop {
    stop: Stop<'static>,
    details: Option<String>,
}

impl Fold {
    /// For a stream that was read from the format of this id.
    pub fn new(format: &'static str) -> Self {
        Self {
            format,
            ..Self::default()
        }
    }

    /// The error that ended the stream, if one did.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Whether the stream is complete.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// What has come so far, as a whole answer. Only answers that something was said of are in it, in the order of
    /// their numbers.
    pub fn response(&self) -> Response<'_> {
        let blocks = self.blocks.iter().map(|block| block.choice);
        let stops = self.stops.iter().map(|(choice, _)| *choice);
        let choices: BTreeSet<usize> = blocks.chain(stops).collect();
        Response {
            format: self.format,
            id: self.id.as_str().into(),
            model: self.model.as_str().into(),
            created: self.created,
            choices: choices
                .into_iter()
                .map(|choice| self.choice(choice))
                .collect(),
            usage: (!self.usage.is_empty()).then_some(self.usage),
            service_tier: self.service_tier.as_deref().map(Text::from),
            ..Response::default()
        }
    }

    fn choice(&self, choice: usize) -> Choice<'_> {
        let blocks = self.blocks.iter().filter(|block| block.choice == choice);
        let stop = self.stops.iter().find(|(of, _)| *of == choice);
        Choice {
            logprobs: logprobs(blocks.clone()),
            parts: blocks.map(Block::part).collect(),
            stop: stop.map(|(_, folded)| Stop {
                details: folded
                    .details
                    .as_deref()
                    .and_then(|details| Raw::new(details).ok()),
                ..folded.stop.clone()
            }),
            ..Choice::default()
        }
    }

    fn delta(&mut self, block: usize, delta: &Delta<'_>) {
        let Some(block) = self.blocks.get_mut(block) else {
            return;
        };
        match delta {
            Delta::Text(text) | Delta::Arguments(text) => block.text.push_str(&text.decode()),
            Delta::Seal(seal) => match &mut block.seal {
                Some(folded) => folded.data.push_str(&seal.data.decode()),
                None => block.seal = Some(FoldedSeal::of(seal)),
            },
            Delta::Citation(citation) => block.citations.push(FoldedCitation::of(citation)),
            Delta::Logprobs(more) => {
                let more = more.tokens.iter().map(FoldedLogprob::of);
                block.logprobs.extend(more);
            }
            Delta::Native(_) => {}
        }
    }
}

fn logprobs<'f>(blocks: impl Iterator<Item = &'f Block>) -> Option<Logprobs<'f>> {
    let tokens: Vec<Logprob<'f>> = blocks
        .flat_map(|block| &block.logprobs)
        .filter_map(FoldedLogprob::logprob)
        .collect();
    (!tokens.is_empty()).then(|| Logprobs {
        tokens,
        ..Logprobs::default()
    })
}

impl Sink for Fold {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start {
                id,
                model,
                created,
                usage,
            } => {
                self.id = id.decode().into_owned();
                self.model = model.decode().into_owned();
                self.created = created;
                self.usage = usage;
            }
            Event::BlockStart { choice, kind, .. } => self.blocks.push(Block::new(choice, kind)),
            Event::Delta { block, delta } => self.delta(block, &delta),
            Event::ServiceTier(tier) => self.service_tier = Some(tier.decode().into_owned()),
            Event::Usage(usage) => self.usage.update(&usage),
            Event::Stop { choice, stop } => self.stops.push((choice, FoldedStop::of(stop))),
            Event::End => self.complete = true,
            Event::Error(error) => self.error = Some(error),
            Event::BlockStop { .. } | Event::Ping => {}
        }
    }
}

impl Block {
    fn new(choice: usize, kind: BlockKind<'_>) -> Self {
        let kind = match kind {
            BlockKind::Text => Kind::Text,
            BlockKind::Reasoning => Kind::Reasoning { redacted: false },
            BlockKind::Redacted => Kind::Reasoning { redacted: true },
            BlockKind::ToolCall { id, name, freeform } => Kind::ToolCall {
                id: id.decode().into_owned(),
                name: name.decode().into_owned(),
                freeform,
            },
            BlockKind::Refusal => Kind::Refusal,
            BlockKind::Image(image) => Kind::Image(Box::new(image.into_owned())),
            BlockKind::Native { value } => Kind::Native {
                value: value.get().to_owned(),
            },
        };
        Self {
            choice,
            kind,
            text: String::new(),
            seal: None,
            citations: Vec::new(),
            logprobs: Vec::new(),
        }
    }

    fn part(&self) -> Part<'_> {
        let text = Text::from(self.text.as_str());
        match &self.kind {
            Kind::Text => Part::Text {
                text,
                citations: self
                    .citations
                    .iter()
                    .map(FoldedCitation::citation)
                    .collect(),
                cache: None,
                extra: super::Extra::default(),
            },
            Kind::Refusal => Part::Refusal(text),
            Kind::Image(image) => Part::Image(Image::clone(image)),
            Kind::Reasoning { redacted } => Part::Reasoning(Reasoning {
                text,
                seal: self.seal.as_ref().map(FoldedSeal::seal),
                redacted: *redacted,
                ..Reasoning::default()
            }),
            Kind::ToolCall { id, name, freeform } => Part::ToolCall(ToolCall {
                id: id.as_str().into(),
                name: name.as_str().into(),
                arguments: Arguments::Text(text),
                freeform: *freeform,
                ..ToolCall::default()
            }),
            Kind::Native { value } => Part::Native {
                kind: Text::default(),
                value: Raw::new(value).unwrap_or(Raw::EMPTY_OBJECT),
                policy: Policy::Drop,
            },
        }
    }
}

impl FoldedLogprob {
    fn of(logprob: &Logprob<'_>) -> Self {
        Self {
            token: logprob.token.decode().into_owned(),
            logprob: logprob.logprob.get().to_owned(),
            bytes: logprob.bytes.map(|bytes| bytes.get().to_owned()),
            top: logprob.top.iter().map(Self::of).collect(),
        }
    }

    fn logprob(&self) -> Option<Logprob<'_>> {
        let mut logprob = Logprob::new(
            self.token.as_str().into(),
            Raw::new(&self.logprob).ok()?.number()?,
        );
        logprob.bytes = self.bytes.as_deref().and_then(|bytes| Raw::new(bytes).ok());
        logprob.top = self.top.iter().filter_map(Self::logprob).collect();
        Some(logprob)
    }
}

impl FoldedSeal {
    fn of(seal: &Seal<'_>) -> Self {
        Self {
            minter: seal.minter,
            place: seal.place,
            id: seal.id.decode().into_owned(),
            data: seal.data.decode().into_owned(),
        }
    }

    fn seal(&self) -> Seal<'_> {
        Seal::new(self.minter, self.data.as_str().into())
            .on(self.place)
            .with_id(self.id.as_str().into())
    }
}

impl FoldedCitation {
    fn of(citation: &Citation<'_>) -> Self {
        let owned = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.decode().into_owned());
        Self {
            url: owned(&citation.url),
            title: owned(&citation.title),
            cited_text: owned(&citation.cited_text),
            span: citation.span,
            native: citation.native.map(|native| native.get().to_owned()),
        }
    }

    fn citation(&self) -> Citation<'_> {
        Citation {
            url: self.url.as_deref().map(Text::from),
            title: self.title.as_deref().map(Text::from),
            cited_text: self.cited_text.as_deref().map(Text::from),
            span: self.span,
            native: self
                .native
                .as_deref()
                .and_then(|native| Raw::new(native).ok()),
        }
    }
}

impl FoldedStop {
    fn of(stop: Stop<'_>) -> Self {
        Self {
            stop: Stop {
                reason: stop.reason,
                native: stop.native.map(Text::into_owned),
                sequence: stop.sequence.map(Text::into_owned),
                explanation: stop.explanation.map(Text::into_owned),
                details: None,
            },
            details: stop.details.map(|details| details.get().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::StopReason;

    #[test]
    fn an_answer_with_a_huge_number_is_one_answer() {
        let mut fold = Fold::new("any");
        let stop = Stop::new(StopReason::End);
        fold.event(Event::Stop {
            choice: 1 << 40,
            stop,
        });
        assert_eq!(fold.response().choices.len(), 1);
    }
}
