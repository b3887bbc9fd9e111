//! The table decides as a second router does that was written from the rules of routing alone.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use http::HeaderMap;
use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree,
    test_runner::{TestCaseError, TestRunner},
};
use tower_llm_gateway::{
    failover,
    format::ApiFormat,
    plugin::Translator,
    router::{self, Decision, Facts, Leg, OutputModel, Pattern, SharedTable, Table},
    target::Target,
};

use crate::{
    naive::{
        self, Alias, Alternative, Answer, Config, Downstream, Format, Output, Request, Rule, Step,
    },
    names_of, passed_by, random,
    support::{noting, step as step_of},
};

fn format(id: Format) -> ApiFormat {
    id.parse().unwrap()
}

fn formats(ids: &[Format]) -> Vec<ApiFormat> {
    ids.iter().map(|id| format(id)).collect()
}

/// Many are drawn, but few that differ, and regular expressions take their time.
fn pattern(text: &str) -> Pattern {
    thread_local! {
        static PATTERNS: RefCell<HashMap<String, Pattern>> = RefCell::default();
    }
    PATTERNS.with_borrow_mut(|patterns| {
        let made = || Pattern::model(text).unwrap();
        patterns.entry(text.to_owned()).or_insert_with(made).clone()
    })
}

fn target(downstream: &Downstream) -> Target {
    let url = format!("https://{}", downstream.id).parse().unwrap();
    Target::new(&*downstream.id, url)
        .with_enabled(downstream.enabled)
        .with_formats(formats(&downstream.formats))
        .with_models(
            downstream
                .models
                .iter()
                .map(|model| (&**model).into())
                .collect(),
        )
}

fn step(step: &Step) -> router::Step {
    match step {
        Step::Translator { from, to } => {
            let id = naive::translator_id(from, to);
            router::Step::Translator {
                translator: Translator::from_id(&id).unwrap(),
                id: id.into(),
            }
        }
        Step::Plugin(name) => router::Step::Plugin {
            id: (&**name).into(),
            layer: noting(name.clone()),
        },
    }
}

fn rule(from: &Rule) -> router::Rule {
    let mut rule = router::Rule::new(&*from.id)
        .with_enabled(from.enabled)
        .with_path(Pattern::path(&from.path).unwrap())
        .with_formats(formats(&from.formats))
        .with_downstream_formats(formats(&from.downstream_formats))
        .with_pipeline(from.pipeline.iter().map(step).collect());
    if let Some(models) = &from.models {
        let patterns = models.iter().map(|model| pattern(model));
        rule = rule.with_models(patterns.collect());
    }
    if let Some(ids) = &from.downstreams {
        rule = rule.with_downstreams(ids.iter().map(|id| (&**id).into()).collect());
    }
    if let Some(fallbacks) = &from.fallbacks {
        rule = rule.with_fallback(fallbacks.iter().map(fallback).collect());
    }
    match &from.output_model {
        None => rule,
        Some(model) => rule.with_output_model(output_model(model)),
    }
}

fn fallback(from: &naive::Fallback) -> router::Fallback {
    let fallback = router::Fallback::new(&*from.downstream);
    match &from.output_model {
        None => fallback,
        Some(model) => fallback.with_output_model(output_model(model)),
    }
}

fn output_model(from: &Output) -> OutputModel {
    match from {
        Output::Passthrough => OutputModel::Requested,
        Output::Named(name) => OutputModel::Named((&**name).into()),
    }
}

fn alias(from: &Alias) -> router::Alias {
    let options = from.options.iter();
    let options = options
        .map(|option| router::AliasOption::new(&*option.id, &*option.downstream, &*option.model));
    let pattern = if from.is_regex {
        pattern(&format!("re:{}", from.name))
    } else {
        Pattern::exact(&*from.name)
    };
    router::Alias::new(&*from.name, pattern, options.collect())
        .with_announced(from.announced.iter().map(|name| (&**name).into()).collect())
}

/// The same configuration as a table, with what is activated; or what is wrong with it.
fn table(config: &Config) -> Result<Table, String> {
    let built = Table::build(
        config.downstreams.iter().map(target).collect(),
        config.rules.iter().map(rule).collect(),
        config.aliases.iter().map(alias).collect(),
    );
    let shared = SharedTable::new(built.map_err(|problems| format!("{problems:#?}"))?);
    for alias in &config.aliases {
        if let Some(at) = alias.activated {
            // An option of a downstream that is off is none.
            let _ = shared.activate_alias(&alias.options[at].id);
        }
    }
    let table = shared.load();
    Ok(table)
}

fn answer(decision: &Decision, requested: &str) -> Answer {
    let selected = decision.selected();
    let lines = |legs: &[Leg]| legs.iter().map(step_of).collect();
    let strings = |names: &[Arc<str>]| names.iter().map(ToString::to_string).collect();
    let legs = decision.legs();
    Answer {
        downstream: selected.target().id().to_string(),
        model: selected
            .model()
            .map_or(requested, |model| &**model)
            .to_owned(),
        rules: decision.rules().map(|rule| rule.id().to_string()).collect(),
        provider: selected.provider().id(),
        request: lines(&legs.request),
        response: lines(&legs.response),
        deduplicated: strings(&legs.deduplicated),
        inert: strings(&legs.inert),
        plugins: passed_by(decision),
        alternatives: decision
            .alternatives()
            .iter()
            .map(|next| alternative(next, requested))
            .collect(),
    }
}

