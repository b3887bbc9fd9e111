use std::collections::HashSet;

use crate::format::ApiFormat;

use super::{
    super::{OutputModel, Place, Problem, Rule, check_split::splits},
    Parts,
};

/// What is odd about each of the rules that are on, taken by itself.
pub(super) fn lints(parts: &Parts<'_>) -> Vec<Problem> {
    let sent = sent(parts);
    let mut lints = Vec::new();
    for (place, rule) in parts.enabled_rules() {
        let reason = leads_nowhere(parts, rule)
            .or_else(|| misses_owners(parts, rule, &sent))
            .or_else(|| excludes_callers(rule))
            .or_else(|| misses_formats(parts, rule))
            .or_else(|| is_idle(rule));
        if let Some(reason) = reason {
            let message = format!("rule {} {reason}", rule.id);
            let place = Place::Rule(place);
            lints.push(Problem { place, message });
        }
    }
    lints
}

/// The names that requests get on the way, by which rules can match as well.
fn sent<'a>(parts: &Parts<'a>) -> HashSet<&'a str> {
    let outputs = parts.rules.iter();
    let outputs = outputs.filter_map(|rule| match &rule.output_model {
        Some(OutputModel::Named(model)) => Some(&**model),
        _ => None,
    });
    let aliases = parts.aliases.iter().flat_map(|alias| {
        let models = alias.options.iter().map(|option| &*option.model);
        models.chain([&*alias.name])
    });
    let arms = splits(parts.rules, parts.aliases).flat_map(|(_, _, split)| &split.arms);
    let arms = arms.filter_map(|arm| match &arm.output_model {
        Some(OutputModel::Named(model)) => Some(&**model),
        _ => None,
    });
    outputs.chain(aliases).chain(arms).collect()
}

fn leads_nowhere(parts: &Parts<'_>, rule: &Rule) -> Option<String> {
    let ids = rule.downstream_ids();
    let nowhere = !ids.is_empty() && !ids.iter().any(|id| parts.is_on(id));
    nowhere.then(|| match ids.as_slice() {
        [id] => format!("never applies: downstream {id} is off"),
        ids => format!("never applies: downstreams {} are off", ids.join(", ")),
    })
}

/// A rule that leads away from all who own its models fails its own filter, unless it says where all of them go.
fn misses_owners(parts: &Parts<'_>, rule: &Rule, sent: &HashSet<&str>) -> Option<String> {
    if rule.split.is_some() {
        return None;
    }
    let (ids, models) = (rule.downstream_ids(), rule.exact_models()?);
    let misses = |model: &str| {
        let owners = parts.owners_of(model);
        let hit = owners.iter().any(|owner| ids.contains(owner));
        !owners.is_empty() && !hit && !sent.contains(model)
    };
    if ids.is_empty() || !models.iter().all(|model| misses(model)) {
        return None;
    }
    let model = models.first()?;
    let owners = parts.owners_of(model).join(", ");
    Some(format!(
        "never applies: {model} goes to {owners}, which match_downstreams leaves out"
    ))
}

fn excludes_callers(rule: &Rule) -> Option<String> {
    let path = rule.path.as_exact()?;
    let (format, _) = ApiFormat::detect(path)?;
    let excluded = !rule.formats.is_empty() && !rule.formats.contains(&format);
    excluded.then(|| {
        format!("never applies: callers at {path} speak {format}, which match_format leaves out")
    })
}

/// Its downstreams say what they speak, and the rule is for others.
fn misses_formats(parts: &Parts<'_>, rule: &Rule) -> Option<String> {
    let (ids, formats) = (rule.downstream_ids(), &rule.downstream_formats);
    let misses = |id: &&str| {
        let target = parts.by_id.get(*id);
        target.is_some_and(|target| {
            let spoken = target.formats();
            !spoken.is_empty() && !spoken.iter().any(|format| formats.contains(format))
        })
    };
    if ids.is_empty() || formats.is_empty() || !ids.iter().all(misses) {
        return None;
    }
    Some(format!(
        "never applies: match_downstream_format leaves out what {} can be spoken to in",
        ids.join(", ")
    ))
}

/// A rule that does nothing may still say that a path is the gateway's.
fn is_idle(rule: &Rule) -> Option<String> {
    let path = rule.path.as_exact();
    let adds_path = path.is_some_and(|path| ApiFormat::detect(path).is_none());
    let idle = rule.pipeline.is_empty()
        && rule.leads().is_none()
        && rule.output_model.is_none()
        && !rule.says_how();
    (idle && !adds_path).then(|| {
        "does nothing: it has neither downstreams nor plugins nor a name for the model".to_owned()
    })
}
