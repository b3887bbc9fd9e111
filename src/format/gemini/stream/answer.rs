use crate::{
    format::gemini::{
        grounding, logprobs,
        offsets::{Offsets, REMEMBERED},
        response::{Piece, arguments, parts, piece},
        seals, stop,
        wire::{content, response as wire},
    },
    ir::{BlockKind, Delta, Event, SealPlace, Sink, Stop, StopReason},
    json::{Kind, Raw, Text, compact},
};

use super::partial::{Partial, Pieces};

/// Where events go, and what is common to all answers.
pub(super) struct Output<'s> {
    pub(super) sink: &'s mut dyn Sink,
    /// Blocks so far.
    pub(super) blocks: &'s mut usize,
}

impl Output<'_> {
    /// Opens a block; tells its number.
    fn open(&mut self, choice: usize, kind: BlockKind<'_>) -> usize {
        let block = *self.blocks;
        *self.blocks += 1;
        self.sink.event(Event::BlockStart {
            block,
            choice,
            kind,
        });
        block
    }

    fn delta(&mut self, block: usize, delta: Delta<'_>) {
        self.sink.event(Event::Delta { block, delta });
    }

    /// A block in one piece.
    fn whole(&mut self, choice: usize, kind: BlockKind<'_>, delta: Option<Delta<'_>>) {
        let block = self.open(choice, kind);
        if let Some(delta) = delta {
            self.delta(block, delta);
        }
        self.sink.event(Event::BlockStop { block });
    }

    /// A signature on something else: a thought that nobody sees.
    fn mark(&mut self, choice: usize, signature: Text<'_>, place: SealPlace) {
        let seal = seals::read_on(signature, place);
        self.whole(choice, BlockKind::Reasoning, Some(Delta::Seal(seal)));
    }
}

/// What is being said; one thing at a time.
#[derive(Debug)]
enum Open {
    Thought { block: usize },
    Text { block: usize, text: String },
}

