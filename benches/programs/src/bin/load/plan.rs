//! What to measure, as it stands in the one argument.

use serde::Deserialize;
use tower_llm_gateway_benches::behaviour::Behaviour;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// The address of the provider double.
    pub(crate) mock: String,
    #[serde(default)]
    pub(crate) behaviour: Behaviour,
    /// Bytes of each request, about.
    #[serde(default = "small")]
    pub(crate) request_bytes: usize,
    pub(crate) targets: Vec<Target>,
    pub(crate) measure: Measure,
}

/// A process, and a way through it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) pid: u32,
    pub(crate) model: String,
    /// Whether the double answers in Anthropic's format. Else its bytes must come as they were sent.
    #[serde(default)]
    pub(crate) translated: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(crate) enum Measure {
    /// So many clients ask again as soon as they have their answer, each target in its turn.
    Rounds(Rounds),
    /// Memory while so many streams are open of which none goes on.
    Held { streams: usize },
    /// The most memory while one answer flows through.
    Flow,
    /// The most memory while so many requests wait for their answers.
    Buffered { requests: usize },
    /// Memory while so many readers have stopped reading.
    Slow { readers: usize },
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rounds {
    pub(crate) connections: usize,
    pub(crate) count: usize,
    /// Of each target in each round.
    pub(crate) milliseconds: u64,
}

fn small() -> usize {
    1024
}
