use crate::{
    format::{StreamDecoder, StreamEnd, common::alike::Repeats, error_object},
    ir::{Error, Event, Sink, Usage},
    json::{self, Raw, Text},
    sse::Item,
};

use super::{
    super::{
        ID,
        response::{created, failure},
        stop, usage, wire,
    },
    answer::{Answer, Output},
};

/// How many answers a stream may have: the API takes no more as `n`.
const ANSWERS: f64 = 128.0;

/// Reads a streamed answer.
#[derive(Debug, Default)]
pub(in crate::format::openai) struct Decoder {
    started: bool,
    ended: bool,
    id: String,
    model: String,
    created: Option<u64>,
    /// The price and speed class, as it was told last.
    service_tier: String,
    /// What was counted before the answer started.
    usage: Usage,
    blocks: usize,
    answers: Vec<Answer>,
}

impl StreamDecoder for Decoder {
    fn item(&mut self, item: Item<'_>, sink: &mut dyn Sink) {
        if self.ended {
            return;
        }
        match item {
            Item::Comment => sink.event(Event::Ping),
            Item::Event { name, data } => {
                let data = data.trim_ascii();
                if data.starts_with(b"[DONE]") {
                    self.done(sink);
                } else if !data.is_empty()
                    && let Err(error) = self.chunk(name, data, sink)
                {
                    self.fail(error, sink);
                }
            }
        }
    }

    fn finish(&mut self, end: StreamEnd, sink: &mut dyn Sink) {
        if self.ended {
            return;
        }
        if !self.answers.is_empty() && self.answers.iter().all(Answer::is_finished) {
            return self.done(sink);
        }
        self.fail(end.into_error(), sink);
    }
}

impl Repeats for Decoder {
    /// Text that hides the length of others: `p` is Mistral's.
    const UNREAD: &'static [&'static str] = &["obfuscation", "p"];

    fn goes_on(&mut self, block: usize, text: &Text<'_>) -> bool {
        self.answers
            .iter_mut()
            .for_each(|answer| answer.goes_on(block, text));
        true
    }
}

impl Decoder {
    fn chunk(
        &mut self,
        name: Option<&[u8]>,
        data: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        let raw: Raw<'_> = json::read_bytes(data).map_err(Error::undecodable)?;
        let wire: wire::Completion<'_> = raw.parse().map_err(Error::undecodable)?;
        let is_error = |object: Text<'_>| object == "error";
        if wire.error.is_some()
            || name == Some(b"error")
            || wire::text(wire.object).is_some_and(is_error)
        {
            return Err(error_object::decode_value(ID, None, raw));
        }
        self.note(&wire);
        self.service_tier(wire.service_tier, sink);
        let choices = wire.choices.unwrap_or_default();
        if !choices.is_empty() {
            self.start(sink);
        }
        for mut choice in choices {
            let finish = wire::text(choice.finish_reason);
            if finish.is_some_and(|word| stop::is_failure(&word.decode())) {
                return Err(failure(choice.extra.take("error")));
            }
            self.piece(choice, sink)?;
        }
        if let Some(raw) = wire.usage {
            let (usage, _) = usage::decode(raw);
            self.usage(usage, sink);
        }
        Ok(())
    }

    /// Notes who answers. Azure's first chunk doesn't say it yet.
    fn note(&mut self, wire: &wire::Completion<'_>) {
        if self.started {
            return;
        }
        if let Some(id) = wire::some_text(wire.id) {
            self.id = id.decode().into_owned();
        }
        if let Some(model) = wire::some_text(wire.model) {
            self.model = model.decode().into_owned();
        }
        self.created = created(wire.created).or(self.created);
    }

    fn service_tier(&mut self, tier: Option<Raw<'_>>, sink: &mut dyn Sink) {
        let Some(tier) = wire::some_text(tier) else {
            return;
        };
        if tier != *self.service_tier {
            self.service_tier = tier.decode().into_owned();
            sink.event(Event::ServiceTier(tier));
        }
    }

    fn start(&mut self, sink: &mut dyn Sink) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        sink.event(Event::Start {
            id: self.id.as_str().into(),
            model: self.model.as_str().into(),
            created: self.created,
            usage: self.usage,
        });
    }

    fn piece(&mut self, choice: wire::Choice<'_>, sink: &mut dyn Sink) -> Result<(), Error> {
        let number = number(choice.index)?;
        let known = self
            .answers
            .iter()
            .position(|answer| answer.choice == number);
        let position = known.unwrap_or_else(|| {
            // There is nearly always one.
            self.answers.reserve_exact(1);
            self.answers.push(Answer::new(number));
            self.answers.len() - 1
        });
        let mut output = Output {
            sink,
            blocks: &mut self.blocks,
            id: &self.id,
        };
        if let Some(answer) = self.answers.get_mut(position) {
            answer.piece(choice, &mut output);
        }
        Ok(())
    }

    fn usage(&mut self, usage: Usage, sink: &mut dyn Sink) {
        if self.started {
            sink.event(Event::Usage(usage));
        } else {
            self.usage.update(&usage);
        }
    }

    /// Ends a complete answer. Not before the end of the stream, because the counts come behind the reason.
    fn done(&mut self, sink: &mut dyn Sink) {
        if self.answers.is_empty() {
            return self.fail(Error::truncated(), sink);
        }
        self.ended = true;
        let mut output = Output {
            sink,
            blocks: &mut self.blocks,
            id: &self.id,
        };
        for answer in &mut self.answers {
            answer.finish(&mut output);
        }
        output.sink.event(Event::End);
    }

    fn fail(&mut self, error: Error, sink: &mut dyn Sink) {
        self.ended = true;
        sink.event(Event::Error(error));
    }
}

/// The number of an answer. Readers count up to it, so that one beyond what can be asked for is a fault.
fn number(index: Option<Raw<'_>>) -> Result<usize, Error> {
    let Some(index) = index.and_then(Raw::number) else {
        return Ok(0);
    };
    if index.as_f64() >= ANSWERS {
        return Err(Error::undecodable("a choice has an index out of range"));
    }
    let number = index.as_u64().map(usize::try_from);
    Ok(number.and_then(Result::ok).unwrap_or(0))
}
