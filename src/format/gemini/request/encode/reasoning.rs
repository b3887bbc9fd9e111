//! How hard the model shall think.
//!
//! Source: litellm 1.109.1 for the numbers, google-genai 3.4.0 for the levels.

use crate::{
    format::common::parameters::effort_of,
    ir::{Display, Effort, Error, Request, Thinking},
    json::Object,
};

use super::Writer;

/// What is sent.
#[derive(Debug, Clone, Copy, Default)]
struct Plan {
    level: Option<Effort>,
    budget: Option<u64>,
    shown: Option<bool>,
}

impl Writer<'_> {
    /// Writes `thinkingConfig`: a level or a budget, never both.
    pub(super) fn thinking(
        &mut self,
        request: &Request<'_>,
        o: &mut Object<'_>,
    ) -> Result<(), Error> {
        let plan = self.plan(request)?;
        if plan.level.is_none() && plan.budget.is_none() && plan.shown.is_none() {
            return Ok(());
        }
        o.object("thinkingConfig", |o| {
            let level = plan.level.map(|level| level.as_str().to_ascii_uppercase());
            o.optional("thinkingLevel", level);
            o.optional("thinkingBudget", plan.budget);
            o.optional("includeThoughts", plan.shown);
        });
        Ok(())
    }

    fn plan(&mut self, request: &Request<'_>) -> Result<Plan, Error> {
        let effort = match request.thinking {
            Some(Thinking::Disabled) => Some(Effort::None),
            Some(Thinking::BetweenTools) => {
                let losses = &mut self.exchange.losses;
                losses.emulated(
                    self.names.thinking,
                    "the target can't think only between tools",
                )?;
                Some(Effort::None)
            }
            _ => request.effort,
        };
        let name = match request.effort {
            Some(_) => self.names.effort,
            None => self.names.thinking,
        };
        let thinks = request.thinking.is_some() || effort.is_some();
        if !thinks && request.display != Some(Display::Summarized) {
            return Ok(Plan::default());
        }
        if !self.caps.levels && !self.caps.budgets {
            if effort != Some(Effort::None) && thinks {
                let losses = &mut self.exchange.losses;
                losses.dropped(name, "the model does not think")?;
            }
            return Ok(Plan::default());
        }
        let shown = effort != Some(Effort::None) && request.display != Some(Display::Omitted);
        let mut plan = Plan {
            shown: Some(shown),
            ..Plan::default()
        };
        let budget = match (request.thinking, effort) {
            (Some(Thinking::Budget(budget)), None) => Some(budget),
            _ => None,
        };
        if self.caps.levels {
            let effort = effort.or(budget.map(effort_of));
            plan.level = effort.map(|effort| self.level(effort, name)).transpose()?;
        } else {
            plan.budget = budget.or(effort.map(|effort| self.budget(effort)));
        }
        Ok(plan)
    }

    /// The level that comes nearest to an effort. A model that thinks at levels can't be kept from it.
    fn level(&mut self, effort: Effort, name: &'static str) -> Result<Effort, Error> {
        let lowest = if self.caps.minimal {
            Effort::Minimal
        } else {
            Effort::Low
        };
        let level = match effort {
            Effort::None | Effort::Minimal => lowest,
            Effort::XHigh | Effort::Max if self.caps.xhigh => Effort::XHigh,
            Effort::XHigh | Effort::Max => Effort::High,
            effort => effort,
        };
        if level != effort {
            let losses = &mut self.exchange.losses;
            losses.emulated(name, "the model lacks this effort; the nearest one is sent")?;
        }
        Ok(level)
    }

    fn budget(&self, effort: Effort) -> u64 {
        match effort {
            Effort::None if self.caps.always_thinks => self.caps.least_budget,
            Effort::None => 0,
            Effort::Minimal => self.caps.least_budget,
            Effort::Low => 1024,
            Effort::Medium => 2048,
            Effort::High => 4096,
            Effort::XHigh => 8192,
            Effort::Max => 16_384,
        }
    }
}
