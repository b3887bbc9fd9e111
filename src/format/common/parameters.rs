//! Rules about the parameters of a request that two APIs of one owner share.

use crate::{
    ir::Effort,
    json::{Kind, Raw, Text},
};

use super::schema;

/// Whether a model takes sampling parameters, by its name: reasoning models don't.
pub(crate) fn samples(model: &Text<'_>) -> bool {
    let model = model.decode();
    let name = model.rsplit('/').next().unwrap_or_default();
    let numbered = |rest: &str| rest.starts_with(|digit: char| digit.is_ascii_digit());
    let of_reasoning_series = name.strip_prefix('o').is_some_and(numbered);
    let gpt_5 = name
        .strip_prefix("gpt-5")
        .is_some_and(|rest| (rest.is_empty() || rest.starts_with('-')) && !rest.contains("chat"));
    !of_reasoning_series && !gpt_5
}

/// The effort that a token budget stands for. Source: `LiteLLM`'s defaults.
pub(crate) fn effort_of(budget: u64) -> Effort {
    match budget {
        4096.. => Effort::High,
        2048.. => Effort::Medium,
        1024.. => Effort::Low,
        _ => Effort::Minimal,
    }
}

/// Whether labels are within this API's limits.
pub(crate) fn fits(metadata: Raw<'_>) -> bool {
    let labels = schema::members(Some(metadata));
    metadata.kind() == Kind::Object
        && labels.len() <= 16
        && labels.iter().all(|(key, value)| {
            let value = value.text();
            key.chars().count() <= 64
                && value.is_some_and(|value| value.decode().chars().count() <= 512)
        })
}
