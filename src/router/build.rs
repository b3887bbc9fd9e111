use std::{collections::HashMap, sync::Arc};

use crate::{
    context::Terms,
    plugin::{PluginLayer, Plugins},
    target::Target,
};

use super::{
    Alias, Experiments, Problem, Rule, Step,
    alias::{AliasOption, Group, Names},
    index::Index,
    named::NamedPaths,
    names::ByName,
    shadow::Lane,
    table::{Entry, Inner, Way},
    trial::Trials,
};

impl Inner {
    /// Of what has been checked.
    pub(super) fn new(
        targets: Vec<Target>,
        rules: Vec<Rule>,
        aliases: Vec<Alias>,
        experiments: &Experiments,
        lints: Vec<Problem>,
    ) -> Self {
        let (places, enabled) = (places(&targets), enabled(&targets));
        let mut trials = Trials::new(experiments);
        let in_rules = rules.iter().map(|rule| {
            let split = rule.split().filter(|_| rule.enabled)?;
            trials.add(experiments, (rule.experiment()?, split), &enabled)
        });
        let in_rules: Vec<_> = in_rules.collect();
        let aliases = aliases.into_iter().filter_map(|alias| {
            let split = alias.experiment().zip(alias.split());
            let trial = split.and_then(|split| trials.add(experiments, split, &enabled));
            group(alias, trial, &enabled)
        });
        let aliases: Vec<Group> = aliases.collect();
        Self {
            alias_names: Names::new(aliases.iter().map(|group| &group.alias)),
            aliases,
            owners: owners(&targets),
            paths: NamedPaths::new(&rules),
            ways: ways(&rules),
            rules: rules
                .into_iter()
                .zip(in_rules)
                .map(|(rule, trial)| Entry::new(rule, trial, &places, &enabled))
                .collect(),
            trials,
            override_key: experiments.override_key.clone(),
            targets: targets.into_iter().map(Arc::new).collect(),
            lints,
        }
    }
}

impl Entry {
    fn new(
        rule: Rule,
        trial: Option<usize>,
        places: &HashMap<Arc<str>, usize>,
        enabled: &HashMap<Arc<str>, usize>,
    ) -> Self {
        let targets = rule.leads().map(|ids| {
            let targets = ids.into_iter().filter_map(|id| enabled.get(id).copied());
            let mut targets: Vec<usize> = targets.collect();
            targets.sort_unstable();
            targets.dedup();
            targets
        });
        let fallbacks = rule.fallbacks.as_ref().map(|fallbacks| {
            let with_places = fallbacks.iter().filter_map(|fallback| {
                let place = places.get(&fallback.downstream)?;
                Some((*place, fallback.clone()))
            });
            with_places.collect()
        });
        let shadow = rule.shadow.as_ref().and_then(|shadow| {
            let place = places.get(&shadow.downstream)?;
            Some((*place, Arc::new(Lane::new(shadow.max_in_flight))))
        });
        let layers = rule.pipeline.iter().filter_map(|step| match step {
            Step::Plugin { layer, .. } => Some(layer.clone()),
            Step::Translator { .. } => None,
        });
        let layers: Vec<PluginLayer> = layers.collect();
        let terms = Terms {
            losses: rule.losses,
            timeouts: rule.timeouts,
            retry: rule.retry.clone(),
        };
        Self {
            targets,
            trial,
            fallbacks,
            shadow,
            plugins: (!layers.is_empty()).then(|| Plugins(layers.into())),
            terms: (terms != Terms::default()).then(|| Arc::new(terms)),
            has_plugin_before_translator: has_plugin_before_translator(&rule),
            rule,
        }
    }
}

/// The places of the targets by id.
fn places(targets: &[Target]) -> HashMap<Arc<str>, usize> {
    let ids = targets.iter().map(|target| Arc::clone(target.id()));
    ids.zip(0..).collect()
}

/// The same of the enabled ones.
fn enabled(targets: &[Target]) -> HashMap<Arc<str>, usize> {
    let all = targets.iter().enumerate();
    let enabled = all.filter(|(_, target)| target.enabled());
    enabled
        .map(|(place, target)| (Arc::clone(target.id()), place))
        .collect()
}

fn has_plugin_before_translator(rule: &Rule) -> bool {
    let is_plugin = |step: &Step| matches!(step, Step::Plugin { .. });
    let from_first = rule.pipeline.iter().skip_while(|step| !is_plugin(step));
    from_first.into_iter().any(|step| !is_plugin(step))
}

/// The enabled targets that list each model, in the order of declaration. `*` is no model.
pub(super) fn owners(targets: &[Target]) -> ByName<Arc<str>, Vec<usize>> {
    let mut owners: ByName<Arc<str>, Vec<usize>> = ByName::default();
    let enabled = targets.iter().enumerate();
    for (place, target) in enabled.filter(|(_, target)| target.enabled()) {
        for model in target.models().iter().filter(|model| &***model != "*") {
            let places = owners.entry(Arc::clone(model)).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
    }
    owners
}

/// An alias without the options that lead to a target which is off; `None` if there are no others, and no experiment.
fn group(
    mut alias: Alias,
    trial: Option<usize>,
    enabled: &HashMap<Arc<str>, usize>,
) -> Option<Group> {
    let place = |option: &AliasOption| enabled.get(&option.downstream).copied();
    alias.options.retain(|option| place(option).is_some());
    let places: Vec<usize> = alias.options.iter().filter_map(place).collect();
    let leads = !places.is_empty() || trial.is_some();
    leads.then(|| Group::new(alias, places, trial))
}

fn ways(rules: &[Rule]) -> Index<Index<Vec<Way>>> {
    let mut ways = Index::<Index<Vec<Way>>>::default();
    for (place, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
        let paths = rule.path.keys();
        for (specificity, model) in rule.patterns() {
            for key in model.keys() {
                let by_path = ways.entry(key);
                for path in &paths {
                    by_path.entry(path.clone()).push(Way {
                        specificity,
                        model: model.clone(),
                        rule: place,
                    });
                }
            }
        }
    }
    ways
}
