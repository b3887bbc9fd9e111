//! The answers: which one a request gets, and its bytes.

use axum::body::Bytes;
use serde_json::Value;

/// Which of a provider's answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scene {
    Text,
    Tools,
    ToolAnswer,
    Thinking,
    /// A thought, then one call.
    ThinkingTools,
    /// The final text, if the sealed thought of `ThinkingTools` came back.
    ThinkingAnswer,
    Structured,
}

/// What a scene depends on.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a yes or no of its own"
)]
pub struct Asked {
    /// Results of tools are among the messages.
    pub has_results: bool,
    /// Tools are declared and may be called.
    pub offers_tools: bool,
    /// Thinking is on.
    pub thinks: bool,
    /// The answer must obey a schema.
    pub structured: bool,
    /// The seal of `ThinkingTools` came back, byte for byte.
    pub remembers: bool,
}

impl Asked {
    /// Results of tools beat declared tools, and those beat thinking: a conversation goes forward.
    pub fn scene(self) -> Scene {
        match self {
            Self {
                has_results: true,
                remembers: true,
                ..
            } => Scene::ThinkingAnswer,
            Self {
                has_results: true, ..
            } => Scene::ToolAnswer,
            Self {
                offers_tools: true,
                thinks: true,
                ..
            } => Scene::ThinkingTools,
            Self {
                offers_tools: true, ..
            } => Scene::Tools,
            Self {
                structured: true, ..
            } => Scene::Structured,
            Self { thinks: true, .. } => Scene::Thinking,
            _ => Scene::Text,
        }
    }
}

/// One answer, whole and as events.
#[derive(Debug)]
pub struct Answer {
    pub json: Bytes,
    /// Each with its blank line.
    pub events: Vec<Bytes>,
}

/// A fixture's two files.
#[derive(Clone, Copy, Debug)]
pub struct Fixture {
    pub json: &'static str,
    pub sse: &'static str,
}

impl Fixture {
    /// The stream's events, each with its blank line.
    pub fn events(self) -> impl Iterator<Item = &'static str> {
        self.sse.split_inclusive("\n\n")
    }

    /// The fixture as it is.
    pub fn answer(self) -> Answer {
        let events = self
            .events()
            .map(|event| Bytes::from_static(event.as_bytes()));
        Answer {
            json: Bytes::from_static(self.json.as_bytes()),
            events: events.collect(),
        }
    }

    /// What the whole answer has at this JSON pointer, as text.
    pub fn text(self, pointer: &str) -> String {
        let answer: Value = serde_json::from_str(self.json).unwrap_or_default();
        let text = answer.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    }
}

/// The fixture `$name` of the folder `$provider`, for modules beside this one.
macro_rules! fixture {
    ($provider:literal, $name:literal) => {
        super::fixture::Fixture {
            json: include_str!(concat!("../../fixtures/", $provider, "/", $name, ".json")),
            sse: include_str!(concat!("../../fixtures/", $provider, "/", $name, ".sse")),
        }
    };
}
pub(super) use fixture;

/// Whether tools are declared and may be called.
pub fn offers_tools(body: &Value) -> bool {
    let choice = &body["tool_choice"];
    let forbidden = choice == "none" || choice["type"] == "none";
    body["tools"]
        .as_array()
        .is_some_and(|tools| !tools.is_empty())
        && !forbidden
}
