use std::sync::Arc;

use crate::{
    context::Selected,
    experiment::Assignment,
    failover::{Alternative, Fallbacks},
    plugin::{CallerPlugins, Plugins},
};

use super::{
    Copied, Facts, Legs, Rule, Table,
    chain::Link,
    resolve::Route,
    shape::{Shape, renamed},
    table::{Places, Ranking},
};

/// Where a request goes, and what happens to it on the way.
#[derive(Debug, Clone)]
pub struct Decision {
    table: Table,
    reason: Reason,
    shape: Shape,
    fallbacks: Option<Fallbacks>,
    // These are rare, and large.
    copied: Option<Box<Copied>>,
    assignment: Option<Box<Assignment>>,
}

/// Who says where a request goes, and under which name. Noted for those who ask later.
#[derive(Debug, Clone)]
pub(super) struct Reason {
    pub(super) by: By,
    /// Place of the rule that says the name to send, if it is a rule that does.
    pub(super) model_by: Option<usize>,
}

/// What leads to a downstream.
#[derive(Debug, Clone)]
pub(super) enum By {
    /// The alias of this name.
    Alias(Arc<str>),
    /// That it has the model. The rule at this place chose it among those that do.
    Owner { rule: Option<usize> },
    /// The rule at this place.
    Rule(usize),
    /// The rule at this place, which names the path; the request names no model.
    Path(usize),
}

impl By {
    /// The alias that decided.
    fn alias(&self) -> Option<&Arc<str>> {
        match self {
            Self::Alias(name) => Some(name),
            Self::Owner { .. } | Self::Rule(_) | Self::Path(_) => None,
        }
    }
}

impl Decision {
    // In its one caller, for it is large.
    #[inline]
    pub(super) fn new(
        table: &Table,
        facts: &Facts<'_>,
        (candidates, ranking): (Places, &mut Ranking),
        Route {
            target: place,
            model,
            reason,
            assignment,
        }: Route,
    ) -> Self {
        let inner = table.inner();
        let model = renamed(model, facts);
        // A rule may also mean an alias, or the model that the provider sees.
        let alias = reason.by.alias();
        let mut rules = if alias.is_none() && model.is_none() {
            candidates
        } else {
            let others = alias.into_iter().chain(&model).map(|name| &**name);
            inner.candidates(facts, others, ranking)
        };
        inner.retain(&mut rules, |entry| entry.leads_to(place));
        let target = inner
            .target(place)
            .expect("a route leads to a target of its table");
        // It is built where it stays: there is a lot to move.
        let mut decision = Self {
            table: table.clone(),
            shape: inner.shape(facts, target, model, rules),
            reason,
            fallbacks: None,
            copied: None,
            assignment: assignment.map(Box::new),
        };
        let (shape, alias) = (&decision.shape, decision.reason.by.alias());
        let fallbacks = fallbacks(inner.chain(facts, shape, alias));
        let copied = inner.copied(facts, shape, alias);
        decision.fallbacks = fallbacks;
        decision.copied = copied.map(Box::new);
        decision
    }

    /// The downstream, the formats, and the model name to send.
    pub fn selected(&self) -> &Selected {
        &self.shape.selected
    }

    /// The arm of an experiment that it got; `None` if it is in none. It stays the same whoever serves it in the end.
    pub fn assignment(&self) -> Option<&Assignment> {
        self.assignment.as_deref()
    }

    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    pub(super) fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The rules that match, most specific first.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.shape.rules(self.table.inner())
    }

    /// The plugins of those rules that run on the provider's side of the translation, in their order; `None` if there are
    /// none.
    pub fn plugins(&self) -> Option<&Plugins> {
        self.shape.plugins.as_ref()
    }

    /// Those that run on the caller's side, because their rule names a translator of the request behind them.
    pub fn caller_plugins(&self) -> Option<&CallerPlugins> {
        self.shape.caller_plugins.as_ref()
    }

    /// The names of the plugins on the caller's side and on the provider's, each in the order in which a request meets
    /// them.
    pub fn plugin_ids(&self) -> (Vec<&Arc<str>>, Vec<&Arc<str>>) {
        self.shape.plugin_ids(self.table.inner())
    }

    /// What is converted on the way there and back, and who asked for it.
    pub fn legs(&self) -> Legs {
        self.shape.legs(self.table.inner())
    }

    /// Where it goes if that fails, best first: the fallbacks of the most specific of those rules that has some. The
    /// downstream that is asked first is not among them, but under another model name, and none is there twice under
    /// the same. Those that can't be asked this are left out; [`Table::explain`] says why.
    pub fn alternatives(&self) -> &[Alternative] {
        let fallbacks = self.fallbacks();
        fallbacks.map_or(&[], |fallbacks| &fallbacks.0)
    }

    pub(super) fn fallbacks(&self) -> Option<&Fallbacks> {
        self.fallbacks.as_ref()
    }

    /// Where a copy of it goes, if it is one that can be copied: as the most specific of those rules says that has a
    /// [`Shadow`](super::Shadow). Never where the request itself goes, under the same model name.
    pub fn copied(&self) -> Option<&Copied> {
        self.copied.as_deref()
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The fallbacks, also those that are left out.
    pub(super) fn chain(&self, facts: &Facts<'_>) -> Vec<Link<'_>> {
        let inner = self.table.inner();
        inner.chain(facts, &self.shape, self.reason.by.alias())
    }
}

/// Those of them that can be asked.
fn fallbacks(chain: Vec<Link<'_>>) -> Option<Fallbacks> {
    if chain.is_empty() {
        return None;
    }
    let shapes = chain.into_iter().filter_map(|link| link.outcome.ok());
    let alternatives: Arc<[Alternative]> = shapes.map(Alternative::from).collect();
    (!alternatives.is_empty()).then_some(Fallbacks(alternatives))
}
