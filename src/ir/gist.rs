use crate::json::{Kind, Raw};

use super::{Choice, Part, Response, StopReason, Usage};

/// What a whole answer comes to: all that is wanted of one that passes as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Gist {
    /// What it took.
    pub usage: Usage,
    /// Why it ended; of several answers, the first that tells.
    pub stop: Option<StopReason>,
    /// Whether a caller has nothing of it.
    ///
    /// Text counts if it is not blank. Thoughts alone do not, nor does a reason that only says that the model was done: to
    /// ask again may help then. Where it would not, the answer is one, whatever it says: behind a refusal or a filter,
    /// which decided; at a limit, which would be met again; at a stop string; in a pause. Of several answers one is enough.
    pub is_empty: bool,
}

impl Gist {
    /// Of an answer that has been read.
    pub fn of(response: &Response<'_>) -> Self {
        let choices = &response.choices;
        let stop = choices.iter().find_map(|choice| choice.stop.as_ref());
        Self {
            usage: response.usage.unwrap_or_default(),
            stop: stop.map(|stop| stop.reason),
            is_empty: !choices.iter().any(says),
        }
    }
}

/// Whether a caller has something of an answer.
fn says(choice: &Choice<'_>) -> bool {
    let stop = choice.stop.as_ref();
    let mut members = choice.message_extra.iter();
    stop.is_some_and(|stop| stop.reason.is_decided())
        || choice.parts.iter().any(is_content)
        || members.any(|member| is_media(&member.key, member.value))
}

fn is_content(part: &Part<'_>) -> bool {
    match part {
        Part::Text { text, .. } => !text.is_blank(),
        Part::Reasoning(_) => false,
        _ => true,
    }
}

/// Whether a member of a message is content in itself: `audio` of `OpenAI`, `images` of `OpenRouter`.
pub(crate) fn is_media(name: &str, value: Raw<'_>) -> bool {
    matches!(name, "audio" | "images")
        && matches!(value.kind(), Kind::Object | Kind::Array)
        && !value.is_empty()
}

impl StopReason {
    /// Whether an answer would end the same way again.
    pub(crate) const fn is_decided(self) -> bool {
        match self {
            Self::End | Self::ToolUse | Self::MalformedToolCall => false,
            Self::StopSequence
            | Self::MaxTokens
            | Self::ContextWindow
            | Self::Refusal
            | Self::Pause
            | Self::Compaction => true,
        }
    }
}
