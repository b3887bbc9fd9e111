//! How to choose among likely tokens.
//!
//! Source: the migration guide for 2026-10-21; litellm 1.109.1 for what goes with what.

use crate::{
    format::{AnthropicVersion, Dialect, anthropic::caps::ModelCaps},
    ir::{Error, Losses, Request},
    json::{Number, Object, Raw},
};

use super::{media, reasoning::Plan};

const NO_SAMPLING: &str = "the model takes no sampling parameters";
const NOT_THIS_VERSION: &str = "this version of the API takes no sampling parameters";
const WHILE_THINKING: &str = "the model doesn't take it while it thinks";
const NOT_BOTH: &str = "the target takes the temperature or this, not both";

/// Smallest nucleus that a model takes while it thinks. From memory of the page about extended thinking; more than is
/// needed would only be a smaller loss.
const THINKING_TOP_P: f64 = 0.95;

/// Writes what the caller set, as far as the model and the version of the API take it.
pub(super) fn write(
    request: &Request<'_>,
    caps: ModelCaps,
    dialect: &Dialect,
    plan: Plan,
    losses: &mut Losses,
    o: &mut Object<'_>,
) -> Result<(), Error> {
    let given = &request.sampling;
    if media::is_own(request.format) {
        o.optional("temperature", given.temperature);
        o.optional("top_p", given.top_p);
        o.optional("top_k", given.top_k);
        return Ok(());
    }
    let names = &request.names;
    let thinks = plan.thinks();
    let refused = if dialect.anthropic_version == AnthropicVersion::V2023_06_01 {
        (!caps.sampling).then_some(NO_SAMPLING)
    } else {
        Some(NOT_THIS_VERSION)
    };
    if let Some(value) = given.temperature {
        if let Some(reason) = refused {
            lose(names.temperature, value, reason, losses)?;
        } else if thinks && !is_default(value) {
            losses.dropped(names.temperature, WHILE_THINKING)?;
        } else if value.as_f64() > 1.0 {
            o.optional("temperature", Raw::new("1.0").ok());
            losses.emulated(names.temperature, "the target takes 1.0 at most")?;
        } else {
            o.field("temperature", value);
        }
    }
    if let Some(value) = given.top_p {
        if let Some(reason) = refused {
            lose(names.top_p, value, reason, losses)?;
        } else if given.temperature.is_some() {
            lose(names.top_p, value, NOT_BOTH, losses)?;
        } else if thinks && value.as_f64() < THINKING_TOP_P {
            losses.dropped(names.top_p, WHILE_THINKING)?;
        } else {
            o.field("top_p", value);
        }
    }
    match (given.top_k, refused) {
        (Some(_), Some(reason)) => losses.dropped(names.top_k, reason),
        (Some(_), None) if thinks => losses.dropped(names.top_k, WHILE_THINKING),
        (top_k, _) => {
            o.optional("top_k", top_k);
            Ok(())
        }
    }
}

/// Leaves a value out, without a word if it is what the model does anyway.
fn lose(
    name: &'static str,
    value: Number<'_>,
    reason: &'static str,
    losses: &mut Losses,
) -> Result<(), Error> {
    if is_default(value) {
        return Ok(());
    }
    losses.dropped(name, reason)
}

fn is_default(value: Number<'_>) -> bool {
    (value.as_f64() - 1.0).abs() < f64::EPSILON
}
