//! What a model can do, told by its name.

use crate::{format, ir::Effort};

/// What a model can do.
///
/// Source: litellm's model map of 2026-11 (it has no authority; the API's own `GET /v1/models` has). A name that isn't
/// in it goes by its version, and one without a version like the oldest models that are still served. Models before
/// 4.5 are in no map any more; what is said of them is from memory, on the careful side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "a table of what models can do has a column for each"
)]
pub(super) struct ModelCaps {
    /// Decides itself how much to think, guided by an effort.
    pub(super) adaptive: bool,
    /// Thinks up to a budget of tokens.
    pub(super) budget: bool,
    /// Can't be kept from thinking.
    pub(super) always_thinks: bool,
    /// Takes `temperature` and its kin.
    pub(super) sampling: bool,
    /// Goes on with a last turn of its own.
    pub(super) prefill: bool,
    /// Can be made to call a tool.
    pub(super) forced_tools: bool,
    /// Takes system turns in mid-conversation.
    pub(super) system_turns: bool,
    /// Knows the effort `xhigh`.
    pub(super) xhigh: bool,
    /// Knows the effort `max`.
    pub(super) max: bool,
    /// Gives answers that obey a schema.
    pub(super) structured_outputs: bool,
    /// Most tokens it can generate, if known.
    pub(super) max_output: Option<u64>,
}

/// A version such as 4.6, as major and minor.
type Version = (u8, u8);

impl ModelCaps {
    /// What the model of this name can do.
    pub(super) fn of(model: &str) -> Self {
        let (family, version) = family_and_version(model).unwrap_or(("", (4, 5)));
        let is_thinker = matches!(family, "fable" | "mythos");
        let newest = match family {
            "fable" | "mythos" => version >= (5, 1),
            "opus" | "sonnet" => version >= (5, 5),
            _ => false,
        };
        Self {
            adaptive: version >= (4, 6),
            budget: ((3, 7)..=(4, 6)).contains(&version),
            always_thinks: is_thinker || newest,
            sampling: version < (4, 7),
            prefill: version < (4, 6),
            forced_tools: !newest,
            system_turns: version >= (4, 8),
            xhigh: version >= (4, 7),
            max: version >= (4, 6),
            structured_outputs: true,
            max_output: max_output(family, version),
        }
    }

    /// What it can do where the host knows better than its name tells.
    pub(super) fn corrected(self, given: &format::ModelCaps) -> Self {
        let or = |given: Option<bool>, own| given.unwrap_or(own);
        Self {
            adaptive: or(given.adaptive_thinking, self.adaptive),
            budget: or(given.budget_thinking, self.budget),
            always_thinks: or(given.always_thinks, self.always_thinks),
            sampling: or(given.sampling, self.sampling),
            prefill: or(given.prefill, self.prefill),
            forced_tools: or(given.forced_tool_use, self.forced_tools),
            system_turns: or(given.mid_conversation_system, self.system_turns),
            xhigh: or(given.effort_xhigh, self.xhigh),
            max: or(given.effort_max, self.max),
            structured_outputs: or(given.structured_outputs, self.structured_outputs),
            max_output: given.max_output_tokens.or(self.max_output),
        }
    }

    /// The effort that comes nearest to `effort` from below.
    pub(super) fn effort(self, effort: Effort) -> Effort {
        match effort {
            Effort::None | Effort::Minimal => Effort::Low,
            Effort::Max if !self.max => self.effort(Effort::XHigh),
            Effort::XHigh if !self.xhigh => Effort::High,
            effort => effort,
        }
    }
}

/// Versions before 4.5 are from memory; the lower number where there was a choice.
fn max_output(family: &str, version: Version) -> Option<u64> {
    match (family, version) {
        ("opus" | "sonnet" | "haiku", (3, 0)) => Some(4_096),
        ("sonnet" | "haiku", (3, 5)) => Some(8_192),
        ("opus", (4, 0 | 1)) => Some(32_000),
        ("sonnet", (3, 7) | (4, 0)) | ("opus" | "sonnet" | "haiku", (4, 5)) => Some(64_000),
        ("opus", (4, 6..=8) | (5, 0 | 5))
        | ("sonnet", (4, 6) | (5, 0 | 5))
        | ("haiku", (5, 5))
        | ("fable" | "mythos", (5, 0 | 1)) => Some(128_000),
        _ => None,
    }
}

