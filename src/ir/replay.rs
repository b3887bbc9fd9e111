use bytes::BytesMut;

use crate::json::Text;

use super::{BlockKind, Choice, Delta, Event, Part, Response, Sink, Stop, StopReason};

impl Response<'_> {
    /// Tells a whole answer as a stream, each block in one piece: for a caller that asked for a stream when the
    /// provider sent none.
    pub fn replay(&self, sink: &mut dyn Sink) {
        if let Some(tier) = &self.service_tier {
            sink.event(Event::ServiceTier(tier.clone()));
        }
        sink.event(Event::Start {
            id: self.id.clone(),
            model: self.model.clone(),
            created: self.created,
            usage: self.usage.unwrap_or_default(),
        });
        let mut block = 0;
        for (index, choice) in self.choices.iter().enumerate() {
            for part in &choice.parts {
                if let Some(kind) = kind(part) {
                    sink.event(Event::BlockStart {
                        block,
                        choice: index,
                        kind,
                    });
                    deltas(part, block, sink);
                    sink.event(Event::BlockStop { block });
                    block += 1;
                }
            }
        }
        if let Some(usage) = self.usage {
            sink.event(Event::Usage(usage));
        }
        for (index, choice) in self.choices.iter().enumerate() {
            sink.event(Event::Stop {
                choice: index,
                stop: stop(choice),
            });
        }
        sink.event(Event::End);
    }
}

fn stop<'a>(choice: &Choice<'a>) -> Stop<'a> {
    choice.stop.clone().unwrap_or(Stop::new(StopReason::End))
}

fn kind<'a>(part: &Part<'a>) -> Option<BlockKind<'a>> {
    Some(match part {
        Part::Text { .. } => BlockKind::Text,
        Part::Refusal(_) => BlockKind::Refusal,
        Part::Reasoning(reasoning) if reasoning.redacted => BlockKind::Redacted,
        Part::Reasoning(_) => BlockKind::Reasoning,
        Part::ToolCall(call) => BlockKind::ToolCall {
            id: call.id.clone(),
            name: call.name.clone(),
            freeform: call.freeform,
        },
        Part::Image(image) => BlockKind::Image(image.clone()),
        Part::Native { value, .. } => BlockKind::Native { value: *value },
        Part::Document(_) | Part::Audio(_) | Part::ToolResult(_) => return None,
    })
}

fn deltas(part: &Part<'_>, block: usize, sink: &mut dyn Sink) {
    let mut send = |delta| sink.event(Event::Delta { block, delta });
    match part {
        Part::Text {
            text, citations, ..
        } => {
            send(Delta::Text(text.clone()));
            for citation in citations {
                send(Delta::Citation(citation.clone()));
            }
        }
        Part::Refusal(text) => send(Delta::Text(text.clone())),
        Part::Reasoning(reasoning) => {
            if !reasoning.text.is_empty() {
                send(Delta::Text(reasoning.text.clone()));
            }
            if let Some(seal) = &reasoning.seal {
                send(Delta::Seal(seal.clone()));
            }
        }
        Part::ToolCall(call) => {
            let mut literal = BytesMut::new();
            call.arguments.write_string(&mut literal);
            if let Ok(arguments) = crate::json::read_bytes::<Text<'_>>(&literal) {
                send(Delta::Arguments(arguments));
            }
        }
        _ => {}
    }
}
