//! What a model can do, told by its name.

use crate::format::ModelCaps;

/// What a model can do.
///
/// Source: litellm 1.109.1, and the API's pages about thinking and thought signatures of 2026-11. A name without a
/// version goes by the oldest models that are still served: what only newer ones take would be refused by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "a table of what models can do has a column for each"
)]
pub(super) struct Caps {
    /// Thinks at a level.
    pub(super) levels: bool,
    /// Thinks up to a budget of tokens.
    pub(super) budgets: bool,
    /// Can't be kept from thinking, where that is known.
    pub(super) always_thinks: bool,
    /// Knows the level `MINIMAL`.
    pub(super) minimal: bool,
    /// Knows the level `XHIGH`.
    pub(super) xhigh: bool,
    /// The smallest budget that is one.
    pub(super) least_budget: u64,
    /// Takes and gives ids of function calls.
    pub(super) call_ids: bool,
    /// Wants its seals on function calls back.
    pub(super) signatures: bool,
    /// Takes images within a function's response.
    pub(super) media_in_results: bool,
}

/// A version such as 2.5, as major and minor.
type Version = (u8, u8);

impl Caps {
    /// What the model of this name can do, where the host doesn't know better.
    pub(super) fn of(model: &str, known: &ModelCaps) -> Self {
        let version = version(model).unwrap_or((2, 5));
        let newer = version >= (3, 0);
        let is_flash = model.contains("flash");
        Self {
            levels: known.adaptive_thinking.unwrap_or(newer),
            budgets: known.budget_thinking.unwrap_or(version >= (2, 5)),
            always_thinks: known.always_thinks.unwrap_or(false),
            minimal: is_flash,
            xhigh: known.effort_xhigh.unwrap_or(true),
            least_budget: match () {
                () if model.contains("flash-lite") => 512,
                () if is_flash => 1,
                () => 128,
            },
            call_ids: known.function_call_ids.unwrap_or(newer),
            signatures: known.thought_signatures.unwrap_or(newer),
            media_in_results: known.multimodal_tool_results.unwrap_or(newer),
        }
    }
}

/// Finds it in names like `gemini-2.5-flash`, `models/gemini-3-pro-preview` and `google/gemini-3.1-flash-lite`.
fn version(model: &str) -> Option<Version> {
    let (_, name) = model.split_once("gemini-")?;
    let number = name.split('-').next()?;
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(model: &str) -> Caps {
        Caps::of(model, &ModelCaps::default())
    }

    #[test]
    fn versions_are_found_in_names() {
        for (model, expected) in [
            ("gemini-2.5-flash", Some((2, 5))),
            ("models/gemini-3-pro-preview", Some((3, 0))),
            ("google/gemini-3.1-flash-lite-preview", Some((3, 1))),
            ("gemini-1.5-pro-002", Some((1, 5))),
            ("gemini-flash-latest", None),
            ("gemma-3-27b", None),
        ] {
            assert_eq!(version(model), expected, "{model}");
        }
    }

    #[test]
    fn the_third_generation_has_levels_ids_and_seals() {
        for model in ["gemini-3-pro-preview", "gemini-3.1-flash", "gemini-4-pro"] {
            let caps = of(model);
            let all = [
                caps.levels,
                caps.call_ids,
                caps.signatures,
                caps.media_in_results,
            ];
            assert_eq!(all, [true; 4], "{model}");
        }
        for model in ["gemini-2.5-pro", "gemini-2.0-flash", "my-tuned-model"] {
            let caps = of(model);
            let all = [
                caps.levels,
                caps.call_ids,
                caps.signatures,
                caps.media_in_results,
            ];
            assert_eq!(all, [false; 4], "{model}");
        }
    }

    #[test]
    fn older_models_do_not_think() {
        assert!(of("gemini-2.5-pro").budgets && !of("gemini-2.0-flash").budgets);
    }

    #[test]
    fn the_smallest_budget_goes_by_size() {
        for (model, least) in [
            ("gemini-2.5-flash-lite", 512),
            ("gemini-2.5-flash", 1),
            ("gemini-2.5-pro", 128),
        ] {
            assert_eq!(of(model).least_budget, least, "{model}");
        }
    }

    #[test]
    fn the_host_knows_better() {
        let known = ModelCaps {
            function_call_ids: Some(true),
            thought_signatures: Some(false),
            ..ModelCaps::default()
        };
        assert!(Caps::of("gemini-2.5-pro", &known).call_ids);
        assert!(!Caps::of("gemini-3-pro", &known).signatures);
    }
}
