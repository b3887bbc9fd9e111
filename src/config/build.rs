use std::sync::Arc;

use crate::{
    format::ApiFormat,
    plugin::{Registry, Translator},
    router::{Alias, ArmPart, Holder, Place, Problem, Rule, Split, Step, Table},
    target::Target,
};

use super::{
    Config, Error, Errors,
    error::in_order,
    reader::{Placed, Position},
    rule::{Plugin, RuleEntry},
    split::SplitPlaces,
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
        let targets = self
            .downstreams
            .iter()
            .map(|each| self.patient(&each.value));
        let rules = self.rules.iter();
        let rules = rules.map(|entry| entry.finished(pipeline(entry, registry, &mut errors)));
        let aliases = self.aliases.iter().map(|entry| entry.alias.clone());
        let (targets, rules, aliases) = (targets.collect(), rules.collect(), aliases.collect());
        let built = Table::build_with(targets, rules, aliases, &self.experiments.build());
        let problems = built.as_ref().err().into_iter().flatten();
        errors.extend(problems.map(|problem| self.error(problem)));
        match built {
            Ok(table) if errors.is_empty() => Ok(table),
            _ => Err(Errors::new(errors)),
        }
    }

    /// What is legal in it and yet looks like a mistake, and what is not read, each with its place. `table` is what has
    /// been [built](Self::build) of it.
    pub fn lints(&self, table: &Table) -> Vec<Error> {
        let of_table = table.lints().iter().map(|lint| self.error(lint));
        in_order(self.lints.iter().cloned().chain(of_table).collect())
    }

    /// A target with what the document says where the downstream says nothing.
    fn patient(&self, target: &Target) -> Target {
        let timeouts = target.timeouts().or(self.timeouts);
        let retry = target.retry().or(&self.retry);
        let ejection = target.ejection().or(self.ejection);
        let target = target.clone().with_timeouts(timeouts);
        target.with_retry(retry).with_ejection(ejection)
    }

    /// A problem of the table, where it is in the file.
    fn error(&self, problem: &Problem) -> Error {
        let position = self.position(&problem.place).cloned().unwrap_or_default();
        let suggestion = match &problem.place {
            Place::Downstream { id, .. } => self.similar(id),
            Place::Shadow(rule) => {
                let shadow = self.shadow(*rule);
                shadow.and_then(|shadow| self.similar(&shadow.value))
            }
            Place::Fallback { rule, fallback } => {
                let fallback = self.fallback(*rule, *fallback);
                fallback.and_then(|fallback| self.similar(&fallback.value))
            }
            Place::AliasDownstream { alias, option } => {
                let options = self.aliases.get(*alias).map(|entry| entry.alias.options());
                let option = options.and_then(|options| options.get(*option));
                option.and_then(|option| self.similar(&option.downstream))
            }
            Place::Arm {
                of,
                arm,
                part: ArmPart::Downstream,
            } => {
                let arm = self.split(*of).and_then(|split| split.arms.get(*arm));
                arm.and_then(|arm| self.similar(&arm.downstream))
            }
            Place::LayerMember { layer, member } => {
                let name = self.experiments.member(*layer, *member);
                name.and_then(|name| self.similar_experiment(&name.value))
            }
            _ => None,
        };
        position.error(&*problem.message, suggestion)
    }

    fn position(&self, place: &Place) -> Option<&Position> {
        let rule = |at: &usize| self.rules.get(*at);
        let alias = |at: &usize| self.aliases.get(*at);
        let option = |at, option: &usize| alias(at)?.options.get(*option);
        match place {
            Place::Target(at) => self.downstreams.get(*at).map(|each| &each.position),
            Place::Rule(at) => rule(at).map(|entry| &entry.position),
            Place::Downstream { rule: at, id } => rule(at).map(|entry| entry.downstream(id)),
            Place::Shadow(at) => self.shadow(*at).map(|shadow| &shadow.position),
            Place::Fallback { rule, fallback } => {
                let fallback = self.fallback(*rule, *fallback);
                fallback.map(|fallback| &fallback.position)
            }
            Place::Step { rule: at, id } => rule(at).map(|entry| entry.step(id)),
            Place::Alias(at) => alias(at).map(|entry| &entry.position),
            Place::Announced { alias: at, name } => alias(at)?.announced.get(*name),
            Place::AliasOption {
                alias: at,
                option: of,
            } => option(at, of).map(|places| &places.id),
            Place::AliasDownstream {
                alias: at,
                option: of,
            } => option(at, of).map(|places| &places.downstream),
            Place::Split(of) => self.split_places(*of).map(|places| &places.position),
            Place::Arm { of, arm, part } => {
                let places = self.split_places(*of);
                places.map(|places| places.arm(*arm, *part))
            }
            Place::Holdout => {
                let holdout = self.experiments.holdout.as_ref();
                holdout.map(|holdout| &holdout.position)
            }
            Place::Layer(at) => self.experiments.layer(*at),
            Place::LayerMember { layer, member } => {
                let name = self.experiments.member(*layer, *member);
                name.map(|name| &name.position)
            }
        }
    }

    fn split_places(&self, of: Holder) -> Option<&SplitPlaces> {
        match of {
            Holder::Rule(at) => self.rules.get(at)?.split.as_ref(),
            Holder::Alias(at) => self.aliases.get(at)?.split.as_ref(),
        }
    }

    fn split(&self, of: Holder) -> Option<&Split> {
        match of {
            Holder::Rule(at) => self.rules.get(at)?.rule.split(),
            Holder::Alias(at) => self.aliases.get(at)?.alias.split(),
        }
    }

    /// What to say to a name that no experiment has.
    fn similar_experiment(&self, name: &str) -> Option<String> {
        let rules = self.rules.iter().map(|entry| &entry.rule);
        let in_rules = rules.filter_map(Rule::experiment);
        let aliases = self.aliases.iter().map(|entry| &entry.alias);
        let names = in_rules.chain(aliases.filter_map(Alias::experiment));
        let names: Vec<&str> = names.map(|name| &**name).collect();
        if names.contains(&name) {
            return None;
        }
        did_you_mean(name, names)
    }

    fn fallback(&self, rule: usize, at: usize) -> Option<&Placed<Arc<str>>> {
        self.rules.get(rule)?.fallbacks.get(at)
    }

    fn shadow(&self, rule: usize) -> Option<&Placed<Arc<str>>> {
        self.rules.get(rule)?.shadow.as_ref()
    }

    /// What to say to an id that no downstream has.
    fn similar(&self, id: &str) -> Option<String> {
        let ids = || self.downstreams.iter().map(|each| &**each.value.id());
        if ids().any(|known| known == id) {
            return None;
        }
        did_you_mean(id, ids())
    }
}

impl RuleEntry {
    fn finished(&self, pipeline: Vec<Step>) -> Rule {
        let rule = self.rule.clone().with_pipeline(pipeline);
        if self.downstreams.is_empty() {
            return rule;
        }
        let ids = self.downstreams.iter().map(|id| Arc::clone(&id.value));
        rule.with_downstreams(ids.collect())
    }

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