fn alternative(next: &failover::Alternative, requested: &str) -> Alternative {
    let selected = &next.selected;
    let model = selected.model().map_or(requested, |model| &**model);
    let before = next.caller_plugins.iter().flat_map(|side| side.0.iter());
    let behind = next.plugins.iter().flat_map(|side| side.0.iter());
    Alternative {
        downstream: selected.target().id().to_string(),
        model: model.to_owned(),
        provider: selected.provider().id(),
        plugins: names_of(before.chain(behind)),
    }
}

/// Whether both say the same of these requests, or of why there can't be any.
fn compare(config: &Config, requests: &[Request]) -> Result<(), TestCaseError> {
    let refusals = naive::refusals(config);
    let table = match (table(config), refusals.is_empty()) {
        (Ok(table), true) => table,
        (Err(_), false) => return Ok(()),
        (Ok(_), false) => {
            let message = format!("built, but should be refused: {refusals:#?}");
            return Err(TestCaseError::fail(message));
        }
        (Err(problems), true) => return Err(TestCaseError::fail(problems)),
    };
    for request in requests {
        let headers = HeaderMap::new();
        let facts = Facts::new(
            &request.path,
            format(request.format),
            &request.model,
            &headers,
        );
        let decided = table.decide(&facts).ok();
        let decided = decided.map(|decision| answer(&decision, &request.model));
        let expected = naive::decide(config, request).map(|(answer, _)| answer);
        prop_assert_eq!(decided, expected, "{:#?}", request);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_table_decides_as_the_naive_model_does(
        config in random::config(),
        requests in vec(random::request(), 8),
    ) {
        compare(&config, &requests)?;
    }
}

/// What is remarkable about an answer.
fn remarks(answer: &Answer, requested: &str) -> Vec<&'static str> {
    let by_rule = |legs: &[String]| legs.iter().any(|leg| leg.ends_with("rule"));
    let mut remarks = Vec::new();
    let mut remark = |holds, text| {
        if holds {
            remarks.push(text);
        }
    };
    remark(answer.model != requested, "renamed");
    remark(answer.rules.len() > 2, "many rules");
    remark(answer.plugins.len() > 2, "many plugins");
    remark(!answer.deduplicated.is_empty(), "deduplicated");
    remark(!answer.inert.is_empty(), "inert");
    remark(by_rule(&answer.request), "request by a rule");
    let only_back = !by_rule(&answer.request) && by_rule(&answer.response);
    remark(only_back, "only the response by a rule");
    remark(answer.request.len() > 1, "chain");
    let alternatives = &answer.alternatives;
    remark(alternatives.len() > 1, "several fallbacks");
    let is_renamed = |next: &Alternative| next.model != answer.model;
    remark(alternatives.iter().any(is_renamed), "fallback renamed");
    let is_translated = |next: &Alternative| next.provider != answer.provider;
    remark(
        alternatives.iter().any(is_translated),
        "fallback translated",
    );
    let is_same = |next: &Alternative| next.downstream == answer.downstream;
    remark(alternatives.iter().any(is_same), "fallback to the same");
    let has_others = |next: &Alternative| next.plugins != answer.plugins;
    remark(
        alternatives.iter().any(has_others),
        "fallback with other plugins",
    );
    remarks
}

#[test]
fn every_kind_of_outcome_is_drawn() {
    let mut runner = TestRunner::deterministic();
    let drawn = (random::config(), vec(random::request(), 8));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..300 {
        let (config, requests) = drawn.new_tree(&mut runner).unwrap().current();
        let mut count = |what: &str| *counts.entry(what.to_owned()).or_default() += 1;
        if !naive::refusals(&config).is_empty() {
            count("refused");
            continue;
        }
        for request in &requests {
            match naive::decide(&config, request) {
                None => count("404"),
                Some((answer, origin)) => {
                    count(&format!("{origin:?}"));
                    let remarks = remarks(&answer, &request.model);
                    remarks.into_iter().for_each(&mut count);
                }
            }
        }
    }
    let kinds = [
        "404",
        "refused",
        "Alias",
        "Narrowed",
        "FirstOwner",
        "Exact",
        "Glob",
        "Regex",
        "Any",
        "renamed",
        "many rules",
        "many plugins",
        "deduplicated",
        "inert",
        "request by a rule",
        "only the response by a rule",
        "chain",
        "several fallbacks",
        "fallback renamed",
        "fallback translated",
        "fallback to the same",
        "fallback with other plugins",
    ];
    for kind in kinds {
        let count = counts.get(kind).copied().unwrap_or_default();
        assert!(count >= 5, "{kind} only {count} times in {counts:#?}");
    }
}
