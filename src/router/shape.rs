use std::sync::Arc;

use crate::{
    context::{Selected, Terms},
    format::{ApiFormat, Operation},
    plugin::{CallerPlugins, PluginLayer, Plugins},
    target::Target,
};

use super::{
    Facts, Legs, OutputModel, Rule, legs,
    sides::{self, Sides},
    table::{Entry, Inner, Places},
};

/// How a request is sent to a target.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) selected: Selected,
    /// Places of the rules that hold there, most specific first.
    pub(super) rules: Places,
    pub(super) caller_plugins: Option<CallerPlugins>,
    pub(super) plugins: Option<Plugins>,
}

impl Inner {
    /// Under these rules, as far as they mean the format that the target is spoken to.
    pub(super) fn shape(
        &self,
        facts: &Facts<'_>,
        target: &Arc<Target>,
        model: Option<Arc<str>>,
        mut rules: Places,
    ) -> Shape {
        let open = target.formats().is_empty() && facts.operation == Operation::Generate;
        let provider = if open {
            self.destination(facts.format, &rules)
        } else {
            target.format_for(facts.format)
        };
        self.retain(&mut rules, |entry| entry.takes(provider));
        let mut selected = Selected::new(Arc::clone(target), facts.format);
        selected.provider = provider;
        selected.operation = facts.operation;
        selected.stream = facts.stream;
        selected.terms = self.terms(&rules);
        if !facts.model.is_empty() {
            let kept = facts.asked.clone();
            selected.asked = Some(kept.unwrap_or_else(|| self.name(&facts.model)));
        }
        if let Some(model) = model {
            selected.model = Some(model);
        } else if facts.names_model_elsewhere() {
            selected.model = Some(facts.model.as_ref().into());
        }
        let (caller_plugins, plugins) = self.plugins(&rules, facts.format, provider);
        Shape {
            selected,
            rules,
            caller_plugins,
            plugins,
        }
    }

    /// A model's name to keep: the one that is there if somebody owns the model, or a rule or an alias names it.
    pub(super) fn name(&self, model: &str) -> Arc<str> {
        let owned = || Some(self.owners.get_key_value(model)?.0);
        let known = self.ways.exact_name(model).or_else(owned);
        let known = known.or_else(|| self.alias_names.exact_name(model));
        known.map_or_else(|| model.into(), Arc::clone)
    }

    pub(super) fn retain(&self, rules: &mut Places, holds: impl Fn(&Entry) -> bool) {
        rules.retain(|rule| self.rules.get(*rule).is_some_and(&holds));
    }

    /// The format that the rules choose for a target that leaves it open. Each rule has a say only if its own filter
    /// holds for what it makes of it.
    fn destination(&self, client: ApiFormat, rules: &[usize]) -> ApiFormat {
        let mut translators = Vec::new();
        for entry in self.entries(rules) {
            let before = translators.len();
            translators.extend(entry.rule.translators().map(|(_, translator)| translator));
            let ends = legs::destination(client, translators.iter().copied());
            if !entry.takes(ends) {
                translators.truncate(before);
            }
        }
        legs::destination(client, translators)
    }

    /// The plugins on the caller's side and on the provider's.
    fn plugins(
        &self,
        rules: &[usize],
        client: ApiFormat,
        provider: ApiFormat,
    ) -> (Option<CallerPlugins>, Option<Plugins>) {
        let mut entries = self.entries(rules);
        if client == provider || !entries.any(|entry| entry.has_plugin_before_translator) {
            return (None, self.merged(rules));
        }
        let rules = self.entries(rules).map(|entry| &entry.rule);
        let Sides {
            caller,
            provider: others,
        } = Sides::of(rules, client, provider);
        (
            sides::layers(&caller).map(CallerPlugins),
            sides::layers(&others).map(Plugins),
        )
    }

    /// What one rule says is shared; only what several say needs a place of its own.
    fn terms(&self, rules: &[usize]) -> Option<Arc<Terms>> {
        let entries = self.entries(rules);
        let mut said = entries.filter_map(|entry| entry.terms.as_ref());
        let first = said.next()?;
        let Some(second) = said.next() else {
            return Some(Arc::clone(first));
        };
        let all = [second].into_iter().chain(said);
        Some(Arc::new(
            all.fold((**first).clone(), |terms, others| terms.or(others)),
        ))
    }

    /// One rule's plugins are shared; only those of several need a list of their own.
    fn merged(&self, rules: &[usize]) -> Option<Plugins> {
        let mut lists = self
            .entries(rules)
            .filter_map(|entry| entry.plugins.as_ref());
        let first = lists.next()?;
        let Some(second) = lists.next() else {
            return Some(first.clone());
        };
        let lists = [first, second].into_iter().chain(lists);
        let layers: Vec<PluginLayer> = lists.flat_map(|list| list.0.iter().cloned()).collect();
        Some(Plugins(layers.into()))
    }
}

impl Shape {
    pub(super) fn rules<'a>(&self, inner: &'a Inner) -> impl Iterator<Item = &'a Rule> {
        inner.entries(&self.rules).map(|entry| &entry.rule)
    }

    /// The names of the plugins on the caller's side and on the provider's.
    pub(super) fn plugin_ids<'a>(
        &self,
        inner: &'a Inner,
    ) -> (Vec<&'a Arc<str>>, Vec<&'a Arc<str>>) {
        let (client, provider) = (self.selected.client(), self.selected.provider());
        let sides = Sides::of(self.rules(inner), client, provider);
        (sides::ids(&sides.caller), sides::ids(&sides.provider))
    }

    pub(super) fn legs(&self, inner: &Inner) -> Legs {
        let (client, provider) = (self.selected.client(), self.selected.provider());
        Legs::between(
            client,
            provider,
            self.rules(inner).flat_map(Rule::translators),
        )
    }
}

/// The name to send, if it is another than the caller's.
pub(super) fn renamed(model: OutputModel, facts: &Facts<'_>) -> Option<Arc<str>> {
    match model {
        OutputModel::Named(model) if *model != *facts.model => Some(model),
        _ => None,
    }
}
