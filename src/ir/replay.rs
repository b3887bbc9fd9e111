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
            let last_said = choice.parts.iter().rposition(is_said);
            for (position, part) in choice.parts.iter().enumerate() {
                if let Some(kind) = kind(part) {
                    sink.event(Event::BlockStart {
                        block,
                        choice: index,
                        kind,
                    });
                    deltas(part, block, sink);
                    let likely = choice.logprobs.as_ref();
                    if let Some(likely) = likely.filter(|_| last_said == Some(position)) {
                        let delta = Delta::Logprobs(likely.clone());
                        sink.event(Event::Delta { block, delta });
                    }
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

/// Whether tokens of a part may come with how likely they were.
fn is_said(part: &Part<'_>) -> bool {
    matches!(part, Part::Text { .. } | Part::Refusal(_))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ir::{Fold, Logprob, Logprobs},
        json::Raw,
    };

    #[test]
    fn how_likely_the_tokens_were_is_told_with_the_last_text() {
        let number = Raw::new("-1").unwrap().number().unwrap();
        let response = Response {
            choices: vec![Choice {
                parts: vec![Part::text("a"), Part::text("b")],
                logprobs: Some(Logprobs {
                    tokens: vec![Logprob::new("ab".into(), number)],
                    ..Logprobs::default()
                }),
                ..Choice::default()
            }],
            ..Response::default()
        };
        let mut fold = Fold::new("any");
        response.replay(&mut fold);
        let again = fold.response();
        let likely = again.choices[0].logprobs.as_ref().unwrap();
        assert_eq!(likely.tokens.len(), 1);
    }
}
