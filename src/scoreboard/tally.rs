use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::{ir::StopReason, meter::Outcome};

/// How often something by one of a few names happened.
pub(super) type Tally = BTreeMap<&'static str, u64>;

/// A name for what has none here.
pub(super) const OTHER: &str = "other";

const OUTCOMES: [Outcome; 5] = [
    Outcome::Completed,
    Outcome::Refused,
    Outcome::Failed,
    Outcome::Broken,
    Outcome::ClientCancelled,
];

const REASONS: [StopReason; 9] = [
    StopReason::End,
    StopReason::StopSequence,
    StopReason::ToolUse,
    StopReason::MaxTokens,
    StopReason::ContextWindow,
    StopReason::Refusal,
    StopReason::Pause,
    StopReason::Compaction,
    StopReason::MalformedToolCall,
];

/// Reads a tally. What another version may have named goes to [`OTHER`], so that nothing is lost of the sum.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tally, D::Error> {
    let mut tally = Tally::new();
    for (name, count) in BTreeMap::<String, u64>::deserialize(deserializer)? {
        add(&mut tally, known(&name), count);
    }
    Ok(tally)
}

pub(super) fn add<K: Ord>(tally: &mut BTreeMap<K, u64>, name: K, count: u64) {
    let sum = tally.entry(name).or_default();
    *sum = sum.saturating_add(count);
}

fn known(name: &str) -> &'static str {
    let outcomes = OUTCOMES.map(Outcome::as_str).into_iter();
    let mut names = outcomes.chain(REASONS.map(StopReason::as_str));
    names.find(|known| *known == name).unwrap_or(OTHER)
}
