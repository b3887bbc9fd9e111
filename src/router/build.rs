use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use crate::{
    format::ApiFormat,
    plugin::{PluginLayer, Plugins},
    target::Target,
};

use super::{
    Alias, Problem, Rule, Step,
    alias::{AliasOption, Group},
    table::{Entry, Inner, Way},
};

impl Inner {
    /// Of what has been checked.
    pub(super) fn new(
        targets: Vec<Target>,
        rules: Vec<Rule>,
        aliases: Vec<Alias>,
        lints: Vec<Problem>,
    ) -> Self {
        let (by_model, by_pattern) = ways(&rules);
        let aliases: Vec<Group> = aliases
            .into_iter()
            .filter_map(|alias| group(alias, &targets))
            .collect();
        let (by_alias, alias_patterns) = alias_names(&aliases);
        Self {
            aliases,
            by_alias,
            alias_patterns,
            owners: owners(&targets),
            paths: paths(&rules),
            rules: rules
                .into_iter()
                .map(|rule| Entry::new(rule, &targets))
                .collect(),
            targets: targets.into_iter().map(Arc::new).collect(),
            by_model,
            by_pattern,
            lints,
        }
    }
}

impl Entry {
    fn new(rule: Rule, targets: &[Target]) -> Self {
        let places = rule.downstreams.as_ref().map(|ids| {
            let named = targets.iter().enumerate();
            let named = named.filter(|(_, target)| target.enabled() && ids.contains(target.id()));
            named.map(|(place, _)| place).collect()
        });
        let layers = rule.pipeline.iter().filter_map(|step| match step {
            Step::Plugin { layer, .. } => Some(layer.clone()),
            Step::Translator { .. } => None,
        });
        let layers: Vec<PluginLayer> = layers.collect();
        Self {
            targets: places,
            plugins: (!layers.is_empty()).then(|| Plugins(layers.into())),
            rule,
        }
    }
}

/// The enabled targets that list each model, in the order of declaration. `*` is no model.
pub(super) fn owners(targets: &[Target]) -> HashMap<Arc<str>, Vec<usize>> {
    let mut owners: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
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

/// An alias without the options that lead to a target which is off; `None` if there are no others.
fn group(mut alias: Alias, targets: &[Target]) -> Option<Group> {
    let place = |option: &AliasOption| {
        let mut enabled = targets.iter();
        enabled.position(|target| target.enabled() && *target.id() == option.downstream)
    };
    alias.options.retain(|option| place(option).is_some());
    let places: Vec<usize> = alias.options.iter().filter_map(place).collect();
    (!places.is_empty()).then(|| Group::new(alias, places))
}

/// The places of aliases by name, and of those that are patterns. What is announced comes before what is exact.
fn alias_names(aliases: &[Group]) -> (HashMap<Arc<str>, usize>, Vec<usize>) {
    let (mut by_name, mut patterns) = (HashMap::new(), Vec::new());
    let all = || aliases.iter().map(|group| &group.alias).enumerate();
    for (place, alias) in all() {
        for name in &alias.announced {
            by_name.entry(Arc::clone(name)).or_insert(place);
        }
    }
    for (place, alias) in all() {
        match alias.pattern.as_exact() {
            Some(name) => _ = by_name.entry(Arc::clone(name)).or_insert(place),
            None => patterns.push(place),
        }
    }
    (by_name, patterns)
}

fn ways(rules: &[Rule]) -> (HashMap<Arc<str>, Vec<Way>>, Vec<Way>) {
    let (mut by_model, mut by_pattern) = (HashMap::<_, Vec<_>>::new(), Vec::new());
    for (place, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
        for (specificity, model) in rule.patterns() {
            let exact = model.as_exact().cloned();
            let way = Way {
                specificity,
                model,
                rule: place,
            };
            match exact {
                Some(name) => by_model.entry(name).or_default().push(way),
                None => by_pattern.push(way),
            }
        }
    }
    // Stable: between equals, what was declared first comes first.
    let sort = |ways: &mut Vec<Way>| ways.sort_by_key(|way| Reverse(way.specificity));
    by_model.values_mut().for_each(sort);
    sort(&mut by_pattern);
    (by_model, by_pattern)
}

fn paths(rules: &[Rule]) -> HashMap<Arc<str>, ApiFormat> {
    let mut paths = HashMap::new();
    for rule in rules.iter().filter(|rule| rule.enabled) {
        let Some(path) = rule.path.as_exact() else {
            continue;
        };
        let format = match rule.formats.as_slice() {
            [format] => *format,
            _ => ApiFormat::OPENAI,
        };
        paths.entry(Arc::clone(path)).or_insert(format);
    }
    paths
}
