//! Aliases: names that stand for one of several models.

use tower_llm_gateway::{
    format::ApiFormat,
    router::{Alias, AliasOption, Pattern, Rule, SharedTable, Table},
    target::Target,
};

use crate::support::*;

fn target(id: &str, models: &[&str]) -> Target {
    Target::new(id, format!("https://{id}").parse().unwrap())
        .with_formats(vec![ApiFormat::OPENAI])
        .with_models(models.iter().map(|model| (*model).into()).collect())
}

/// `x` has the model `m`, `y` has none.
fn table_of(aliases: Vec<Alias>) -> Table {
    let targets = vec![target("x", &["m"]), target("y", &[])];
    Table::build(targets, Vec::new(), aliases).unwrap()
}

/// An alias of two options: `NAME-x` sends `m` to `x`, `NAME-y` sends `n` to `y`.
fn alias(name: &str, pattern: Pattern) -> Alias {
    let options = [("x", "m"), ("y", "n")];
    let options = options.map(|(id, model)| AliasOption::new(format!("{name}-{id}"), id, model));
    Alias::new(name, pattern, options.into())
}

fn exact(name: &str) -> Alias {
    alias(name, Pattern::exact(name))
}

fn sent_for(table: &Table, model: &str) -> String {
    let decision = decide(table, CHAT, model).unwrap();
    let selected = decision.selected();
    let model = selected.model().map_or(model, |model| model);
    format!("{} {model}", selected.target().id())
}

#[test]
fn what_is_activated_counts_from_the_next_request_on() {
    let shared = SharedTable::new(table_of(vec![exact("fast")]));
    assert_eq!(sent_for(&shared.load(), "fast"), "x m");
    shared.activate_alias("fast-y").unwrap();
    assert_eq!(sent_for(&shared.load(), "fast"), "y n");
    shared.activate_alias("fast-x").unwrap();
    assert_eq!(sent_for(&shared.load(), "fast"), "x m");
}

#[test]
fn an_unknown_option_activates_nothing() {
    let shared = SharedTable::new(table_of(vec![exact("fast")]));
    let error = shared.activate_alias("slow").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no option of an alias has the id \"slow\""
    );
    assert_eq!(sent_for(&shared.load(), "fast"), "x m");
}

#[test]
fn what_was_activated_survives_a_new_table_that_still_has_it() {
    let shared = SharedTable::new(table_of(vec![exact("fast"), exact("slow")]));
    shared.activate_alias("fast-y").unwrap();
    shared.activate_alias("slow-y").unwrap();
    let only_x = Alias::new(
        "slow",
        Pattern::exact("slow"),
        vec![AliasOption::new("slow-x", "x", "m")],
    );
    shared.store(table_of(vec![only_x, exact("fast")]));
    assert_eq!(sent_for(&shared.load(), "fast"), "y n");
    assert_eq!(sent_for(&shared.load(), "slow"), "x m");
}

#[test]
fn what_nobody_activated_is_the_first_option_of_the_new_table() {
    let option = |id: &str| AliasOption::new(id, "x", id);
    let fast = |options| Alias::new("fast", Pattern::exact("fast"), options);
    let shared = SharedTable::new(table_of(vec![fast(vec![option("a"), option("b")])]));
    shared.store(table_of(vec![fast(vec![option("b"), option("a")])]));
    assert_eq!(sent_for(&shared.load(), "fast"), "x b");
}

#[test]
fn a_request_in_flight_keeps_its_table() {
    let shared = SharedTable::new(table_of(vec![exact("fast")]));
    let before = shared.load();
    shared.store(table_of(Vec::new()));
    assert_eq!(sent_for(&before, "fast"), "x m");
    assert!(decide(&shared.load(), CHAT, "fast").is_err());
}