/// One of the answers in a stream.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Its number.
    pub(super) choice: usize,
    open: Option<Open>,
    /// The signature on the text that is open. It comes behind it, and the sources of the text come in between.
    signature: Option<String>,
    /// The sources of the text, as JSON text. Each chunk that has some has all.
    grounding: Option<String>,
    call: Option<Partial>,
    called: bool,
    /// The last reason counts: some servers give one with each chunk.
    reason: Option<String>,
    message: Option<String>,
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
    pub(super) fn chunk(&mut self, wire: &wire::Candidate<'_>, output: &mut Output<'_>) {
        for raw in parts(wire.content) {
            let (piece, signature) = piece(raw);
            self.piece(piece, signature, output);
        }
        let grounding = wire.grounding_metadata;
        if let Some(grounding) =
            grounding.filter(|raw| raw.kind() == Kind::Object && !raw.is_empty())
        {
            self.grounding = Some(grounding.get().to_owned());
        }
        if let (Some(raw), Some(Open::Text { block, .. })) = (wire.logprobs_result, &self.open) {
            let likely = logprobs::decode(raw);
            if !likely.tokens.is_empty() {
                output.delta(*block, Delta::Logprobs(likely));
            }
        }
        if let Some(word) = wire::text(wire.finish_reason) {
            self.reason = Some(word.decode().into_owned());
            let message = wire::text(wire.finish_message);
            self.message = message.map(|text| text.decode().into_owned());
        }
    }

    fn piece(&mut self, piece: Piece<'_>, signature: Option<Text<'_>>, output: &mut Output<'_>) {
        match piece {
            Piece::Thought(text, _) => self.think(text, signature, output),
            Piece::Text(text, _) => self.say(text, signature, output),
            Piece::Call(call, _) => self.call(call, signature, output),
            Piece::Image(image) => {
                self.close(output);
                output.whole(self.choice, BlockKind::Image(image), None);
                if let Some(signature) = signature {
                    output.mark(self.choice, signature, SealPlace::Text);
                }
            }
            Piece::Native(_, value) => self.native(value, output),
        }
    }

    fn think(&mut self, text: Text<'_>, signature: Option<Text<'_>>, output: &mut Output<'_>) {
        if text.is_empty() && signature.is_none() {
            return;
        }
        let (seal, redacted) = signature.map(seals::read).unzip();
        if redacted == Some(true) {
            self.close(output);
            let seal = seal.map(Delta::Seal);
            return output.whole(self.choice, BlockKind::Redacted, seal);
        }
        let block = if let Some(Open::Thought { block }) = self.open {
            block
        } else {
            self.close(output);
            let block = output.open(self.choice, BlockKind::Reasoning);
            self.open = Some(Open::Thought { block });
            block
        };
        if !text.is_empty() {
            output.delta(block, Delta::Text(text));
        }
        if let Some(seal) = seal {
            output.delta(block, Delta::Seal(seal));
            self.close(output);
        }
    }

    fn say(&mut self, text: Text<'_>, signature: Option<Text<'_>>, output: &mut Output<'_>) {
        if !text.is_empty() {
            // What follows a signature is another text.
            if self.signature.is_some() || !matches!(self.open, Some(Open::Text { .. })) {
                self.close(output);
                let block = output.open(self.choice, BlockKind::Text);
                self.open = Some(Open::Text {
                    block,
                    text: String::new(),
                });
            }
            if let Some(Open::Text { block, text: all }) = &mut self.open {
                if all.len() < REMEMBERED {
                    all.push_str(&text.decode());
                }
                output.delta(*block, Delta::Text(text));
            }
        }
        let Some(signature) = signature else {
            return;
        };
        if self.signature.is_none() && matches!(self.open, Some(Open::Text { .. })) {
            self.signature = Some(signature.decode().into_owned());
        } else {
            self.close(output);
            output.mark(self.choice, signature, SealPlace::Text);
        }
    }

    fn call(
        &mut self,
        mut call: content::FunctionCall<'_>,
        signature: Option<Text<'_>>,
        output: &mut Output<'_>,
    ) {
        self.close(output);
        let pieces = Partial::pieces(&mut call.extra);
        if !pieces.is_empty() {
            self.call = Some(Partial::new(&call, signature));
            return self.go_on(pieces, None, output);
        }
        let kind = BlockKind::ToolCall {
            id: call.id.unwrap_or_default(),
            name: call.name.unwrap_or_default(),
            freeform: false,
        };
        let arguments = compact(arguments(call.args)).into();
        self.whole_call(kind, arguments, signature, output);
    }

    fn whole_call(
        &mut self,
        kind: BlockKind<'_>,
        arguments: Text<'_>,
        signature: Option<Text<'_>>,
        output: &mut Output<'_>,
    ) {
        self.called = true;
        if let Some(signature) = signature {
            output.mark(self.choice, signature, SealPlace::Call);
        }
        output.whole(self.choice, kind, Some(Delta::Arguments(arguments)));
    }

    /// What only this API has: among it, a call that goes on, which has no name.
    fn native(&mut self, value: Raw<'_>, output: &mut Output<'_>) {
        let part: content::Part<'_> = value.parse().unwrap_or_default();
        if let Some(mut call) = part.function_call {
            let pieces = Partial::pieces(&mut call.extra);
            return self.go_on(pieces, part.thought_signature, output);
        }
        self.close(output);
        // Without line breaks, which would end an event.
        let value = compact(value);
        if let Ok(value) = Raw::new(&value) {
            output.whole(self.choice, BlockKind::Native { value }, None);
        }
    }

    fn go_on(&mut self, pieces: Pieces<'_>, signature: Option<Text<'_>>, output: &mut Output<'_>) {
        let Some(call) = &mut self.call else {
            return;
        };
        let goes_on = pieces.go_on();
        call.add(pieces);
        call.sign(signature);
        if !goes_on {
            self.close(output);
        }
    }

    /// Ends what is open.
    fn close(&mut self, output: &mut Output<'_>) {
        match self.open.take() {
            Some(Open::Thought { block }) => output.sink.event(Event::BlockStop { block }),
            Some(Open::Text { block, text }) => {
                self.cite(block, &text, output);
                output.sink.event(Event::BlockStop { block });
            }
            None => {}
        }
        if let Some(signature) = self.signature.take() {
            output.mark(self.choice, signature.into(), SealPlace::Text);
        }
        if let Some(call) = self.call.take() {
            let (kind, signature) = (call.kind(), call.signature());
            self.whole_call(kind, call.arguments().into(), signature, output);
        }
    }

    fn cite(&mut self, block: usize, text: &str, output: &mut Output<'_>) {
        let Some(grounding) = self.grounding.take() else {
            return;
        };
        let Ok(raw) = Raw::new(&grounding) else {
            return;
        };
        let offsets = Offsets::new(text);
        for support in grounding::supports(raw) {
            let citation = support.citation(&offsets);
            output.delta(block, Delta::Citation(citation));
        }
    }

    /// Ends the answer.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) {
        self.close(output);
        let word = self.reason.as_deref().map(Text::from);
        let mut stop = word.map_or(Stop::new(StopReason::End), |word| {
            stop::decode(word, self.called)
        });
        if stop.reason == StopReason::Refusal {
            stop.explanation = self.message.as_deref().map(Text::from);
        }
        output.sink.event(Event::Stop {
            choice: self.choice,
            stop,
        });
    }
}
