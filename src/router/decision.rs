use std::sync::Arc;

use crate::{
    context::Selected,
    format::{ApiFormat, Operation},
    ir::LossPolicy,
    plugin::{CallerPlugins, PluginLayer, Plugins},
    policy::{Retry, Timeouts},
};

use super::{
    Facts, Legs, OutputModel, Rule, Table, legs,
    resolve::Route,
    sides::{self, Sides},
    table::{Entry, Inner},
};

/// Where a request goes, and what happens to it on the way.
#[derive(Debug, Clone)]
pub struct Decision {
    table: Table,
    selected: Selected,
    reason: Reason,
    rules: Vec<usize>,
    plugins: (Option<CallerPlugins>, Option<Plugins>),
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
    pub(super) fn new(
        table: &Table,
        facts: &Facts<'_>,
        candidates: Vec<usize>,
        Route {
            target: place,
            model,
            reason,
        }: Route,
    ) -> Self {
        let inner = table.inner();
        let model = match model {
            OutputModel::Named(model) if *model != *facts.model => Some(model),
            _ => None,
        };
        // A rule may also mean an alias, or the model that the provider sees.
        let others = reason.by.alias().into_iter().chain(&model);
        let others: Vec<&str> = others.map(|name| &**name).collect();
        let mut rules = match others.as_slice() {
            [] => candidates,
            others => inner.candidates(facts, others),
        };
        let retain = |rules: &mut Vec<usize>, holds: &dyn Fn(&Entry) -> bool| {
            rules.retain(|rule| inner.rules.get(*rule).is_some_and(holds));
        };
        retain(&mut rules, &|entry| entry.leads_to(place));
        let target = inner
            .target(place)
            .expect("a route leads to a target of its table");
        let provider = provider(inner, facts, target.formats().is_empty(), &rules)
            .unwrap_or_else(|| target.format_for(facts.format));
        retain(&mut rules, &|entry| entry.takes(provider));

        let (mut losses, mut timeouts, mut retry) =
            (LossPolicy::new(), Timeouts::new(), Retry::new());
        for entry in inner.entries(&rules) {
            losses = losses.or(entry.rule.losses);
            timeouts = timeouts.or(entry.rule.timeouts);
            retry = retry.or(&entry.rule.retry);
        }
        let mut selected = Selected::new(Arc::clone(target), facts.format)
            .with_provider(provider)
            .with_operation(facts.operation)
            .with_stream(facts.stream)
            .with_losses(losses)
            .with_timeouts(timeouts)
            .with_retry(retry);
        if let Some(model) = model {
            selected = selected.with_model(model);
        } else if facts.names_model_elsewhere() {
            selected = selected.with_model(&*facts.model);
        }
        Self {
            plugins: plugins(inner, &rules, facts.format, provider),
            table: table.clone(),
            selected,
            reason,
            rules,
        }
    }

    /// The downstream, the formats, and the model name to send.
    pub fn selected(&self) -> &Selected {
        &self.selected
    }

    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    pub(super) fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The rules that match, most specific first.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let entries = self.table.inner().entries(&self.rules);
        entries.map(|entry| &entry.rule)
    }

    /// The plugins of those rules that run on the provider's side of the translation, in their order; `None` if there are
    /// none.
    pub fn plugins(&self) -> Option<&Plugins> {
        self.plugins.1.as_ref()
    }

    /// Those that run on the caller's side, because their rule names a translator of the request behind them.
    pub fn caller_plugins(&self) -> Option<&CallerPlugins> {
        self.plugins.0.as_ref()
    }

    /// The names of the plugins on the caller's side and on the provider's, each in the order in which a request meets
    /// them.
    pub fn plugin_ids(&self) -> (Vec<&Arc<str>>, Vec<&Arc<str>>) {
        let (client, provider) = (self.selected.client(), self.selected.provider());
        let sides = Sides::of(self.rules(), client, provider);
        (sides::ids(&sides.caller), sides::ids(&sides.provider))
    }

    /// What is converted on the way there and back, and who asked for it.
    pub fn legs(&self) -> Legs {
        let translators = self.rules().flat_map(Rule::translators);
        Legs::between(
            self.selected.client(),
            self.selected.provider(),
            translators,
        )
    }
}

/// The format that the rules choose for a target that leaves it open. Each rule has a say only if its own filter
/// holds for what it makes of it.
fn provider(inner: &Inner, facts: &Facts<'_>, open: bool, rules: &[usize]) -> Option<ApiFormat> {
    if !open || facts.operation != Operation::Generate {
        return None;
    }
    let mut translators = Vec::new();
    for entry in inner.entries(rules) {
        let before = translators.len();
        translators.extend(entry.rule.translators().map(|(_, translator)| translator));
        let ends = legs::destination(facts.format, translators.iter().copied());
        if !entry.takes(ends) {
            translators.truncate(before);
        }
    }
    Some(legs::destination(facts.format, translators))
}

/// The plugins on the caller's side and on the provider's.
fn plugins(
    inner: &Inner,
    rules: &[usize],
    client: ApiFormat,
    provider: ApiFormat,
) -> (Option<CallerPlugins>, Option<Plugins>) {
    let mut entries = inner.entries(rules);
    if client == provider || !entries.any(|entry| entry.has_plugin_before_translator) {
        return (None, merge(inner, rules));
    }
    let rules = inner.entries(rules).map(|entry| &entry.rule);
    let Sides {
        caller,
        provider: others,
    } = Sides::of(rules, client, provider);
    (
        sides::layers(&caller).map(CallerPlugins),
        sides::layers(&others).map(Plugins),
    )
}

/// One rule's plugins are shared; only those of several need a list of their own.
fn merge(inner: &Inner, rules: &[usize]) -> Option<Plugins> {
    let mut lists = inner
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
