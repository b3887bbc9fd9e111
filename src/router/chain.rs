//! Where a request goes next, and how, if the target that was chosen for it fails.

use std::sync::Arc;

use crate::{failover::Alternative, ir, target::Target, translate::Outlook};

use super::{
    Facts, Fallback, OutputModel,
    shape::{Shape, renamed},
    table::{Entry, Inner, Ranking},
};

/// One of the fallbacks of the rule that says where a request goes next.
pub(super) struct Link<'a> {
    pub(super) target: &'a Arc<Target>,
    /// How it is sent there, or why it is not.
    pub(super) outcome: Result<Shape, Omission>,
}

/// Why a request does not go to a fallback.
#[derive(Debug)]
pub(super) enum Omission {
    /// Its downstream is switched off.
    Off,
    /// It is where the request goes first.
    First,
    /// It comes earlier among the fallbacks, under the same model name.
    Repeated,
    /// It has several models, none of which was asked for.
    NoName,
    /// It can't be asked this, or not by this caller.
    Refused(ir::Error),
}

impl Inner {
    /// The fallbacks of a decision. `alias` is the one that decided.
    pub(super) fn chain(
        &self,
        facts: &Facts<'_>,
        first: &Shape,
        alias: Option<&Arc<str>>,
    ) -> Vec<Link<'_>> {
        let entry = self.falls_back(first);
        let fallbacks = entry.and_then(|entry| entry.fallbacks.as_ref());
        let mut chain: Vec<Link<'_>> = Vec::new();
        for (place, fallback) in fallbacks.into_iter().flatten() {
            if let Some(target) = self.target(*place) {
                let outcome = self.link(facts, (first, alias), (*place, fallback), &chain);
                chain.push(Link { target, outcome });
            }
        }
        chain
    }

    /// The most specific of the rules that hold which says something of fallbacks: what it says counts alone.
    pub(super) fn falls_back(&self, first: &Shape) -> Option<&Entry> {
        let mut entries = self.entries(&first.rules);
        entries.find(|entry| entry.fallbacks.is_some())
    }

    pub(super) fn link(
        &self,
        facts: &Facts<'_>,
        (first, alias): (&Shape, Option<&Arc<str>>),
        (place, fallback): (usize, &Fallback),
        earlier: &[Link<'_>],
    ) -> Result<Shape, Omission> {
        let target = self.target(place).filter(|target| target.enabled());
        let target = target.ok_or(Omission::Off)?;
        let is_first = target.id() == first.selected.target().id();
        if is_first && fallback.output_model.is_none() {
            return Err(Omission::First);
        }
        let sent = first.sent();
        let model = if facts.model.is_empty() {
            OutputModel::Requested
        } else {
            let model = fallback.model(target, &facts.model, &sent);
            model.ok_or(Omission::NoName)?
        };
        let model = renamed(model, facts);
        let others = alias.into_iter().chain([&sent]).chain(&model);
        let names = [&*facts.model].into_iter();
        let names = names.chain(others.map(|name| &**name));
        let mut rules = self.candidates(facts, names, &mut Ranking::default());
        self.retain(&mut rules, |entry| {
            entry.leads_to(place) || entry.falls_back_to(place) || entry.copies_to(place)
        });
        let shape = self.shape(facts, target, model, rules);
        if is_first && shape.sent() == sent {
            return Err(Omission::First);
        }
        let mut earlier = earlier.iter().filter_map(|link| link.outcome.as_ref().ok());
        if earlier.any(|other| other.is_same(&shape)) {
            return Err(Omission::Repeated);
        }
        match Outlook::refusal(&shape.selected) {
            Some(error) => Err(Omission::Refused(error)),
            None => Ok(shape),
        }
    }
}

impl Entry {
    fn falls_back_to(&self, target: usize) -> bool {
        let mut fallbacks = self.fallbacks.iter().flatten();
        fallbacks.any(|(place, _)| *place == target)
    }

    fn copies_to(&self, target: usize) -> bool {
        self.shadow
            .as_ref()
            .is_some_and(|(place, _)| *place == target)
    }
}

impl Shape {
    /// The model name that is sent; empty if there is none.
    pub(super) fn sent(&self) -> Arc<str> {
        self.selected.model_sent().cloned().unwrap_or_default()
    }

    fn is_same(&self, other: &Self) -> bool {
        self.selected.target().id() == other.selected.target().id() && self.sent() == other.sent()
    }
}

impl From<Shape> for Alternative {
    fn from(shape: Shape) -> Self {
        Self {
            selected: shape.selected,
            caller_plugins: shape.caller_plugins,
            plugins: shape.plugins,
        }
    }
}