#[test]
fn what_is_announced_comes_before_what_is_exact_and_that_before_patterns() {
    let announcing =
        alias("a", Pattern::model("re:claude-.*").unwrap()).with_announced(vec!["claude-2".into()]);
    let second = alias("b", Pattern::model("re:claude-.*").unwrap());
    let table = table_of(vec![second, announcing, exact("claude-1")]);
    let shared = SharedTable::new(table);
    shared.activate_alias("a-y").unwrap();
    shared.activate_alias("claude-1-y").unwrap();
    let table = shared.load();
    assert_eq!(sent_for(&table, "claude-2"), "y n");
    assert_eq!(sent_for(&table, "claude-1"), "y n");
    assert_eq!(sent_for(&table, "claude-3"), "x m");
}

#[test]
fn a_rule_may_mean_an_alias_by_its_name() {
    let numbered = alias("numbered", Pattern::model("re:claude-[0-9]").unwrap());
    let rule = Rule::new("for-numbered").with_models(vec![Pattern::exact("numbered")]);
    let targets = vec![target("x", &["m"]), target("y", &[])];
    let table = Table::build(targets, vec![rule], vec![numbered]).unwrap();
    let decision = decide(&table, CHAT, "claude-7").unwrap();
    assert_eq!(rules(&decision), ["for-numbered"]);
}

#[test]
fn an_option_whose_downstream_is_off_does_not_count() {
    let targets = vec![target("x", &["m"]).with_enabled(false), target("y", &[])];
    let gone = Alias::new(
        "gone",
        Pattern::exact("gone"),
        vec![AliasOption::new("gone-x", "x", "m")],
    );
    let table = Table::build(targets, Vec::new(), vec![exact("fast"), gone]).unwrap();
    assert_eq!(sent_for(&table, "fast"), "y n");
    assert!(decide(&table, CHAT, "gone").is_err());
}

#[test]
fn a_rule_need_not_know_the_name_of_what_an_alias_takes() {
    let named = || {
        Rule::new("r")
            .with_models(vec![Pattern::exact("fast")])
            .with_downstreams(vec!["z".into()])
    };
    let built = |aliases| {
        let targets = vec![
            target("x", &["m"]),
            target("y", &[]),
            target("z", &["n", "o"]),
        ];
        Table::build(targets, vec![named()], aliases)
    };
    assert_eq!(
        built(Vec::new()).unwrap_err()[0].message,
        "rule \"r\" sends \"fast\" to \"z\", which has none of that name but n, o; say output_model"
    );
    let table = built(vec![exact("fast")]).unwrap();
    assert_eq!(sent_for(&table, "fast"), "x m");
}

#[test]
fn what_contradicts_itself_is_refused() {
    let regex = |name| alias(name, Pattern::model("re:claude-.*").unwrap());
    for (aliases, message) in [
        (
            vec![Alias::new("a", Pattern::exact("a"), Vec::new())],
            "an alias needs at least one option",
        ),
        (
            vec![exact("a"), exact("a")],
            "another option of an alias has the id \"a-x\" too",
        ),
        (
            vec![Alias::new(
                "a",
                Pattern::exact("a"),
                vec![AliasOption::new("a", "nope", "m")],
            )],
            "unknown downstream \"nope\"",
        ),
        (
            vec![exact("a").with_announced(vec!["a".into()])],
            "an exact alias has nothing to announce but its name",
        ),
        (
            vec![regex("a").with_announced(vec!["gpt".into()])],
            "announces \"gpt\", which it does not match",
        ),
        (
            vec![
                exact("claude-1"),
                regex("a").with_announced(vec!["claude-1".into()]),
            ],
            "announces \"claude-1\", which is another alias",
        ),
        (
            vec![regex("a").with_announced(vec!["claude-1".into(), "claude-1".into()])],
            "announces \"claude-1\", which is another announced name",
        ),
    ] {
        let targets = vec![target("x", &["m"]), target("y", &[])];
        let problems = Table::build(targets, Vec::new(), aliases).unwrap_err();
        let messages: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert!(messages.contains(&message.to_owned()), "{messages:?}");
    }
}
