//! Which downstream a request goes to, and under which model name.

use super::{
    Alias, AliasOption, Config, Downstream, Output, Request, Rule,
    matching::{is_any, matches, matching},
};

/// How a request came to its downstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    Alias,
    /// Of several owners or one, a rule chose.
    Narrowed,
    FirstOwner,
    /// By a rule, with the pattern of its that is most specific.
    Exact,
    Glob,
    Regex,
    Any,
}

pub(super) struct Route<'a> {
    pub(super) downstream: &'a Downstream,
    pub(super) model: String,
    /// The name of the alias, if it was one.
    pub(super) group: Option<&'a str>,
    pub(super) origin: Origin,
}

pub(super) fn resolve<'a>(config: &'a Config, request: &Request) -> Option<Route<'a>> {
    if let Some((alias, option)) = alias_for(config, &request.model) {
        return Some(Route {
            downstream: config.downstream(&option.downstream)?,
            model: option.model.clone(),
            group: Some(&alias.name),
            origin: Origin::Alias,
        });
    }
    let rules = matching(config, &request.path, &[&request.model]);
    let owners = owners(config, &request.model);
    if owners.is_empty() {
        routed(config, request, &rules)
    } else {
        Some(owned(request, &rules, &owners))
    }
}

/// The alias that a model name means, with its active option: what is announced first, then what is exact, then regular
/// expressions.
pub(super) fn alias_for<'a>(
    config: &'a Config,
    model: &str,
) -> Option<(&'a Alias, &'a AliasOption)> {
    let announced = |alias: &Alias| alias.announced.iter().any(|name| name == model);
    let exact = |alias: &Alias| !alias.is_regex && alias.name == model;
    let regex = |alias: &Alias| alias.is_regex && matches(&format!("re:{}", alias.name), model);
    let tiers: [&dyn Fn(&Alias) -> bool; 3] = [&announced, &exact, &regex];
    for means in tiers {
        for alias in &config.aliases {
            if let Some(option) = active(config, alias)
                && means(alias)
            {
                return Some((alias, option));
            }
        }
    }
    None
}

/// The option that was activated, or else the first; what leads to a downstream that is off does not count.
fn active<'a>(config: &Config, alias: &'a Alias) -> Option<&'a AliasOption> {
    let on = |option: &&AliasOption| config.downstream(&option.downstream).is_some();
    let activated = alias.activated.map(|at| &alias.options[at]);
    activated
        .filter(on)
        .or_else(|| alias.options.iter().find(on))
}

pub(super) fn owners<'a>(config: &'a Config, model: &str) -> Vec<&'a Downstream> {
    let owns = |downstream: &&Downstream| downstream.enabled && downstream.lists(model);
    config.downstreams.iter().filter(owns).collect()
}

fn owned<'a>(request: &Request, rules: &[&Rule], owners: &[&'a Downstream]) -> Route<'a> {
    let to = |owner, rules, origin| Route {
        downstream: owner,
        model: said(rules, request, owner).unwrap_or_else(|| request.model.clone()),
        group: None,
        origin,
    };
    for (at, rule) in rules.iter().enumerate() {
        for owner in owners {
            if rule.downstreams.is_some() && rule.passes(request.format, owner) {
                return to(owner, &rules[..=at], Origin::Narrowed);
            }
        }
    }
    to(owners[0], rules, Origin::FirstOwner)
}

fn routed<'a>(config: &'a Config, request: &Request, rules: &[&Rule]) -> Option<Route<'a>> {
    for (at, rule) in rules.iter().enumerate() {
        // To say nothing of models is not to name one.
        let (Some(patterns), Some(_)) = (&rule.models, &rule.downstreams) else {
            continue;
        };
        for downstream in &config.downstreams {
            if !downstream.enabled || !rule.passes(request.format, downstream) {
                continue;
            }
            let said = said(&rules[..=at], request, downstream);
            if let Some(model) = said.or_else(|| name_for(downstream, &request.model)) {
                return Some(Route {
                    downstream,
                    model,
                    group: None,
                    origin: origin(patterns, &request.model),
                });
            }
        }
    }
    None
}

fn origin(patterns: &[String], model: &str) -> Origin {
    let of = |pattern: &String| {
        if is_any(pattern) {
            Origin::Any
        } else if pattern.starts_with("re:") {
            Origin::Regex
        } else if pattern.contains('*') {
            Origin::Glob
        } else {
            Origin::Exact
        }
    };
    let matching = patterns.iter().filter(|pattern| matches(pattern, model));
    matching.map(of).min().expect("the rule matches")
}

/// What the most specific of these rules says that has a say in the name to send. Those that are less specific than the
/// one that chose the downstream are not among them.
fn said(rules: &[&Rule], request: &Request, downstream: &Downstream) -> Option<String> {
    for rule in rules {
        if !rule.passes(request.format, downstream) {
            continue;
        }
        match &rule.output_model {
            None => {}
            Some(Output::Passthrough) => return Some(request.model.clone()),
            Some(Output::Named(name)) => return Some(name.clone()),
        }
    }
    None
}

/// The name to send where a rule routes. `None` if there are several, none of which was asked for.
fn name_for(downstream: &Downstream, requested: &str) -> Option<String> {
    if downstream.lists(requested) || downstream.takes_any_model() {
        return Some(requested.to_owned());
    }
    match downstream.models.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

impl Config {
    /// One that is on.
    pub(super) fn downstream(&self, id: &str) -> Option<&Downstream> {
        let on = |downstream: &&Downstream| downstream.enabled && downstream.id == id;
        self.downstreams.iter().find(on)
    }
}