/// Finds them in names like `claude-opus-4-6`, `claude-3-7-sonnet-20250219`, `anthropic.claude-sonnet-4-5@20250929` and
/// `anthropic/claude-sonnet-4.5`.
fn family_and_version(model: &str) -> Option<(&str, Version)> {
    let (_, name) = model.split_once("claude-")?;
    let words = || name.split(['-', '.', '@', ':', '/']);
    let position = words().position(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()))?;
    let family = words().nth(position)?;
    let skipped = usize::from(position == 0);
    let mut numbers = words()
        .skip(skipped)
        .map_while(|word| word.parse().ok().filter(|_| word.len() <= 2));
    let major = numbers.next()?;
    Some((family, (major, numbers.next().unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_clouds_are_understood() {
        for (model, expected) in [
            ("claude-sonnet-4-5-20250929", Some(("sonnet", (4, 5)))),
            ("claude-sonnet-4-20250514", Some(("sonnet", (4, 0)))),
            ("claude-3-7-sonnet-20250219", Some(("sonnet", (3, 7)))),
            ("claude-3-opus-20240229", Some(("opus", (3, 0)))),
            ("us.anthropic.claude-opus-4-6-v1:0", Some(("opus", (4, 6)))),
            ("claude-opus-4-1@20250805", Some(("opus", (4, 1)))),
            ("anthropic/claude-haiku-4.5", Some(("haiku", (4, 5)))),
            ("claude-fable-5", Some(("fable", (5, 0)))),
            ("claude-instant", None),
            ("some-model", None),
        ] {
            assert_eq!(family_and_version(model), expected, "{model}");
        }
    }

    #[test]
    fn the_table_of_known_models() {
        // adaptive, budget, always thinks, sampling, prefill, forced tools, system turns, xhigh, max
        let row = |model: &str| {
            let caps = ModelCaps::of(model);
            [
                caps.adaptive,
                caps.budget,
                caps.always_thinks,
                caps.sampling,
                caps.prefill,
                caps.forced_tools,
                caps.system_turns,
                caps.xhigh,
                caps.max,
            ]
            .map(|yes| if yes { 'y' } else { '-' })
            .iter()
            .collect::<String>()
        };
        for (models, expected, max_output) in [
            (
                &["haiku-4-5", "sonnet-4-5", "opus-4-5"][..],
                "-y-yyy---",
                64_000,
            ),
            (&["opus-4-6", "sonnet-4-6"], "yy-y-y--y", 128_000),
            (&["opus-4-7"], "y----y-yy", 128_000),
            (
                &["opus-4-8", "opus-5", "sonnet-5", "haiku-5-5"],
                "y----yyyy",
                128_000,
            ),
            (&["fable-5", "mythos-5"], "y-y--yyyy", 128_000),
            (
                &["fable-5-1", "mythos-5-1", "opus-5-5", "sonnet-5-5"],
                "y-y---yyy",
                128_000,
            ),
        ] {
            for model in models {
                let model = format!("claude-{model}");
                assert_eq!(row(&model), expected, "{model}");
                assert_eq!(
                    ModelCaps::of(&model).max_output,
                    Some(max_output),
                    "{model}"
                );
            }
        }
    }

    #[test]
    fn an_unknown_model_goes_by_its_version_and_has_no_known_limit() {
        assert!(ModelCaps::of("claude-opus-6").adaptive);
        assert!(!ModelCaps::of("claude-opus-6").sampling);
        assert_eq!(ModelCaps::of("claude-opus-6").max_output, None);
        assert!(ModelCaps::of("my-model").sampling);
        assert_eq!(ModelCaps::of("my-model").max_output, None);
    }

    #[test]
    fn an_effort_that_is_missing_becomes_the_next_lower() {
        let effort = |model, effort| ModelCaps::of(model).effort(effort);
        assert_eq!(effort("claude-opus-4-6", Effort::XHigh), Effort::High);
        assert_eq!(effort("claude-opus-4-6", Effort::Max), Effort::Max);
        assert_eq!(effort("claude-opus-5", Effort::XHigh), Effort::XHigh);
        assert_eq!(effort("claude-opus-5", Effort::Minimal), Effort::Low);
    }
}
