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
}

impl Scene {
    /// Results of tools beat declared tools, and those beat thinking: a conversation goes forward.
    pub fn new(has_results: bool, offers_tools: bool, thinks: bool) -> Self {
        match (has_results, offers_tools, thinks) {
            (true, _, _) => Self::ToolAnswer,
            (_, true, _) => Self::Tools,
            (_, _, true) => Self::Thinking,
            _ => Self::Text,
        }
    }
}

/// One answer, whole and as events.
#[derive(Debug)]
pub struct Answer {
    pub json: &'static str,
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
