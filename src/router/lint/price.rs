use super::{
    super::{OutputModel, Place, Problem, Rule, check_split::splits},
    Parts,
};

/// Prices of models that nobody else speaks of.
pub(super) fn lints(parts: &Parts<'_>) -> Vec<Problem> {
    let mut lints = Vec::new();
    for (place, target) in parts.targets.iter().enumerate() {
        let models = target.models();
        let takes_any = models.is_empty() || models.iter().any(|model| &**model == "*");
        if takes_any || leads_any(parts, target.id()) {
            continue;
        }
        let known = |glob: &str| target.models().iter().any(|model| **model == *glob);
        for name in target.priced() {
            if !name.contains('*') && !known(name) && !is_named(parts, name) {
                lints.push(Problem {
                    place: Place::Target(place),
                    message: format!(
                        "{} has prices of {name}, which is not in its output_model_ids",
                        target.id()
                    ),
                });
            }
        }
    }
    lints
}

/// Whether a rule leads models there that it does not name one by one.
fn leads_any(parts: &Parts<'_>, id: &str) -> bool {
    let mut rules = parts.enabled_rules();
    rules.any(|(_, rule)| rule.downstream_ids().contains(&id) && rule.exact_models().is_none())
}

/// Whether a rule or an alias names this model.
fn is_named(parts: &Parts<'_>, name: &str) -> bool {
    let rules = || parts.enabled_rules().map(|(_, rule)| rule);
    let asked = rules().filter_map(Rule::exact_models).flatten();
    let sent = rules().filter_map(|rule| rule.output_model.as_ref());
    let fallbacks = rules().flat_map(Rule::fallbacks);
    let copies = rules().filter_map(|rule| rule.shadow.as_ref());
    let arms = splits(parts.rules, parts.aliases).flat_map(|(_, _, split)| &split.arms);
    let sent = sent
        .chain(fallbacks.filter_map(|fallback| fallback.output_model.as_ref()))
        .chain(copies.filter_map(|copy| copy.output_model.as_ref()))
        .chain(arms.filter_map(|arm| arm.output_model.as_ref()));
    let sent = sent.filter_map(|output| match output {
        OutputModel::Named(model) => Some(model),
        OutputModel::Requested => None,
    });
    let options = parts.aliases.iter().flat_map(|alias| &alias.options);
    let mut named = asked.chain(sent).chain(options.map(|option| &option.model));
    named.any(|model| **model == *name)
}
