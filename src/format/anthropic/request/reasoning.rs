//! How hard the model shall think, and how.

use crate::{
    format::anthropic::caps::ModelCaps,
    ir::{Display, Effort, Error, Losses, Request, Role, Thinking},
    json::Object,
};

use super::{
    media,
    turns::{self, Block},
};

/// Fewest tokens to think with.
const LEAST: u64 = 1024;

/// What is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) thinking: Option<Thinking>,
    pub(super) display: Option<Display>,
    pub(super) effort: Option<Effort>,
}

impl Plan {
    /// Whether the model is told to think.
    pub(super) fn thinks(&self) -> bool {
        matches!(
            self.thinking,
            Some(Thinking::Adaptive | Thinking::Budget(_))
        )
    }

    /// Whether it thinks with a budget of tokens, which goes with few other things.
    pub(super) fn has_budget(&self) -> bool {
        matches!(self.thinking, Some(Thinking::Budget(_)))
    }

    pub(super) fn write_thinking(&self, o: &mut Object<'_>) {
        let Some(thinking) = self.thinking else {
            return;
        };
        o.object("thinking", |o| {
            match thinking {
                Thinking::Adaptive => o.field("type", "adaptive"),
                Thinking::Budget(budget) => {
                    o.field("type", "enabled");
                    o.field("budget_tokens", budget);
                }
                Thinking::Disabled => o.field("type", "disabled"),
                Thinking::BetweenTools => o.field("type", "between_tools"),
            }
            o.optional(
                "display",
                self.display.map(|display| match display {
                    Display::Summarized => "summarized",
                    Display::Omitted => "omitted",
                }),
            );
        });
    }
}

/// Decides what is sent. `max_tokens` is what the whole answer may have.
pub(super) fn plan(
    request: &Request<'_>,
    caps: ModelCaps,
    max_tokens: u64,
    blocks: &[Block<'_, '_>],
    losses: &mut Losses,
) -> Result<Plan, Error> {
    if media::is_own(request.format) {
        return Ok(Plan {
            thinking: request.thinking,
            display: request.display,
            effort: request.effort,
        });
    }
    let name = match request.effort {
        Some(_) => request.names.effort,
        None => request.names.thinking,
    };
    let effort = match (request.thinking, request.effort) {
        (Some(Thinking::Disabled | Thinking::BetweenTools), _) => Some(Effort::None),
        (Some(Thinking::Budget(budget)), None) if !caps.budget || caps.adaptive => {
            Some(effort_of(budget))
        }
        (_, effort) => effort,
    };
    match (effort, request.thinking) {
        (None, None) => Ok(Plan::default()),
        (Some(Effort::None), _) => none(caps, name, losses),
        (effort, _) if caps.adaptive => adaptive(request, caps, effort, name, losses),
        _ if !caps.budget => {
            losses.dropped(name, "the model does not think")?;
            Ok(Plan::default())
        }
        (None, Some(Thinking::Budget(budget))) => {
            with_budget(budget, name, max_tokens, blocks, losses)
        }
        (effort, _) => {
            let budget = budget_of(effort.unwrap_or(Effort::Medium));
            with_budget(budget, name, max_tokens, blocks, losses)
        }
    }
}

/// Left out, a model that decides itself might think; told so, one that always thinks refuses.
fn none(caps: ModelCaps, name: &'static str, losses: &mut Losses) -> Result<Plan, Error> {
    if caps.always_thinks {
        losses.dropped(name, "the model can't be kept from thinking")?;
    }
    Ok(Plan {
        thinking: (caps.adaptive && !caps.always_thinks).then_some(Thinking::Disabled),
        ..Plan::default()
    })
}

fn adaptive(
    request: &Request<'_>,
    caps: ModelCaps,
    effort: Option<Effort>,
    name: &'static str,
    losses: &mut Losses,
) -> Result<Plan, Error> {
    let sent = effort.map(|effort| caps.effort(effort));
    if sent < effort {
        losses.emulated(
            name,
            "the model lacks this effort; the next lower one is sent",
        )?;
    }
    Ok(Plan {
        thinking: Some(Thinking::Adaptive),
        // Left out, newer models show blank thoughts.
        display: request.display.or(Some(Display::Summarized)),
        effort: sent,
    })
}

fn with_budget(
    budget: u64,
    name: &'static str,
    max_tokens: u64,
    blocks: &[Block<'_, '_>],
    losses: &mut Losses,
) -> Result<Plan, Error> {
    if max_tokens <= LEAST {
        losses.dropped(name, "the token limit leaves no room to think")?;
        return Ok(Plan::default());
    }
    if lacks_thoughts(blocks) {
        losses.dropped(
            name,
            "the last tool call has no thought that the provider signed",
        )?;
        return Ok(Plan::default());
    }
    let budget = budget.max(LEAST).min(max_tokens - 1);
    Ok(Plan {
        thinking: Some(Thinking::Budget(budget)),
        ..Plan::default()
    })
}

/// With a budget the API insists on a thought before the calls of the last turn, unless it can see that thoughts
/// were left out.
fn lacks_thoughts(blocks: &[Block<'_, '_>]) -> bool {
    let by_assistant = |block: &&Block<'_, '_>| block.role == Role::Assistant;
    let last = turns::messages(blocks)
        .rev()
        .find(|message| message.first().as_ref().is_some_and(by_assistant));
    last.is_some_and(|last| last.iter().any(Block::is_call))
        && !blocks.iter().filter(by_assistant).any(Block::is_reasoning)
}

/// Source: litellm 1.109.1.
fn budget_of(effort: Effort) -> u64 {
    match effort {
        Effort::None | Effort::Minimal | Effort::Low => LEAST,
        Effort::Medium => 2048,
        Effort::High => 4096,
        Effort::XHigh => 8192,
        Effort::Max => 16_384,
    }
}

/// Source: litellm 1.109.1.
fn effort_of(budget: u64) -> Effort {
    match budget {
        4096.. => Effort::High,
        2048.. => Effort::Medium,
        1024.. => Effort::Low,
        _ => Effort::Minimal,
    }
}
