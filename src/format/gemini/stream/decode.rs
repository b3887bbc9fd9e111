use crate::{
    format::{
        StreamDecoder, StreamEnd,
        gemini::{
            error,
            response::{blocked, created},
            usage,
            wire::response as wire,
        },
    },
    ir::{Error, Event, Sink, Usage},
    json::{self, Kind, Raw, Text, compact},
    sse::Item,
};

use super::answer::{Answer, Output};

/// How many answers a stream may have; the API takes no more than 8 as `candidateCount`.
const ANSWERS: u64 = 128;

/// Reads a streamed answer.
#[derive(Debug, Default)]
pub(in crate::format::gemini) struct Decoder {
    started: bool,
    ended: bool,
    /// Whether the price and speed class was told.
    tiered: bool,
    usage: Usage,
    blocks: usize,
    answers: Vec<Answer>,
    /// What was said of a prompt that was refused, as JSON text.
    blocked: Option<String>,
}

impl StreamDecoder for Decoder {
    fn item(&mut self, item: Item<'_>, sink: &mut dyn Sink) {
        if self.ended {
            return;
        }
        match item {
            Item::Comment => sink.event(Event::Ping),
            Item::Event { data, .. } => {
                let data = data.trim_ascii();
                if data.starts_with(b"[DONE]") {
                    self.finish(StreamEnd::Clean, sink);
                } else if !data.is_empty()
                    && let Err(error) = self.data(data, sink)
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
        let finished = !self.answers.is_empty() && self.answers.iter().all(Answer::is_finished);
        if finished || self.answers.is_empty() && self.blocked.is_some() {
            return self.done(sink);
        }
        self.fail(end.into_error(), sink);
    }
}

impl Decoder {
    fn data(&mut self, data: &[u8], sink: &mut dyn Sink) -> Result<(), Error> {
        let raw: Raw<'_> = json::read_bytes(data).map_err(Error::undecodable)?;
        if raw.kind() != Kind::Array {
            return self.chunk(raw, sink);
        }
        // Some servers send all chunks in one list.
        let chunks: Vec<Raw<'_>> = raw.parse().map_err(Error::undecodable)?;
        chunks.into_iter().try_for_each(|raw| self.chunk(raw, sink))
    }

    fn chunk(&mut self, raw: Raw<'_>, sink: &mut dyn Sink) -> Result<(), Error> {
        let wire: wire::Answer<'_> = raw.parse().map_err(Error::undecodable)?;
        if wire.error.is_some() {
            return Err(error::decode_event(raw.get().as_bytes()));
        }
        let (usage, members) = wire.usage_metadata.map(usage::decode).unwrap_or_default();
        self.tier(usage::service_tier(&members), sink);
        if std::mem::replace(&mut self.started, true) {
            self.count(&usage, sink);
        } else {
            self.usage = usage;
            sink.event(Event::Start {
                id: wire::text(wire.response_id).unwrap_or_default(),
                model: wire::text(wire.model_version).unwrap_or_default(),
                created: created(wire.create_time),
                usage,
            });
        }
        for candidate in wire.candidates.unwrap_or_default() {
            self.candidate(&candidate, sink)?;
        }
        if let Some(feedback) = wire.prompt_feedback.filter(|raw| blocked(*raw).is_some()) {
            self.blocked = Some(compact(feedback).into_owned());
        }
        Ok(())
    }

    /// Each chunk tells the price and speed class.
    fn tier(&mut self, tier: Option<Text<'_>>, sink: &mut dyn Sink) {
        if let Some(tier) = tier.filter(|_| !self.tiered) {
            self.tiered = true;
            sink.event(Event::ServiceTier(tier));
        }
    }

    /// Each chunk tells the counts so far.
    fn count(&mut self, usage: &Usage, sink: &mut dyn Sink) {
        let before = self.usage;
        self.usage.update(usage);
        if self.usage != before {
            sink.event(Event::Usage(self.usage));
        }
    }

    fn candidate(&mut self, wire: &wire::Candidate<'_>, sink: &mut dyn Sink) -> Result<(), Error> {
        let number = wire::count(wire.index).unwrap_or(0);
        if number >= ANSWERS {
            return Err(Error::undecodable("a candidate has an index out of range"));
        }
        let number = usize::try_from(number).unwrap_or(0);
        let known = self
            .answers
            .iter()
            .position(|answer| answer.choice == number);
        let position = known.unwrap_or_else(|| {
            self.answers.push(Answer::new(number));
            self.answers.len() - 1
        });
        let mut output = Output {
            sink,
            blocks: &mut self.blocks,
        };
        if let Some(answer) = self.answers.get_mut(position) {
            answer.chunk(wire, &mut output);
        }
        Ok(())
    }

    /// Ends a complete answer. Not before the end of the stream, because more may come behind a reason.
    fn done(&mut self, sink: &mut dyn Sink) {
        self.ended = true;
        let mut output = Output {
            sink,
            blocks: &mut self.blocks,
        };
        for answer in &mut self.answers {
            answer.finish(&mut output);
        }
        let feedback = self.blocked.as_deref().filter(|_| self.answers.is_empty());
        let stop = feedback.and_then(|text| blocked(Raw::new(text).ok()?));
        if let Some(stop) = stop {
            sink.event(Event::Stop { choice: 0, stop });
        }
        sink.event(Event::End);
    }

    fn fail(&mut self, error: Error, sink: &mut dyn Sink) {
        self.ended = true;
        sink.event(Event::Error(error));
    }
}
