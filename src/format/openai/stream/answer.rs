use std::collections::HashMap;

use crate::{
    ir::{BlockKind, Delta, Event, Member, Seal, Sink, Stop, StopReason},
    json::{Kind, Raw, Text},
};

use super::{
    super::{
        reasoning,
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

    /// Adds a thought of which there is only the seal.
    pub(super) fn seal(&mut self, choice: usize, kind: BlockKind<'_>, seal: Seal<'_>) {
        let block = self.open(choice, kind);
        let delta = Delta::Seal(seal);
        self.sink.event(Event::Delta { block, delta });
        self.sink.event(Event::BlockStop { block });
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
    /// The open thought so far.
    thought: String,
    /// Characters of text before the open one and within all.
    characters: (u64, u64),
    calls: Vec<Call>,
    /// Which call was the last under a number. Servers may reuse numbers.
    numbered: HashMap<u64, usize>,
    refused: bool,
    /// Whether anything was said.
    begun: bool,
    /// Whether it speaks or shows what only this API has.
    shows: bool,
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
        let blocks = *output.blocks;
        match (wire.delta, wire.message) {
            (Some(delta), _) => self.delta(delta, output),
            // All in one piece, unless it repeats what came in many.
            (None, Some(message)) if !self.begun => self.delta(message, output),
            (None, _) => {}
        }
        self.begun |= *output.blocks > blocks;
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
        let thought = thought.or_else(|| wire::some_text(delta.reasoning));
        let is_told = thought.is_some();
        if let Some(text) = thought {
            self.say(Prose::Reasoning, text, output);
        }
        if let Some(blocks) = delta.thinking_blocks {
            let blocks: Vec<wire::ThinkingBlock<'_>> = blocks.parse().unwrap_or_default();
            for block in blocks {
                self.sealed_thought(block, is_told, output);
            }
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
        if let Some(media) = delta.extra.iter().find(|member| is_media(member)) {
            self.show(media.value, output);
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
        let block = self.block(prose, output);
        self.note(prose, &text);
        let delta = Delta::Text(text);
        output.sink.event(Event::Delta { block, delta });
    }

    fn note(&mut self, prose: Prose, text: &Text<'_>) {
        match prose {
            Prose::Text => self.characters.1 += text.count(),
            Prose::Reasoning => text.pieces(&mut |piece| self.thought.push_str(piece)),
            Prose::Refusal => {}
        }
    }

    /// Takes note of more text of a block, whichever answer's it is.
    pub(super) fn goes_on(&mut self, block: usize, text: &Text<'_>) {
        if let Some((prose, _)) = self.prose.filter(|(_, open)| *open == block) {
            self.note(prose, text);
        }
    }

    /// The open block of this kind, opened if need be.
    fn block(&mut self, prose: Prose, output: &mut Output<'_>) -> usize {
        if let Some((_, block)) = self.prose.filter(|(open, _)| *open == prose) {
            return block;
        }
        self.close_prose(output);
        self.thought.clear();
        self.characters.0 = self.characters.1;
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

    /// A thought with its seal, or a piece of one. Its text may be told already: piece by piece beside the blocks, as
    /// `is_told`, or before, all of it.
    fn sealed_thought(
        &mut self,
        wire: wire::ThinkingBlock<'_>,
        is_told: bool,
        output: &mut Output<'_>,
    ) {
        if wire.kind.is_some_and(|kind| kind == "redacted_thinking") {
            if let Some(data) = wire.data.filter(|data| !data.is_empty()) {
                self.close_prose(output);
                output.seal(self.choice, BlockKind::Redacted, reasoning::unseal(data));
            }
            return;
        }
        let signature = wire.signature.filter(|signature| !signature.is_empty());
        if let Some(text) = wire.thinking.filter(|_| !is_told) {
            let is_open = matches!(self.prose, Some((Prose::Reasoning, _)));
            let repeats = signature.is_some() && is_open && text == *self.thought;
            if !repeats {
                self.say(Prose::Reasoning, text, output);
            }
        }
        if let Some(signature) = signature {
            let block = self.block(Prose::Reasoning, output);
            let delta = Delta::Seal(reasoning::unseal(signature));
            output.sink.event(Event::Delta { block, delta });
            self.close_prose(output);
        }
    }

    /// Sources. Those that come when something else was begun are behind a text of their own.
    fn cite(&mut self, annotations: Raw<'_>, output: &mut Output<'_>) {
        let annotations: Vec<Raw<'_>> = annotations.parse().unwrap_or_default();
        let is_source = |annotation: &Raw<'_>| annotation.kind() == Kind::Object;
        for annotation in annotations.into_iter().filter(is_source) {
            let block = self.block(Prose::Text, output);
            let mut citation = citation(annotation);
            let start = self.characters.0;
            // Here they count from the beginning of all text.
            citation.span = citation
                .span
                .and_then(|(from, to)| Some((from.checked_sub(start)?, to.checked_sub(start)?)));
            let delta = Delta::Citation(citation);
            output.sink.event(Event::Delta { block, delta });
        }
    }

    /// Speech or images: a block for all there is of them, so that the answer is known to have something.
    fn show(&mut self, value: Raw<'_>, output: &mut Output<'_>) {
        if !std::mem::replace(&mut self.shows, true) {
            let block = output.open(self.choice, BlockKind::Native { value });
            output.sink.event(Event::BlockStop { block });
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

/// Whether a member is content in itself: `audio`, or `images` as `OpenRouter` has it.
fn is_media(member: &Member<'_>) -> bool {
    let is_there = matches!(member.value.kind(), Kind::Object | Kind::Array);
    is_there && !member.value.is_empty() && matches!(&*member.key, "audio" | "images")
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
