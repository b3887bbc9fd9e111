//! What Messages checks in the fields that depend on model and version.

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::fault::Fault;

/// What not every model can do.
#[derive(Clone, Copy, PartialEq)]
enum Ability {
    Adaptive,
    /// `thinking.type: enabled` with a budget.
    Manual,
    /// `temperature`, `top_p` and `top_k`.
    Sampling,
    /// An assistant message at the end.
    Prefill,
    /// `role: system` among the messages.
    SystemTurns,
}

use Ability::{Adaptive, Manual, Prefill, Sampling, SystemTurns};

/// A model, the most tokens it answers with, and what it can do.
struct Model(&'static str, u64, &'static [Ability]);

const MODELS: &[Model] = &[
    Model(
        "claude-sonnet-4-20250514",
        64_000,
        &[Manual, Sampling, Prefill],
    ),
    Model(
        "claude-haiku-4-5-20251001",
        64_000,
        &[Manual, Sampling, Prefill],
    ),
    Model("claude-sonnet-4-6", 128_000, &[Adaptive, Manual, Sampling]),
    Model("claude-opus-4-8", 128_000, &[Adaptive, SystemTurns]),
];

impl Model {
    fn can(&self, ability: Ability) -> bool {
        self.2.contains(&ability)
    }
}

const SAMPLING: &[(&str, f64, f64)] = &[
    ("temperature", 0.0, 1.0),
    ("top_p", 0.0, 1.0),
    ("top_k", 0.0, 500.0),
];

/// Checks the model, and what its abilities allow.
pub fn check(headers: &HeaderMap, body: &Value) -> Result<(), Fault> {
    let name = body["model"].as_str().unwrap_or_default();
    let Some(model) = MODELS.iter().find(|model| model.0 == name) else {
        let message = format!("model: {name}");
        return Err(Fault::new(
            StatusCode::NOT_FOUND,
            "not_found_error",
            message,
        ));
    };
    let max_tokens = check_max_tokens(body, model)?;
    let is_new = headers
        .get("anthropic-version")
        .is_some_and(|version| version == "2026-10-21");
    check_sampling(body, model.can(Sampling) && !is_new)?;
    check_thinking(body, model, max_tokens)?;
    check_turns(body, model)
}

fn check_max_tokens(body: &Value, model: &Model) -> Result<u64, Fault> {
    let limit = model.1;
    match body["max_tokens"].as_u64() {
        None | Some(0) => Err(Fault::invalid(
            "max_tokens: Input should be greater than or equal to 1",
        )),
        Some(count) if count > limit => Err(Fault::invalid(format!(
            "max_tokens: {count} > {limit}, which is the maximum allowed number of output tokens \
             for {}",
            model.0
        ))),
        Some(count) => Ok(count),
    }
}

fn check_sampling(body: &Value, allowed: bool) -> Result<(), Fault> {
    for (field, least, most) in SAMPLING {
        let Some(value) = body[*field].as_f64() else {
            continue;
        };
        if !allowed {
            let message = format!("{field}: this parameter is not supported by this model");
            return Err(Fault::invalid(message));
        }
        if value < *least || value > *most {
            let message = format!("{field}: range: {least}..{most}");
            return Err(Fault::invalid(message));
        }
    }
    Ok(())
}

fn check_thinking(body: &Value, model: &Model, max_tokens: u64) -> Result<(), Fault> {
    let thinking = &body["thinking"];
    let unsupported = |what: &str| {
        Err(Fault::invalid(format!(
            "{what} not supported on this model"
        )))
    };
    if !body["output_config"]["effort"].is_null() && !model.can(Adaptive) {
        return unsupported("output_config.effort:");
    }
    match thinking["type"].as_str() {
        None if thinking.is_null() => Ok(()),
        None => Err(Fault::invalid("thinking.type: Field required")),
        Some("disabled" | "between_tools") => Ok(()),
        Some("adaptive") if model.can(Adaptive) => Ok(()),
        Some("adaptive") => unsupported("adaptive thinking is"),
        Some("enabled") if model.can(Manual) => check_budget(body, max_tokens),
        Some("enabled") => unsupported("thinking.type.enabled is"),
        Some(other) => Err(Fault::invalid(format!(
            "thinking: Input tag '{other}' found using 'type' does not match any of the expected \
             tags: 'adaptive', 'between_tools', 'disabled', 'enabled'"
        ))),
    }
}

fn check_budget(body: &Value, max_tokens: u64) -> Result<(), Fault> {
    let budget = body["thinking"]["budget_tokens"].as_u64().unwrap_or(0);
    if budget < 1024 {
        let message =
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
        return Err(Fault::invalid(message));
    }
    if budget >= max_tokens {
        let message = "`max_tokens` must be greater than `thinking.budget_tokens`.";
        return Err(Fault::invalid(message));
    }
    if body["temperature"]
        .as_f64()
        .is_some_and(|value| value < 1.0)
    {
        let message = "`temperature` may only be set to 1 when thinking is enabled.";
        return Err(Fault::invalid(message));
    }
    if !body["top_k"].is_null() {
        return Err(Fault::invalid(
            "`top_k` must be unset when thinking is enabled.",
        ));
    }
    if matches!(body["tool_choice"]["type"].as_str(), Some("any" | "tool")) {
        let message = "Thinking may not be enabled when tool_choice forces tool use.";
        return Err(Fault::invalid(message));
    }
    Ok(())
}

fn check_turns(body: &Value, model: &Model) -> Result<(), Fault> {
    let messages = body["messages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let has_system = messages.iter().any(|message| message["role"] == "system");
    if has_system && !model.can(SystemTurns) {
        return Err(Fault::invalid(
            "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` \
             parameter, not \"system\" as an input message role.",
        ));
    }
    let is_prefilled = messages
        .last()
        .is_some_and(|message| message["role"] == "assistant");
    if is_prefilled && !model.can(Prefill) {
        return Err(Fault::invalid(
            "This model does not support assistant message prefill. The conversation must end \
             with a user message.",
        ));
    }
    Ok(())
}
