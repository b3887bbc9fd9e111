//! Which configurations are refused.

use super::{
    Config, Downstream, FORMATS, Fallback, Format, Output, Rule, Step,
    matching::{is_any, matches},
    resolve::{alias_for, owners},
    shape::{Legs, translator_id},
};

/// Where callers of each format call.
const PATHS: [(&str, Format); 3] = [
    ("/v1/chat/completions", "openai"),
    ("/v1/responses", "openai_responses"),
    ("/v1/messages", "anthropic"),
];

/// What is wrong with a configuration: the rule, if it is one, and the downstream, translator or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// This downstream does not exist.
    Unknown(String),
    /// The rule would send every unknown model under the one name that the downstream has.
    RenamesAll([String; 2]),
    /// The rule does not say which of several names it means.
    NoName([String; 2]),
    /// The rule names a translator that can't be of use.
    Inert(String, String),
    /// The fallback at this place of the rule is one of an earlier kind, or where the rule leads anyway, or can't be told
    /// its model.
    Fallback(String, usize),
    /// Two aliases have it, or one announces it that does not match it, or though it means something else.
    Name(String),
}

pub(crate) fn refusals(config: &Config) -> Vec<Refusal> {
    let mut found = Vec::new();
    unknown(config, &mut found);
    aliases(config, &mut found);
    for rule in &config.rules {
        for (at, fallback) in rule.fallbacks.iter().flatten().enumerate() {
            if is_wrong(config, rule, at, fallback) {
                found.push(Refusal::Fallback(rule.id.clone(), at));
            }
        }
    }
    for rule in config.rules.iter().filter(|rule| rule.enabled) {
        names(config, rule, &mut found);
        inert(config, rule, &mut found);
    }
    found
}

fn unknown(config: &Config, found: &mut Vec<Refusal>) {
    let in_rules = config
        .rules
        .iter()
        .flat_map(|rule| rule.downstreams.iter().flatten());
    let options = config.aliases.iter().flat_map(|alias| &alias.options);
    for id in in_rules.chain(options.map(|option| &option.downstream)) {
        if !config
            .downstreams
            .iter()
            .any(|downstream| downstream.id == *id)
        {
            found.push(Refusal::Unknown(id.clone()));
        }
    }
}

fn aliases(config: &Config, found: &mut Vec<Refusal>) {
    let mut seen: Vec<&String> = Vec::new();
    for alias in &config.aliases {
        if seen.contains(&&alias.name) {
            found.push(Refusal::Name(alias.name.clone()));
        }
        seen.push(&alias.name);
    }
    for alias in &config.aliases {
        for name in &alias.announced {
            let matched = alias.is_regex && matches(&format!("re:{}", alias.name), name);
            if !matched || !owners(config, name).is_empty() || seen.contains(&name) {
                found.push(Refusal::Name(name.clone()));
            }
            seen.push(name);
        }
    }
}

/// The downstreams that a rule names or could be about, also those that are off: to switch one off is no mistake.
fn meant<'a>(config: &'a Config, rule: &Rule) -> Vec<&'a Downstream> {
    let meant = |downstream: &&Downstream| match &rule.downstreams {
        Some(ids) => ids.contains(&downstream.id),
        None => true,
    };
    config.downstreams.iter().filter(meant).collect()
}

fn names(config: &Config, rule: &Rule, found: &mut Vec<Refusal>) {
    if rule.downstreams.is_none() || rule.output_model.is_some() {
        return;
    }
    for downstream in meant(config, rule) {
        for pattern in rule.models.iter().flatten() {
            // Who asks for that very name gets it elsewhere.
            let exact = !pattern.starts_with("re:") && !pattern.contains('*');
            let elsewhere =
                alias_for(config, pattern).is_some() || !owners(config, pattern).is_empty();
            let known = downstream
                .models
                .iter()
                .any(|model| matches(pattern, model));
            if exact && elsewhere || downstream.takes_any_model() {
                continue;
            }
            let ids = [&rule.id, &downstream.id].map(String::clone);
            let several = downstream.models.len() > 1;
            if several && (is_any(pattern) || !known) {
                found.push(Refusal::NoName(ids));
            } else if !several && is_any(pattern) {
                found.push(Refusal::RenamesAll(ids));
            }
        }
    }
}

fn is_wrong(config: &Config, rule: &Rule, at: usize, fallback: &Fallback) -> bool {
    let earlier = &rule.fallbacks.as_ref().expect("it has one")[..at];
    if earlier.contains(fallback) {
        return true;
    }
    let leads = rule.downstreams.as_deref();
    let only = leads == Some(std::slice::from_ref(&fallback.downstream));
    let same_name = fallback.output_model.is_none() || fallback.output_model == rule.output_model;
    rule.enabled && (only && same_name || is_guess(config, rule, fallback))
}

/// Whether nobody can tell which of several models some requests are for.
fn is_guess(config: &Config, rule: &Rule, fallback: &Fallback) -> bool {
    let mut sent: Vec<&String> = Vec::new();
    for rule in &config.rules {
        if let Some(Output::Named(name)) = &rule.output_model {
            sent.push(name);
        }
    }
    for alias in &config.aliases {
        sent.extend(alias.options.iter().map(|option| &option.model));
    }
    for downstream in &config.downstreams {
        if let [only] = downstream.models.as_slice() {
            sent.push(only);
        }
    }
    let mut downstreams = config.downstreams.iter();
    let named = downstreams.find(|downstream| downstream.id == fallback.downstream);
    let models = &named.expect("it is there").models;
    let is_clear = fallback.output_model.is_some()
        || models.len() < 2
        || models
            .iter()
            .any(|model| model == "*" || sent.contains(&model));
    let mut patterns = rule.models.iter().flatten();
    let knows_none = |pattern: &String| !models.iter().any(|model| matches(pattern, model));
    !is_clear && patterns.any(knows_none)
}

/// The pairs of formats between which a rule can ever be asked to translate.
fn pairs(config: &Config, rule: &Rule) -> Vec<(Format, Format)> {
    let mut pairs = Vec::new();
    let mut downstreams = meant(config, rule);
    let all = config.downstreams.iter();
    downstreams.extend(all.filter(|downstream| rule.falls_back_to(downstream)));
    for downstream in downstreams {
        for client in FORMATS {
            let comes_from = PATHS.iter().find(|(path, _)| *path == rule.path);
            let comes = comes_from.is_none_or(|(_, format)| *format == client);
            let said = !rule.formats.is_empty();
            if (comes || said) && rule.passes_formats(client, downstream) {
                pairs.push((client, downstream.format_for(client)));
            }
        }
    }
    pairs
}

/// A rule that lets nothing through is dead rather than wrong.
fn inert(config: &Config, rule: &Rule, found: &mut Vec<Refusal>) {
    let mut unused = Vec::new();
    for (client, provider) in pairs(config, rule) {
        unused.push(Legs::of(&[&rule.pipeline], client, provider).inert);
    }
    for step in &rule.pipeline {
        if let Step::Translator { from, to } = step {
            let id = translator_id(from, to);
            if !unused.is_empty() && unused.iter().all(|unused| unused.contains(&id)) {
                found.push(Refusal::Inert(rule.id.clone(), id));
            }
        }
    }
}
