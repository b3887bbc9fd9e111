use std::collections::{HashMap, HashSet};

use super::{Losses, NameMap};

/// What the answer's translation must know of the request's.
///
/// The caller's codec notes what its client expects, the provider's codec what it had to rewrite; both are consumed
/// on the way back.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says something of its own"
)]
pub struct Exchange {
    /// The time, in seconds since 1970, for answers that carry none. Codecs know no clock.
    pub now: u64,
    /// A number of its own for this exchange, for ids that the provider left out. Codecs know no randomness.
    pub nonce: u64,
    /// Id of the format that the provider speaks, noted when its request is written; empty before. Native blocks and
    /// seals in a stream are of that format.
    pub provider: &'static str,
    /// The model's name as the provider gets it, for answers that don't say who gave them.
    pub model: String,
    /// Whether the caller asked for a stream.
    pub stream: bool,
    /// Whether the caller wants a last chunk with the token counts.
    pub include_usage: bool,
    /// Whether the caller speaks of `functions`, as before there were `tools`.
    pub legacy_functions: bool,
    /// Whether the caller wants its stream as a JSON array instead of as events.
    pub json_array: bool,
    /// Whether the caller wants the seals on thoughts, where its format asks.
    pub include_seals: bool,
    /// Members of the request that the answer repeats, each with its value as JSON text, where the caller's format has
    /// that.
    pub echo: Vec<(&'static str, String)>,
    /// Tools that the caller has in a namespace, by the name that stands for both: namespace and name within it.
    pub namespaces: HashMap<String, (String, String)>,
    /// Custom tools of the caller that were turned into functions, by the name the provider knows.
    pub freeform_tools: HashSet<String>,
    /// Tool names that were rewritten for the provider.
    pub tool_names: NameMap,
    /// What could not be carried over.
    pub losses: Losses,
}

impl Exchange {
    /// An exchange at a time, in seconds since 1970, with a number of its own.
    pub fn new(now: u64, nonce: u64) -> Self {
        Self {
            now,
            nonce,
            ..Self::default()
        }
    }
}
