//! Rules about the parameters of a request that two APIs of one owner share.

use crate::{
    format::object::object,
    ir::Effort,
    json::{Kind, Raw, Text},
};

use super::schema;

/// Members of a request that both APIs have, and spell alike.
pub(crate) const SHARED: [&str; 2] = ["moderation", "prompt_cache_key"];

object! {
    /// A check of the content by another model.
    struct Moderation<'a> {
        policy: Raw<'a>,
    }
}

object! {
    /// What becomes of content that fails the check, before and after the model.
    struct ModerationPolicy<'a> {
        input: ModerationMode<'a>,
        output: ModerationMode<'a>,
    }
}

object! {
    /// What becomes of content that fails the check.
    struct ModerationMode<'a> {
        mode: Text<'a>,
    }
}

/// Whether the caller relies on `moderation` to block content.
pub(crate) fn blocks(moderation: Raw<'_>) -> bool {
    let moderation: Moderation<'_> = moderation.parse().unwrap_or_default();
    let Some(policy) = moderation.policy else {
        return false;
    };
    if let Some(word) = policy.text() {
        return word == "block";
    }
    let policy: ModerationPolicy<'_> = policy.parse().unwrap_or_default();
    [policy.input, policy.output]
        .into_iter()
        .flatten()
        .any(|place| place.mode.is_some_and(|mode| mode == "block"))
}

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
