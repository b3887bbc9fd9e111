//! Aliases as files say them.

use tower_llm_gateway::config::Config;

use crate::{
    build, mistakes,
    support::{CHAT, decide, registry, sent},
};

/// `x` has the model `m`.
const DOWNSTREAMS: &str = "downstreams:
  - {id: x, api_formats: [openai], base_url: https://x, output_model_ids: [m]}
  - {id: y, api_formats: [openai], base_url: https://y}
";

const OPTION: &str = "{downstream_id: y, output_model_id: n}";

/// A document with this alias, which begins at line 5, column 5.
fn alias(entry: &str) -> String {
    format!("{DOWNSTREAMS}aliases:\n  - {entry}\n")
}

/// Its name at line 5, column 21, and an option at line 7, column 9.
fn alias_of(name: &str, option: &str) -> String {
    alias(&format!(
        "input_model_id: {name}\n    options:\n      - {option}"
    ))
}

fn sent_for(text: &str, model: &str) -> String {
    let table = build(text).unwrap_or_else(|errors| panic!("{errors}"));
    decide(&table, CHAT, model).map_or("unknown".to_owned(), |decision| sent(&decision))
}

#[test]
fn the_first_option_is_what_a_name_stands_for() {
    let two = alias(
        "input_model_id: fast
    options:
      - {id: fast-y, downstream_id: y, output_model_id: n}
      - {id: fast-x, downstream_id: x, output_model_id: m}",
    );
    let table = build(&two).unwrap();
    let decision = decide(&table, CHAT, "fast").unwrap();
    assert_eq!(sent(&decision), "y n https://y/v1/chat/completions");
}

#[test]
fn a_name_is_exact_unless_it_is_said_to_be_an_expression() {
    let option = OPTION;
    let to_y = "y n https://y/v1/chat/completions";
    assert_eq!(sent_for(&alias_of("a.c", option), "abc"), "unknown");
    assert_eq!(sent_for(&alias_of("a.c", option), "a.c"), to_y);
    let expression = alias_of("a.c\n    is_regex: true", option);
    assert_eq!(sent_for(&expression, "abc"), to_y);
    assert_eq!(sent_for(&expression, "abcd"), "unknown");
    let anchored = alias_of("^a.c$\n    is_regex: true", option);
    assert_eq!(sent_for(&anchored, "abc"), to_y);
}

#[test]
fn a_name_may_be_a_pattern_as_rules_have_them() {
    let option = OPTION;
    let to_y = "y n https://y/v1/chat/completions";
    assert_eq!(sent_for(&alias_of("a-*", option), "a-c"), to_y);
    assert_eq!(sent_for(&alias_of("'re:a.c'", option), "abc"), to_y);
    let both = alias_of("'re:a.c'\n    is_regex: true", option);
    assert_eq!(sent_for(&both, "abc"), to_y);
}

#[test]
fn an_option_without_an_id_is_named_after_what_it_stands_for() {
    let table = build(&alias_of("fast", "{downstream_id: y, output_model_id: n}")).unwrap();
    let shared = tower_llm_gateway::router::SharedTable::new(table);
    shared.activate_alias("y/n").unwrap();
}

#[test]
fn a_rule_knows_an_alias_by_its_name_as_it_is_written() {
    let text = alias_of(
        "fast.*\n    is_regex: true",
        "{downstream_id: y, output_model_id: n}",
    );
    let rules = "rules:\n  - {id: r, pattern_model: 'fast.*', match_downstreams: [y]}\n";
    let table = build(&format!("{text}{rules}")).unwrap();
    let decision = decide(&table, CHAT, "fast-1").unwrap();
    assert_eq!(crate::support::rules(&decision), ["r"]);
}

#[test]
fn aliases_of_several_documents_add_up() {
    let option = OPTION;
    let mut config = Config::from_yaml(&alias_of("fast", option)).unwrap();
    let more =
        "aliases:\n  - {input_model_id: slow, options: [{downstream_id: x, output_model_id: m}]}\n";
    config.append_yaml(more).unwrap();
    let table = config.build(&registry()).unwrap();
    for model in ["fast", "slow"] {
        assert!(decide(&table, CHAT, model).is_ok(), "{model}");
    }
    let again = more.replace("slow", "fast").replace("x,", "zz,");
    config.append_yaml(&again).unwrap();
    assert_eq!(
        config.build(&registry()).unwrap_err().to_string(),
        "2:22: aliases[0].input_model_id: another alias has the name \"fast\" too
2:54: aliases[0].options[0].downstream_id: unknown downstream \"zz\"; known are x, y"
    );
}

#[test]
fn every_mistake_in_an_option_has_its_place() {
    let option = OPTION;
    for (text, mistake) in [
        (
            alias_of("fast", "{downstream_id: yy, output_model_id: n}"),
            "7:25: aliases[0].options[0].downstream_id: unknown downstream \"yy\"; did you mean \"y\"?",
        ),
        (
            alias_of("fast", "{downstream_id: y}"),
            "7:9: aliases[0].options[0]: \"output_model_id\" is missing",
        ),
        (
            alias_of("fast", "{downstream_id: y, output_model_id: ''}"),
            "7:45: aliases[0].options[0].output_model_id: \"output_model_id\" can't be empty",
        ),
        (
            alias_of("fast", "{downstream_id: y, output_model_id: 'n-*'}"),
            "7:45: aliases[0].options[0].output_model_id: a model id is a whole name",
        ),
        (
            alias_of("fast", "{output_model_id: n}"),
            "7:9: aliases[0].options[0]: \"downstream_id\" is missing",
        ),
        (
            alias_of(
                "fast",
                "{downstream: y, downstream_id: y, output_model_id: n}",
            ),
            "7:10: aliases[0].options[0].downstream: unknown key \"downstream\"; did you mean \"downstream_id\"?",
        ),
        (
            alias_of("fast", &format!("{option}\n      - {option}")),
            "8:9: aliases[0].options[1]: another option of an alias has the id \"y/n\" too",
        ),
    ] {
        assert_eq!(mistakes(&text), [mistake], "{text}");
    }
}

#[test]
fn every_mistake_in_an_alias_has_its_place() {
    let option = OPTION;
    for (text, mistake) in [
        (
            alias_of("a(\n    is_regex: true", option),
            "5:21: aliases[0].input_model_id: invalid pattern: unclosed group",
        ),
        (
            alias_of("fast\n    announced_names: [fast]", option),
            "5:21: aliases[0].input_model_id: an exact alias has nothing to announce but its name",
        ),
        (
            alias_of("f-*\n    announced_names: [f-1, g]", option),
            "6:28: aliases[0].announced_names[1]: announces \"g\", which it does not match",
        ),
        (
            alias_of("'*'\n    announced_names: [m]", option),
            "6:23: aliases[0].announced_names[0]: announces \"m\", which a downstream has",
        ),
        (
            alias("input_model_id: fast"),
            "5:5: aliases[0]: \"options\" is missing",
        ),
        (
            alias("{input_model_id: fast, options: []}"),
            "5:22: aliases[0].input_model_id: an alias needs at least one option",
        ),
        (
            alias("{input_model_id: fast, options: y}"),
            "5:37: aliases[0].options: expected a list, found text; write [one, two], or each on a line of its own behind a dash",
        ),
        (
            alias(&format!("options: [{option}]")),
            "5:5: aliases[0]: \"input_model_id\" is missing",
        ),
        (
            alias_of("fast\n    is_regx: true", option),
            "6:5: aliases[0].is_regx: unknown key \"is_regx\"; did you mean \"is_regex\"?",
        ),
        (
            alias_of("fast\n    is_regex: 'yes'", option),
            "6:15: aliases[0].is_regex: expected true or false, found text",
        ),
    ] {
        assert_eq!(mistakes(&text), [mistake], "{text}");
    }
}
