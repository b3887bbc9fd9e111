//! What is tried when a downstream fails.

use super::{
    Alternative, Answer, Config, Downstream, Fallback, Output, Request, Step,
    matching::matching,
    resolve::Route,
    shape::{Legs, plugins},
};

/// The fallbacks of the first of the rules that hold which says something of any.
pub(super) fn alternatives(
    config: &Config,
    request: &Request,
    route: &Route<'_>,
    answer: &Answer,
) -> Vec<Alternative> {
    let mut found: Vec<Alternative> = Vec::new();
    for id in &answer.rules {
        let rule = config.rules.iter().find(|rule| rule.id == *id);
        let Some(fallbacks) = rule.and_then(|rule| rule.fallbacks.as_ref()) else {
            continue;
        };
        for fallback in fallbacks {
            let Some(downstream) = config.downstream(&fallback.downstream) else {
                continue;
            };
            let Some(model) = name(fallback, downstream, request, route) else {
                continue;
            };
            let is_first = downstream.id == route.downstream.id
                && (fallback.output_model.is_none() || model == route.model);
            let is_there =
                |other: &Alternative| other.downstream == downstream.id && other.model == model;
            if !is_first && !found.iter().any(is_there) {
                found.push(alternative(config, request, route, downstream, model));
            }
        }
        break;
    }
    found
}

/// `None` if it has several models and none of them was asked for.
fn name(
    fallback: &Fallback,
    downstream: &Downstream,
    request: &Request,
    route: &Route<'_>,
) -> Option<String> {
    match &fallback.output_model {
        Some(Output::Named(name)) => return Some(name.clone()),
        Some(Output::Passthrough) => return Some(request.model.clone()),
        None => {}
    }
    for known in [&route.model, &request.model] {
        if downstream.lists(known) {
            return Some(known.clone());
        }
    }
    if downstream.takes_any_model() {
        return Some(route.model.clone());
    }
    match downstream.models.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// Rules may mean it by any of the names that it has had, and hold where they lead to or fall back to.
fn alternative(
    config: &Config,
    request: &Request,
    route: &Route<'_>,
    downstream: &Downstream,
    model: String,
) -> Alternative {
    let mut models = vec![&*request.model, &*route.model, &*model];
    models.extend(route.group);
    let mut rules = matching(config, &request.path, &models);
    rules.retain(|rule| {
        let falls_back = rule.falls_back_to(downstream);
        rule.passes(request.format, downstream)
            || falls_back && rule.passes_formats(request.format, downstream)
    });
    let provider = downstream.format_for(request.format);
    let pipelines: Vec<&[Step]> = rules.iter().map(|rule| rule.pipeline.as_slice()).collect();
    let legs = Legs::of(&pipelines, request.format, provider);
    Alternative {
        downstream: downstream.id.clone(),
        model,
        provider,
        plugins: plugins(&pipelines, &legs.taken),
    }
}
