use crate::{
    ir::{Arguments, BlockKind, Delta, Event, Seal},
    json::{Text, compact},
};

use super::{
    super::{call_seal, id, request::arguments, wire},
    answer::Output,
};

/// One tool call that is being streamed.
#[derive(Debug, Default)]
pub(super) struct Call {
    /// Its id, if the server gave one.
    id: String,
    /// Its block, once its name is known.
    block: Option<usize>,
    /// What came before the name.
    early: String,
    has_arguments: bool,
    /// The provider's seal on it.
    seal: String,
    freeform: bool,
}

impl Call {
    /// Whether a piece is of another call, although it has the same number.
    pub(super) fn is_other(&self, piece: &wire::ToolCall<'_>) -> bool {
        let id = wire::some_text(piece.id);
        !self.id.is_empty() && id.is_some_and(|id| id.decode() != self.id.as_str())
    }

    /// Takes a piece. `place` is the choice, and the position among its calls.
    pub(super) fn piece(
        &mut self,
        piece: wire::ToolCall<'_>,
        place: (usize, usize),
        output: &mut Output<'_>,
    ) {
        if self.id.is_empty()
            && let Some(id) = wire::some_text(piece.id)
        {
            self.id = id.decode().into_owned();
        }
        if let Some(seal) = call_seal::of_call(&piece.extra) {
            self.seal = seal.decode().into_owned();
        }
        let (name, payload) = match (piece.function, piece.custom) {
            (Some(function), _) => (function.name, function.arguments),
            (None, Some(custom)) => {
                self.freeform = true;
                (custom.name, custom.input)
            }
            (None, None) => return,
        };
        if let (None, Some(name)) = (self.block, wire::some_text(name)) {
            self.open(name, place, output);
        }
        match arguments(payload) {
            Arguments::Text(text) if text.is_empty() => {}
            Arguments::Text(text) => self.arguments(text, output),
            Arguments::Json(json) => self.arguments(compact(json).into(), output),
        }
    }

    fn open(
        &mut self,
        name: Text<'_>,
        (choice, position): (usize, usize),
        output: &mut Output<'_>,
    ) {
        if !self.seal.is_empty() {
            let seal = Seal::of_call(std::mem::take(&mut self.seal).into());
            output.seal(choice, BlockKind::Reasoning, seal);
        }
        let id = match self.id.as_str() {
            "" => id::minted_call(output.id, choice, position).into(),
            id => Text::from(id),
        };
        let kind = BlockKind::ToolCall {
            id,
            name,
            freeform: self.freeform,
        };
        let block = output.open(choice, kind);
        self.block = Some(block);
        let early = std::mem::take(&mut self.early);
        if !early.is_empty() {
            self.arguments(early.into(), output);
        }
    }

    fn arguments(&mut self, text: Text<'_>, output: &mut Output<'_>) {
        let Some(block) = self.block else {
            self.early.push_str(&text.decode());
            return;
        };
        self.has_arguments = true;
        output.sink.event(Event::Delta {
            block,
            delta: Delta::Arguments(text),
        });
    }

    /// Ends the call. One without arguments has none, which is `{}`; one without a name never was.
    pub(super) fn close(&mut self, output: &mut Output<'_>) {
        if !self.has_arguments && !self.freeform && self.block.is_some() {
            self.arguments("{}".into(), output);
        }
        if let Some(block) = self.block.take() {
            output.sink.event(Event::BlockStop { block });
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.block.is_some()
    }
}
