use std::sync::Arc;

use crate::{
    format::ApiFormat,
    plugin::{Registry, Translator},
    router::{Place, Problem, Rule, Step, Table},
    target::Target,
};

use super::{
    Config, Error, Errors,
    downstream::Downstream,
    reader::{Placed, Position},
    rule::{Plugin, RuleEntry},
    suggest::did_you_mean,
};

impl Config {
    /// Makes a table of it, with plugins from `registry`.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, each with its place: what could not be read as well as what does not fit together.
    pub fn build(&self, registry: &Registry) -> Result<Table, Errors> {
        let mut errors = self.errors.clone();
        let enabled = self
            .downstreams
            .iter()
            .filter(|downstream| downstream.enabled);
        let enabled: Vec<&Downstream> = enabled.collect();
        let targets: Vec<Target> = enabled.iter().map(|each| each.target.clone()).collect();
        let rules = self.rules.iter().map(|entry| Rule::clone(&entry.rule));
        let rules: Vec<Rule> = rules
            .zip(&self.rules)
            .map(|(rule, entry)| {
                let rule = match self.reachable(entry) {
                    Some(downstreams) => rule.with_downstreams(downstreams),
                    None => rule,
                };
                rule.with_pipeline(pipeline(entry, registry, &mut errors))
            })
            .collect();
        let built = Table::build(targets, rules);
        let problems = built.as_ref().err().into_iter().flatten();
        errors.extend(problems.map(|problem| self.error(problem, &enabled)));
        match built {
            Ok(table) if errors.is_empty() => Ok(table),
            _ => Err(Errors::new(errors)),
        }
    }

    /// A rule's downstreams but those that are switched off.
    fn reachable(&self, entry: &RuleEntry) -> Option<Vec<Arc<str>>> {
        let off = |id: &Arc<str>| {
            let mut same = self
                .downstreams
                .iter()
                .filter(|each| each.target.id() == id);
            same.clone().next().is_some() && same.all(|each| !each.enabled)
        };
        let ids = entry.downstreams.iter().map(|id| &id.value);
        let ids = ids.filter(|id| !off(id)).cloned();
        (!entry.downstreams.is_empty()).then(|| ids.collect())
    }

    /// A problem of the table, where it is in the file.
    fn error(&self, problem: &Problem, enabled: &[&Downstream]) -> Error {
        let (position, suggestion) = match &problem.place {
            Place::Target(at) => (enabled.get(*at).map(|each| &each.position), None),
            Place::Rule(at) => (self.rules.get(*at).map(|entry| &entry.position), None),
            Place::Downstream { rule, id } => (
                self.rules.get(*rule).map(|entry| entry.downstream(id)),
                self.similar(id),
            ),
            Place::Step { rule, id } => (self.rules.get(*rule).map(|entry| entry.step(id)), None),
        };
        match position {
            Some(position) => position.error(&*problem.message, suggestion),
            None => Position::default().error(&*problem.message, suggestion),
        }
    }

    /// What to say to an id that no downstream has.
    fn similar(&self, id: &str) -> Option<String> {
        let ids = || self.downstreams.iter().map(|each| &**each.target.id());
        if ids().any(|known| known == id) {
            return None;
        }
        did_you_mean(id, ids())
    }
}

impl RuleEntry {
    fn downstream(&self, id: &str) -> &Position {
        let named = self.downstreams.iter().find(|named| *named.value == *id);
        named.map_or(&self.position, |named| &named.position)
    }

    fn step(&self, id: &str) -> &Position {
        let named = self.pipeline.iter().find(|plugin| *plugin.id.value == *id);
        named.map_or(&self.position, |plugin| &plugin.id.position)
    }
}

fn pipeline(entry: &RuleEntry, registry: &Registry, errors: &mut Vec<Error>) -> Vec<Step> {
    let steps = entry.pipeline.iter().map(|plugin| step(plugin, registry));
    let steps = steps.filter_map(|step| step.map_err(|error| errors.push(error)).ok());
    steps.collect()
}

fn step(Plugin { id, settings }: &Plugin, registry: &Registry) -> Result<Step, Error> {
    let Placed {
        value: id,
        position,
    } = id;
    if let Some(translator) = Translator::from_id(id) {
        let empty = settings.value.is_null()
            || settings
                .value
                .as_object()
                .is_some_and(serde_json::Map::is_empty);
        if !empty {
            return Err(settings
                .position
                .error(format!("{id:?} takes no settings"), None));
        }
        let id = Arc::clone(id);
        return Ok(Step::Translator { id, translator });
    }
    match registry.make(id, &settings.value) {
        Some(Ok(layer)) => {
            let id = Arc::clone(id);
            Ok(Step::Plugin { id, layer })
        }
        Some(Err(error)) => Err(settings.position.error(error.to_string(), None)),
        None => Err(unknown(id, position, registry)),
    }
}

fn unknown(id: &str, position: &Position, registry: &Registry) -> Error {
    let formats = || ApiFormat::BUILT_IN.iter().map(|format| format.id());
    let pairs = formats().flat_map(|from| formats().map(move |to| (from, to)));
    let pairs = pairs.filter(|(from, to)| from != to);
    let translators: Vec<String> = pairs.map(|(from, to)| format!("{from}2{to}")).collect();
    let known = registry.ids().chain(translators.iter().map(String::as_str));
    position.error(format!("unknown plugin {id:?}"), did_you_mean(id, known))
}
