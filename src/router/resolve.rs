use std::sync::Arc;

use crate::{format::ApiFormat, target::Target};

use super::{
    Facts, OutputModel, Rule,
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
}

impl Inner {
    /// The downstream for a request and the model name that it gets: by an alias, of those that own the model, or else
    /// by the most specific rule that names both.
    pub(super) fn route(&self, facts: &Facts<'_>, candidates: &[usize]) -> Option<Route> {
        if facts.model.is_empty() {
            return self.by_path(facts, candidates);
        }
        if let Some(group) = self.alias(&facts.model)
            && let Some((option, target)) = group.active()
        {
            return Some(Route {
                target,
                model: OutputModel::Named(Arc::clone(&option.model)),
                reason: Reason {
                    by: By::Alias(Arc::clone(group.alias.name())),
                    model_by: None,
                },
            });
        }
        match self.owners.get(&*facts.model) {
            Some(owners) => self.owned(facts, owners, candidates),
            None => self.routed(facts, candidates),
        }
    }

    /// The downstream for a request that names no model: of the most specific rule that names its path.
    fn by_path(&self, facts: &Facts<'_>, candidates: &[usize]) -> Option<Route> {
        candidates.iter().find_map(|rule| {
            let entry = self.rules.get(*rule)?;
            if entry.rule.path.is_any() {
                return None;
            }
            let mut set = entry.targets.iter().flatten();
            let target = set.find(|place| self.accepts(entry, facts.format, **place))?;
            Some(Route {
                target: *target,
                model: OutputModel::Requested,
                reason: Reason {
                    by: By::Path(*rule),
                    model_by: None,
                },
            })
        })
    }

    fn owned(&self, facts: &Facts<'_>, owners: &[usize], candidates: &[usize]) -> Option<Route> {
        let narrowed = self
            .entries(candidates)
            .enumerate()
            .find_map(|(at, entry)| {
                entry.targets.as_ref()?;
                let mut owners = owners.iter();
                let owner = owners.find(|owner| self.accepts(entry, facts.format, **owner))?;
                Some((*owner, candidates.get(..=at)?))
            });
        let rule = narrowed.and_then(|(_, deciding)| deciding.last().copied());
        let (target, deciding) = match narrowed {
            Some(narrowed) => narrowed,
            None => (*owners.first()?, candidates),
        };
        let (model_by, model) = self.output_model(facts.format, deciding, target).unzip();
        let by = By::Owner { rule };
        Some(Route {
            target,
            model: model.cloned().unwrap_or(OutputModel::Requested),
            reason: Reason { by, model_by },
        })
    }

    fn routed(&self, facts: &Facts<'_>, candidates: &[usize]) -> Option<Route> {
        let named = self.entries(candidates).enumerate();
        let mut named = named.filter(|(_, entry)| entry.rule.models.is_some());
        named.find_map(|(at, entry)| {
            let deciding = candidates.get(..=at)?;
            let set = entry.targets.iter().flatten();
            let mut accepted = set.filter(|place| self.accepts(entry, facts.format, **place));
            accepted.find_map(|place| {
                let model = self.output_model(facts.format, deciding, *place);
                let (model_by, model) = model.unzip();
                let model = model.cloned().or_else(|| only_model(self.target(*place)?));
                let by = By::Rule(*deciding.last()?);
                model.map(|model| Route {
                    target: *place,
                    model,
                    reason: Reason { by, model_by },
                })
            })
        })
    }

    /// What the rules say of the model name to send, and the place of the one that does. Rules less specific than the one that routes have no say.
    fn output_model(
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
    fn accepts(&self, entry: &Entry, client: ApiFormat, place: usize) -> bool {
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
