//! What a decision allocates: nothing, where all that it needs has been there since the table was built.

use allocation_counter::measure;
use http::HeaderMap;
use tower_llm_gateway::{
    format::ApiFormat,
    router::{Alias, AliasOption, Facts, OutputModel, Pattern, Rule, Table},
    target::Target,
};

use crate::support::CHAT;

/// `a` has the model `owned`, `b` has none.
fn table_of(rules: Vec<Rule>, aliases: Vec<Alias>) -> Table {
    let targets = vec![
        Target::new("a", "https://a".parse().unwrap()).with_models(vec!["owned".into()]),
        Target::new("b", "https://b".parse().unwrap()),
    ];
    Table::build(targets, rules, aliases).unwrap()
}

fn rule(number: usize) -> Rule {
    let model = Pattern::exact(format!("model-{number}"));
    let rule = Rule::new(format!("rule-{number}")).with_models(vec![model]);
    rule.with_downstreams(vec!["a".into()])
}

#[track_caller]
fn assert_none(table: &Table, model: &str) {
    let headers = HeaderMap::new();
    let facts = Facts::new(CHAT, ApiFormat::OPENAI, model, &headers);
    let decide = || drop(table.decide(&facts).unwrap());
    assert_eq!(measure(decide).count_total, 0, "{model}");
}

#[test]
fn a_rule_costs_none_however_many_there_are() {
    for rules in [1, 100, 10_000] {
        let table = table_of((0..rules).map(rule).collect(), Vec::new());
        assert_none(&table, &format!("model-{}", rules - 1));
    }
}

#[test]
fn a_choice_of_downstreams_under_another_name_costs_none() {
    let named = OutputModel::Named("other".into());
    let rule = rule(1).with_downstreams(vec!["a".into(), "b".into()]);
    let table = table_of(vec![rule.with_output_model(named)], Vec::new());
    assert_none(&table, "model-1");
}

#[test]
fn several_rules_that_match_cost_none() {
    let path = Rule::new("path").with_path(Pattern::path("/v1/*").unwrap());
    let rules = vec![rule(1), Rule::new("all"), path];
    assert_none(&table_of(rules, Vec::new()), "model-1");
}

#[test]
fn an_owner_costs_none() {
    assert_none(&table_of(vec![Rule::new("all")], Vec::new()), "owned");
}

#[test]
fn an_alias_costs_none() {
    let option = AliasOption::new("option", "b", "other");
    let alias = Alias::new("alias", Pattern::exact("alias"), vec![option]);
    assert_none(&table_of(vec![Rule::new("all")], vec![alias]), "alias");
}
