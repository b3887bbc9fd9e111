use std::collections::HashMap;

use crate::{
    ir::{BlockKind, Delta, Event, Sink, Stop, StopReason},
    json::{Kind, Raw, Text},
};

use super::{
    super::{
        request::{Piece, citation, text_of},
        response::read_logprobs,
        stop, wire,
    },
    call::Call,
};

/// Where events go, and what is common to all choices.
pub(super) struct Output<'s> {
    pub(super) sink: &'s mut dyn Sink,
    /// Blocks so far.
    pub(super) blocks: &'s mut usize,
    /// The answer's id.
    pub(super) id: &'s str,
}

impl Output<'_> {
    /// Opens a block; tells its number.
    pub(super) fn open(&mut self, choice: usize, kind: BlockKind<'_>) -> usize {
        let block = *self.blocks;
        *self.blocks += 1;
        self.sink.event(Event::BlockStart {
            block,
            choice,
            kind,
        });
        block
    }
}

/// What is said in words; one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prose {
    Text,
    Reasoning,
    Refusal,
}

/// The number of a call from before calls had numbers.
const LEGACY: u64 = u64::MAX;

/// One of the answers in a stream.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Its number.
    pub(super) choice: usize,
    prose: Option<(Prose, usize)>,
    calls: Vec<Call>,
    /// Which call was the last under a number. Servers may reuse numbers.
    numbered: HashMap<u64, usize>,
    refused: bool,
    reason: Option<StopReason>,
    native: String,
}

impl Answer {
    pub(super) fn new(choice: usize) -> Self {
        Self {
            choice,
            ..Self::default()
        }
    }

    /// Whether its end was announced.
    pub(super) fn is_finished(&self) -> bool {
        self.reason.is_some()
    }

    /// Takes a piece of the answer.
    pub(super) fn piece(&mut self, wire: wire::Choice<'_>, output: &mut Output<'_>) {
        if let Some(delta) = wire.delta {
            self.delta(delta, output);
        }
        if let Some(logprobs) = wire.logprobs.filter(has_tokens) {
            self.logprobs(logprobs, output);
        }
        if self.reason.is_none()
            && let Some(word) = wire::some_text(wire.finish_reason)
        {
            let word = word.decode();
            self.reason = stop::decode(&word);
            self.native = word.into_owned();
        }
    }

    fn delta(&mut self, delta: wire::Message<'_>, output: &mut Output<'_>) {
        let thought = wire::some_text(delta.reasoning_content);
        if let Some(text) = thought.or_else(|| wire::some_text(delta.reasoning)) {
            self.say(Prose::Reasoning, text, output);
        }
        text_of(delta.content, |piece| match piece {
            Piece::Text(text) => self.say(Prose::Text, text, output),
            Piece::Thought(text) => self.say(Prose::Reasoning, text, output),
            Piece::Refusal(text) => self.say(Prose::Refusal, text, output),
        });
        if let Some(text) = wire::some_text(delta.refusal) {
            self.say(Prose::Refusal, text, output);
        }
        if let Some(annotations) = delta.annotations {
            self.cite(annotations, output);
        }
        for (position, call) in delta.tool_calls.into_iter().flatten().enumerate() {
            let index = wire::count(call.index).unwrap_or(position as u64);
            self.call(index, call, output);
        }
        if let Some(function) = delta.function_call {
            let call = wire::ToolCall {
                function: Some(function),
                ..wire::ToolCall::default()
            };
            self.call(LEGACY, call, output);
        }
    }

    fn say(&mut self, prose: Prose, text: Text<'_>, output: &mut Output<'_>) {
        if text.is_empty() {
            return;
        }
        let block = match self.prose {
            Some((open, block)) if open == prose => block,
            _ => {
                self.close_prose(output);
                self.refused |= prose == Prose::Refusal;
                let kind = match prose {
                    Prose::Text => BlockKind::Text,
                    Prose::Reasoning => BlockKind::Reasoning,
                    Prose::Refusal => BlockKind::Refusal,
                };
                let block = output.open(self.choice, kind);
                self.prose = Some((prose, block));
                block
            }
        };
        let delta = Delta::Text(text);
        output.sink.event(Event::Delta { block, delta });
    }

    fn cite(&mut self, annotations: Raw<'_>, output: &mut Output<'_>) {
        let Some((Prose::Text, block)) = self.prose else {
            return;
        };
        let annotations: Vec<Raw<'_>> = annotations.parse().unwrap_or_default();
        for annotation in annotations {
            let delta = Delta::Citation(citation(annotation));
            output.sink.event(Event::Delta { block, delta });
        }
    }

    fn logprobs(&mut self, logprobs: Raw<'_>, output: &mut Output<'_>) {
        if let Some((_, block)) = self.prose {
            let delta = Delta::Logprobs(read_logprobs(logprobs));
            output.sink.event(Event::Delta { block, delta });
        }
    }

    fn call(&mut self, index: u64, piece: wire::ToolCall<'_>, output: &mut Output<'_>) {
        self.close_prose(output);
        let known = self.numbered.get(&index).copied();
        let known = known.filter(|known| {
            let call = self.calls.get(*known);
            call.is_some_and(|call| !call.is_other(&piece))
        });
        let position = known.unwrap_or_else(|| {
            let position = self.calls.len();
            self.calls.push(Call::default());
            self.numbered.insert(index, position);
            position
        });
        let place = (self.choice, position);
        if let Some(call) = self.calls.get_mut(position) {
            call.piece(piece, place, output);
        }
    }

    fn close_prose(&mut self, output: &mut Output<'_>) {
        if let Some((_, block)) = self.prose.take() {
            output.sink.event(Event::BlockStop { block });
        }
    }

    /// Ends the answer, for the reason given or for the one that what was said suggests.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) {
        self.close_prose(output);
        let called = self.calls.iter().any(Call::is_open);
        self.calls.iter_mut().for_each(|call| call.close(output));
        let native = Some(self.native.as_str()).filter(|native| !native.is_empty());
        output.sink.event(Event::Stop {
            choice: self.choice,
            stop: Stop {
                native: native.map(Text::from),
                ..Stop::new(stop::infer(self.reason, called, self.refused))
            },
        });
    }
}

/// Whether there is any token in these log-probabilities: some servers send the empty lists with every piece.
fn has_tokens(logprobs: &Raw<'_>) -> bool {
    if logprobs.kind() != Kind::Object {
        return false;
    }
    let wire: wire::Logprobs<'_> = logprobs.parse().unwrap_or_default();
    [wire.content, wire.refusal]
        .into_iter()
        .flatten()
        .any(|tokens| tokens.kind() == Kind::Array && !tokens.is_empty())
}
