//! What the provider double does, as `load` tells it to before it measures.

use serde::{Deserialize, Serialize};

/// How each request is answered from now on.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Bytes of an answer that is no stream, about.
    pub answer_bytes: usize,
    /// Text events of a stream; without them the answer is whole.
    pub events: Option<usize>,
    /// Bytes of text in an event.
    pub event_bytes: usize,
    /// Milliseconds between two text events.
    pub pace_ms: u64,
    /// Whether each event says when it was written.
    pub stamped: bool,
    /// Whether a stream never ends once its events are written.
    pub held: bool,
    /// Milliseconds from the end of the request to the head of the answer.
    pub wait_ms: u64,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            answer_bytes: 1024,
            events: None,
            event_bytes: 16,
            pace_ms: 0,
            stamped: false,
            held: false,
            wait_ms: 0,
        }
    }
}

impl Behaviour {
    /// The same way through the gateway, but short: for what has to be touched before memory is measured.
    #[must_use]
    pub fn brief(&self) -> Self {
        Self {
            answer_bytes: self.answer_bytes.min(1024),
            events: self.events.map(|events| events.min(100)),
            pace_ms: 0,
            stamped: false,
            held: false,
            wait_ms: 0,
            ..self.clone()
        }
    }
}
