//! Requests, answers and streams that look like those of real clients and providers, the same ones each time.

mod anthropic;
mod openai;
mod request;
mod stamp;
mod stream;
mod text;
mod whole;

use bytes::Bytes;

pub use request::{PATH, request};
pub use stamp::{stamp, stamps};
pub use stream::{Part, Stream};
use text::text;
pub use whole::{answer, answer_text};

/// The end of every stream that a client of OpenAI's API reads.
pub const END: &str = "data: [DONE]\n\n";

/// Texts after which a long stream begins again.
const DISTINCT: usize = 1000;

/// A provider's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    OpenAi,
    Anthropic,
}

impl Format {
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        match path {
            "/v1/chat/completions" => Some(Self::OpenAi),
            "/v1/messages" => Some(Self::Anthropic),
            _ => None,
        }
    }

    /// A whole answer with this text.
    fn answer(self, text: &str) -> Bytes {
        let answer = match self {
            Self::OpenAi => openai::answer(text),
            Self::Anthropic => anthropic::answer(text),
        };
        answer.to_string().into()
    }

    /// One event with this text.
    #[must_use]
    pub fn delta(self, text: &str) -> Bytes {
        match self {
            Self::OpenAi => openai::delta(text),
            Self::Anthropic => anthropic::delta(text),
        }
        .into()
    }

    /// A stream with one event for each of the texts.
    #[must_use]
    pub fn stream(self, texts: &[String]) -> Stream {
        let (opening, closing) = match self {
            Self::OpenAi => (openai::opening(), openai::closing()),
            Self::Anthropic => (anthropic::opening(), anthropic::closing()),
        };
        Stream {
            opening: opening.into_iter().map(Bytes::from).collect(),
            deltas: texts.iter().map(|text| self.delta(text)).collect(),
            closing: closing.into_iter().map(Bytes::from).collect(),
        }
    }
}

/// The texts of a stream.
#[must_use]
pub fn event_texts(events: usize, bytes: usize) -> Vec<String> {
    let numbers = 0..events.min(DISTINCT);
    numbers
        .map(|number| format!("{number} {}", text(number, bytes.saturating_sub(4))))
        .collect()
}

/// A text as it stands in JSON, without its quotes.
#[must_use]
pub fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.trim_matches('"').to_owned()
}
