use std::sync::Arc;

use crate::{experiment::Assignment, format::ApiFormat, target::Target};

use super::{
    Facts, OutputModel, Rule,
    alias::Group,
    decision::{By, Reason},
    legs,
    table::{Entry, Inner},
};

/// What a request resolves to.
pub(super) struct Route {
    /// Place of the target.
    pub(super) target: usize,
    /// The model name to send.
    pub(super) model: OutputModel,
    /// Who says so.
    pub(super) reason: Reason,
    /// The arm that was drawn, if it was an experiment that decided.
    pub(super) assignment: Option<Assignment>,
}

impl Route {
    fn new(target: usize, model: OutputModel, reason: Reason) -> Self {
        Self {
            target,
            model,
            reason,
            assignment: None,
        }
    }
}

impl Inner {
    /// The downstream for a request and the model name that it gets: by an alias, of those that own the model, or else
    /// by the most specific rule that names both.
    pub(super) fn route(&self, facts: &Facts<'_>, candidates: &[usize]) -> Option<Route> {
        if facts.model.is_empty() {
            return self.by_path(facts, candidates);
        }
        let alias = self.alias(&facts.model);
        if let Some(route) = alias.and_then(|group| self.aliased(facts, group)) {
            return Some(route);
        }
        match self.owners.get(&*facts.model) {
            Some(owners) => self.owned(facts, owners, candidates),
            None => self.routed(facts, candidates),
        }
    }

    fn aliased(&self, facts: &Facts<'_>, group: &Group) -> Option<Route> {
        let by = By::Alias(Arc::clone(group.alias.name()));
        if let Some(trial) = group.trial {
            return self.drawn_by_alias(facts, trial, by);
        }
        let (option, target) = group.active()?;
        let model = OutputModel::Named(Arc::clone(&option.model));
        let model_by = None;
        Some(Route::new(target, model, Reason { by, model_by }))
    }

    /// The downstream for a request that names no model: of the most specific rule that names its path.
    fn by_path(&self, facts: &Facts<'_>, candidates: &[usize]) -> Option<Route> {
        candidates.iter().enumerate().find_map(|(at, rule)| {
            let entry = self.rules.get(*rule)?;
            if entry.rule.path.is_any() {
                return None;
            }
            if entry.trial.is_some() {
                return self.drawn(facts, candidates.get(..=at)?, entry);
            }
            let mut set = entry.targets.iter().flatten();
            let target = set.find(|place| self.accepts(entry, facts.format, **place))?;
            let reason = Reason {
                by: By::Path(*rule),
                model_by: None,
            };
            Some(Route::new(*target, OutputModel::Requested, reason))
        })
    }

    fn owned(&self, facts: &Facts<'_>, owners: &[usize], candidates: &[usize]) -> Option<Route> {
        let narrowed = self
            .entries(candidates)
            .enumerate()
            .find_map(|(at, entry)| {
                let deciding = candidates.get(..=at)?;
                if entry.trial.is_some() {
                    return self.drawn(facts, deciding, entry);
                }
                entry.targets.as_ref()?;
                let mut owners = owners.iter();
                let owner = owners.find(|owner| self.accepts(entry, facts.format, **owner))?;
                Some(self.owner(facts, *owner, deciding.last().copied(), deciding))
            });
        let first = || Some(self.owner(facts, *owners.first()?, None, candidates));
        narrowed.or_else(first)
    }

    /// The route to an owner that this rule chose, if one did.
    fn owner(
        &self,
        facts: &Facts<'_>,
        target: usize,
        rule: Option<usize>,
        deciding: &[usize],
    ) -> Route {
        let (model_by, model) = self.output_model(facts.format, deciding, target).unzip();
        let model = model.cloned().unwrap_or(OutputModel::Requested);
        let by = By::Owner { rule };
        Route::new(target, model, Reason { by, model_by })
    }

    fn routed(&self, facts: &Facts<'_>, candidates: &[usize]) -> Option<Route> {
        let named = self.entries(candidates).enumerate();
        let mut named = named.filter(|(_, entry)| entry.rule.models.is_some());
        named.find_map(|(at, entry)| {
            let deciding = candidates.get(..=at)?;
            if entry.trial.is_some() {
                return self.drawn(facts, deciding, entry);
            }
            let set = entry.targets.iter().flatten();
            let mut accepted = set.filter(|place| self.accepts(entry, facts.format, **place));
            accepted.find_map(|place| {
                let model = self.output_model(facts.format, deciding, *place);
                let (model_by, model) = model.unzip();
                let model = model.cloned().or_else(|| only_model(self.target(*place)?));
                let by = By::Rule(*deciding.last()?);
                Some(Route::new(*place, model?, Reason { by, model_by }))
            })
        })
    }

    /// What the rules say of the model name to send, and the place of the one that does. Rules less specific than the one that routes have no say.
    pub(super) fn output_model(
        &self,
        client: ApiFormat,
        deciding: &[usize],
        target: usize,
    ) -> Option<(usize, &OutputModel)> {
        deciding.iter().find_map(|place| {
            let entry = self.rules.get(*place)?;
            let accepted = self.accepts(entry, client, target).then_some(entry)?;
            Some((*place, accepted.rule.output_model.as_ref()?))
        })
    }

    /// Whether a rule's filters let a request through to this target.
    pub(super) fn accepts(&self, entry: &Entry, client: ApiFormat, place: usize) -> bool {
        let provider = |target| provider_of(target, client, &entry.rule);
        let target = self.target(place).filter(|_| entry.leads_to(place));
        target.is_some_and(|target| entry.takes(provider(target)))
    }

    pub(super) fn target(&self, place: usize) -> Option<&Arc<Target>> {
        self.targets.get(place)
    }

    pub(super) fn entries(&self, places: &[usize]) -> impl Iterator<Item = &Entry> {
        places.iter().filter_map(|place| self.rules.get(*place))
    }
}

impl Entry {
    pub(super) fn leads_to(&self, target: usize) -> bool {
        let mut targets = self.targets.iter();
        targets.all(|targets| targets.binary_search(&target).is_ok())
    }

    /// Whether the rule means requests that the provider gets in this format.
    pub(super) fn takes(&self, provider: ApiFormat) -> bool {
        let formats = &self.rule.downstream_formats;
        formats.is_empty() || formats.contains(&provider)
    }
}

/// The format that a target is spoken to under this rule alone. One that doesn't say what it speaks gets what the
/// rule's translators make.
pub(super) fn provider_of(target: &Target, client: ApiFormat, rule: &Rule) -> ApiFormat {
    if target.formats().is_empty() {
        let translators = rule.translators().map(|(_, translator)| translator);
        return legs::destination(client, translators);
    }
    target.format_for(client)
}

/// The name that a rule without one sends to a downstream: of the only model there, or the caller's if any will do.
/// With several to choose from there is none, for that would be a guess.
pub(super) fn only_model(target: &Target) -> Option<OutputModel> {
    match target.models() {
        [] => Some(OutputModel::Requested),
        models if models.iter().any(|model| &**model == "*") => Some(OutputModel::Requested),
        [model] => Some(OutputModel::Named(Arc::clone(model))),
        _ => None,
    }
}
