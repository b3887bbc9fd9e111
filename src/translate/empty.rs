use crate::{
    ir::{BlockKind, Choice, Delta, Event, Part, Response, StopReason},
    json::Kind,
};

/// What an answer has come to, event by event: whether a caller has anything of it.
///
/// Text counts if it is not blank. Thoughts alone do not, nor does a reason that only says that the model was done: to
/// ask again may help then. Where it would not, the answer is one, whatever it says: behind a refusal or a filter, which
/// decided; at a limit, which would be met again; at a stop string; in a pause. Of several choices one is enough.
#[derive(Debug, Clone, Default)]
pub(super) struct Worth {
    says: bool,
    thinks: bool,
    /// The thoughts that are open.
    thoughts: Vec<usize>,
}

impl Worth {
    /// Of a whole answer.
    pub(super) fn of(response: &Response<'_>) -> Self {
        let mut worth = Self::default();
        response.replay(&mut |event: Event<'_>| worth.note(&event));
        worth.says |= has_untold(response);
        worth
    }

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
            Event::Stop { stop, .. } => self.says = is_decided(stop.reason),
            _ => {}
        }
    }
}

/// Whether it would end the same way again.
fn is_decided(reason: StopReason) -> bool {
    match reason {
        StopReason::End | StopReason::ToolUse | StopReason::MalformedToolCall => false,
        StopReason::StopSequence
        | StopReason::MaxTokens
        | StopReason::ContextWindow
        | StopReason::Refusal
        | StopReason::Pause
        | StopReason::Compaction => true,
    }
}

/// Members of a message that are content in themselves: `audio` of `OpenAI`, `images` of `OpenRouter`.
const MEDIA: [&str; 2] = ["audio", "images"];

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
    let media = members.any(|member| {
        let is_list = matches!(member.value.kind(), Kind::Object | Kind::Array);
        is_list && !member.value.is_empty() && MEDIA.contains(&&*member.key)
    });
    media || !choice.parts.iter().all(is_told)
}
