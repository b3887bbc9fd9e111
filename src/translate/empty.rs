use crate::ir::{BlockKind, Choice, Delta, Event, Part, Response, is_media};

/// What an answer has come to, event by event: whether a caller has anything of it, by what is told of
/// [`is_empty`](crate::ir::Gist::is_empty).
#[derive(Debug, Clone, Default)]
pub(super) struct Worth {
    says: bool,
    thinks: bool,
    /// The thoughts that are open.
    thoughts: Vec<usize>,
}

impl Worth {
    /// Whether a caller has nothing of it.
    pub(super) fn is_nothing(&self) -> bool {
        !self.says
    }

    /// Whether anything has come that a caller can see, thoughts among it.
    pub(super) fn is_visible(&self) -> bool {
        self.says || self.thinks
    }

    /// Takes the next event.
    pub(super) fn note(&mut self, event: &Event<'_>) {
        if self.says {
            return;
        }
        match event {
            Event::BlockStart { block, kind, .. } => match kind {
                BlockKind::Text => {}
                BlockKind::Reasoning | BlockKind::Redacted => {
                    self.thinks = true;
                    self.thoughts.push(*block);
                }
                BlockKind::ToolCall { .. }
                | BlockKind::Refusal
                | BlockKind::Image(_)
                | BlockKind::Native { .. } => self.says = true,
            },
            Event::Delta {
                block,
                delta: Delta::Text(text),
            } => self.says = !self.thoughts.contains(block) && !text.is_blank(),
            Event::BlockStop { block } => self.thoughts.retain(|open| open != block),
            Event::Stop { stop, .. } => self.says = stop.reason.is_decided(),
            _ => {}
        }
    }
}

/// Whether an answer has anything that no stream could tell.
pub(super) fn has_untold(response: &Response<'_>) -> bool {
    response.choices.iter().any(shows)
}

fn shows(choice: &Choice<'_>) -> bool {
    let is_told = |part: &Part<'_>| {
        !matches!(
            part,
            Part::Audio(_) | Part::Document(_) | Part::ToolResult(_)
        )
    };
    let mut members = choice.message_extra.iter();
    let media = members.any(|member| is_media(&member.key, member.value));
    media || !choice.parts.iter().all(is_told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ir::{Gist, Image, Reasoning, Source, Stop, StopReason, ToolCall},
        json::Raw,
    };

    fn parts() -> Vec<Part<'static>> {
        vec![
            Part::text(" \n"),
            Part::text("Hi."),
            Part::Refusal("".into()),
            Part::Reasoning(Reasoning {
                text: "Hm.".into(),
                ..Reasoning::default()
            }),
            Part::ToolCall(ToolCall::default()),
            Part::Image(Image::new(Source::Url("https://a.example".into()))),
            Part::Native {
                kind: "new".into(),
                value: Raw::EMPTY_OBJECT,
                policy: crate::ir::Policy::Drop,
            },
        ]
    }

    #[test]
    fn an_answer_is_worth_the_same_whether_it_comes_whole_or_is_told() {
        let stops = [StopReason::End, StopReason::ToolUse, StopReason::MaxTokens];
        let stops = stops.map(|reason| Some(Stop::new(reason)));
        for stop in stops.into_iter().chain([None]) {
            for part in parts() {
                let choice = Choice {
                    parts: vec![part],
                    stop: stop.clone(),
                    ..Choice::default()
                };
                let response = Response {
                    choices: vec![Choice::default(), choice],
                    ..Response::default()
                };
                let mut worth = Worth::default();
                response.replay(&mut |event: Event<'_>| worth.note(&event));
                assert_eq!(
                    Gist::of(&response).is_empty,
                    worth.is_nothing(),
                    "{response:?}"
                );
            }
        }
    }
}
