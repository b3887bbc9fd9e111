//! What the configuration says of mistakes, and where.
#![cfg(feature = "yaml")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

#[path = "config/addresses.rs"]
mod addresses;
#[path = "config/aliases.rs"]
mod aliases;
#[path = "config/client_keys.rs"]
mod client_keys;
#[path = "config/dialect.rs"]
mod dialect;
#[path = "config/fallbacks.rs"]
mod fallbacks;
#[path = "config/policies/mod.rs"]
mod policies;
#[path = "config/prices.rs"]
mod prices;
#[path = "config/shadow.rs"]
mod shadow;
#[path = "config/splits.rs"]
mod splits;
#[path = "support/routing.rs"]
#[allow(dead_code, reason = "shared with the tests of routing")]
mod support;
#[path = "config/tresor.rs"]
mod tresor;

use secrecy::ExposeSecret;
use support::{AZURE, PAGE, registry, whole_page};
use tower_llm_gateway::{
    config::{Config, Errors},
    format::{ApiFormat, MaxTokensField},
    policy::Phase,
    router::Table,
    target::Auth,
};

const SECRET: &str = "CANARY-never-show";

fn no_variables(_: &str) -> Option<String> {
    None
}

fn build(text: &str) -> Result<Table, Errors> {
    Config::from_yaml_with(text, no_variables)?.build(&registry())
}

/// The mistakes in a text, each in the words that a user sees.
fn mistakes(text: &str) -> Vec<String> {
    let errors = build(text).expect_err("there are mistakes in it");
    errors.iter().map(ToString::to_string).collect()
}

/// A document of one downstream `a`, which lists `m`, and a rule with this entry at line 8, column 5.
fn rule_with(entry: &str) -> String {
    format!(
        "downstreams:\n  - id: anthropic\n    api_formats: [anthropic]\n    base_url: https://a\n    output_model_ids: [m]\nrules:\n  - id: r\n    {entry}\n"
    )
}

/// A document of one downstream with this entry at line 4, column 5.
fn downstream_with(entry: &str) -> String {
    format!("downstreams:\n  - id: a\n    base_url: https://a\n    {entry}\n")
}

#[test]
fn the_page_is_accepted_as_it_stands() {
    let table = build(PAGE).unwrap();
    let targets: Vec<_> = table
        .targets()
        .iter()
        .map(|target| &**target.id())
        .collect();
    assert_eq!(targets, ["openai", "anthropic"]);
    let [openai, anthropic] = table.targets() else {
        panic!("two downstreams");
    };
    assert_eq!(openai.formats(), [ApiFormat::OPENAI]);
    assert_eq!(
        openai.base_url(ApiFormat::OPENAI).unwrap(),
        "https://api.openai.com/v1"
    );
    assert_eq!(openai.key().unwrap().expose_secret(), "sk-proj-...");
    assert_eq!(&*anthropic.models()[0], support::SONNET);
    let names: Vec<_> = table.rules().map(|rule| rule.name().to_string()).collect();
    assert_eq!(names, ["GPT-4o Route", "Claude Sonnet Route"]);
    assert!(table.rules().all(tower_llm_gateway::router::Rule::enabled));
}

#[test]
fn the_page_s_second_snippet_is_a_document_of_its_own() {
    let mut config = Config::from_yaml(PAGE).unwrap();
    config.append_yaml(AZURE).unwrap();
    let table = config.build(&registry()).unwrap();
    assert_eq!(table.targets().len(), 3);
    assert_eq!(table.rules().len(), 3);
    assert_eq!(build(&whole_page()).unwrap().rules().len(), 3);
}

#[test]
fn mistakes_in_a_continued_document_keep_their_lines() {
    let mut config = Config::from_yaml(PAGE).unwrap();
    config
        .append_yaml(&AZURE.replace("[azure-openai]", "[azure-opnai]"))
        .unwrap();
    let errors = config.build(&registry()).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "14:25: rules[0].match_downstreams[0]: unknown downstream \"azure-opnai\"; did you mean \"azure-openai\"?"
    );
    let broken = config.append_yaml("  - id: [\n").unwrap_err();
    assert_eq!(broken.to_string(), "1:9: unclosed bracket '['");
    let flush = build("- id: a\n  base_url: https://a\n").unwrap();
    assert_eq!(flush.targets().len(), 1);
}

#[test]
fn the_snippet_pasted_at_the_end_is_explained() {
    assert_eq!(
        mistakes(&format!("{PAGE}\n{AZURE}")),
        [
            "38:5: rules[2]: this is a downstream, but it stands among the rules; move it up into the list under \"downstreams:\"",
            "46:1: rules: \"rules\" occurs twice; put its entries under the first \"rules\"",
        ]
    );
}

#[test]
fn a_file_is_named_in_front_of_its_mistakes() {
    let folder = std::env::temp_dir().join(format!("gateway-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("gateway.yaml");
    let text = rule_with("match_downstreams: [antropic]");
    std::fs::write(&file, text).unwrap();
    let errors = Config::from_yaml_file(&file)
        .unwrap()
        .build(&registry())
        .unwrap_err();
    let missing = Config::from_yaml_file(folder.join("no.yaml")).unwrap_err();
    std::fs::remove_dir_all(&folder).unwrap();
    let expected = "8:25: rules[0].match_downstreams[0]: unknown downstream \"antropic\"; did you mean \"anthropic\"?";
    assert_eq!(errors.to_string(), format!("{}:{expected}", file.display()));
    assert!(missing.to_string().contains("no.yaml: "), "{missing}");
}

#[test]
fn all_mistakes_are_said_at_once_in_the_order_of_the_text() {
    let text = "
downstreams:
  - id: a
    base_ulr: https://a
    api_formats: [opnai]
    output_model_ids: gpt-4o
  - id: a
    base_url: https://a
    is_enabled: 'yes'
rules:
  - id: r
    pattern_model: 're:('
    match_downstreams: [b, a]
    pipeline_config:
      - plugin_id: custom_haeder
  - name: nameless
    pattern_path: v1
  - id: with-query
    pattern_path: /v1/files?limit=1
experiments: []
loggin: {}
";
    assert_eq!(
        mistakes(text),
        [
            "3:5: downstreams[0]: \"base_url\" is missing",
            "4:5: downstreams[0].base_ulr: unknown key \"base_ulr\"; did you mean \"base_url\"?",
            "5:19: downstreams[0].api_formats[0]: unknown format \"opnai\"; did you mean \"openai\"?",
            "6:23: downstreams[0].output_model_ids: expected a list, found text; write [one, two], or each on a line of its own behind a dash",
            "7:9: downstreams[1].id: another downstream has the id \"a\" too",
            "9:17: downstreams[1].is_enabled: expected true or false, found text",
            "12:20: rules[0].pattern_model: invalid pattern: unclosed group",
            "13:25: rules[0].match_downstreams[0]: unknown downstream \"b\"; did you mean \"a\"?",
            "15:20: rules[0].pipeline_config[0].plugin_id: unknown plugin \"custom_haeder\"; did you mean \"custom_header\"?",
            "16:5: rules[1]: \"id\" is missing",
            "17:19: rules[1].pattern_path: invalid pattern: a path begins with \"/\", or with \"*\"",
            "19:19: rules[2].pattern_path: invalid pattern: a path ends before the query, and has neither \"?\" nor \"#\"",
            "20:14: experiments: expected a map, found a list; write `key: value`, each on a line of its own",
            "21:1: loggin: unknown key \"loggin\"; known are downstreams, rules, aliases, experiments, proxy_api_keys, timeouts, retry, ejection, retry_on_empty",
        ]
    );
}

#[test]
fn a_value_of_the_wrong_type_is_named_without_being_shown() {
    for (entry, mistake) in [
        (
            "name: 7",
            "4:11: downstreams[0].name: expected text, found a number; put it in quotes",
        ),
        (
            "name: [a]",
            "4:11: downstreams[0].name: expected text, found a list",
        ),
        (
            "api_formats: {}",
            "4:18: downstreams[0].api_formats: expected a list, found a map; write [one, two], or each on a line of its own behind a dash",
        ),
        (
            "output_model_ids: [true]",
            "4:24: downstreams[0].output_model_ids[0]: expected text, found true or false; put it in quotes",
        ),
        (
            "output_model_ids: [gpt-*]",
            "4:24: downstreams[0].output_model_ids[0]: a model id is a whole name, or \"*\" for any",
        ),
        (
            "auth: baerer",
            "4:11: downstreams[0].auth: unknown value \"baerer\"; did you mean \"bearer\"?",
        ),
        (
            "system_role: boss",
            "4:18: downstreams[0].system_role: unknown value \"boss\"; known are system, developer",
        ),
        (
            "default_max_tokens: 0",
            "4:25: downstreams[0].default_max_tokens: expected a whole number above zero, found a number",
        ),
        (
            "timeouts: {connect: 5}",
            "4:25: downstreams[0].timeouts.connect: expected a time, found a number; write it as 500ms, 5s or 2m",
        ),
        (
            "timeouts: {connect: 5 s}",
            "4:25: downstreams[0].timeouts.connect: \"5 s\" is not a time above zero; write it as 500ms, 5s or 2m",
        ),
        (
            "timeouts: {connect: 0s}",
            "4:25: downstreams[0].timeouts.connect: \"0s\" is not a time above zero; write it as 500ms, 5s or 2m",
        ),
    ] {
        assert_eq!(mistakes(&downstream_with(entry)), [mistake]);
    }
}

#[test]
fn a_document_of_the_wrong_shape_is_told_the_right_one() {
    assert_eq!(
        mistakes("downstreams: 7"),
        [
            "1:14: downstreams: expected a list, found a number; write [one, two], or each on a line of its own behind a dash"
        ]
    );
    assert_eq!(
        mistakes("downstreams: [7]"),
        [
            "1:15: downstreams[0]: expected a map, found a number; write `key: value`, each on a line of its own"
        ]
    );
    assert_eq!(
        mistakes("hello"),
        ["1:1: expected a map, found text; write `key: value`, each on a line of its own"]
    );
}

#[test]
fn text_that_is_not_yaml_has_a_place_too() {
    assert_eq!(
        mistakes("downstreams:\n  - id: a\n   name: b\n"),
        ["3:4: while parsing a block collection, did not find expected '-' indicator"]
    );
    assert_eq!(mistakes("a: \"b\n"), ["1:4: unclosed quote"]);
    assert_eq!(
        mistakes("downstreams: []\n---\nrules: []\n"),
        ["3:1: another document begins here; put what it has into the first"]
    );
}

#[test]
fn a_downstream_says_all_that_a_target_knows() {
    let text = downstream_with(
        "auth: x-goog-api-key\n    timeouts: {connect: 500ms, first_byte: 2m}\n    max_tokens_field: max_tokens\n    supports_stream_usage: false\n    default_max_tokens: 4096",
    );
    let table = build(&text).unwrap();
    let target = &table.targets()[0];
    let header = http::HeaderName::from_static("x-goog-api-key");
    assert_eq!(target.auth(), Some(&Auth::Header(header)));
    let limit = |phase| target.timeouts().limit(phase, true).unwrap();
    assert_eq!(limit(Phase::Connect).as_millis(), 500);
    assert_eq!(limit(Phase::FirstByte).as_secs(), 120);
    assert_eq!(target.dialect().max_tokens_field, MaxTokensField::MaxTokens);
    assert!(!target.dialect().supports_stream_usage);
    assert_eq!(target.dialect().default_max_tokens, 4096);
    assert!(target.key().is_none());
}

#[test]
fn a_key_comes_from_the_environment_also_within_other_text() {
    let text = downstream_with("api_key: 'pre-${A_KEY}-${OTHER}'");
    let variables = |name: &str| Some(format!("<{name}>"));
    let config = Config::from_yaml_with(&text, variables).unwrap();
    let table = config.build(&registry()).unwrap();
    let key = table.targets()[0].key().unwrap();
    assert_eq!(key.expose_secret(), "pre-<A_KEY>-<OTHER>");
}

#[test]
fn a_variable_that_is_missing_or_empty_is_named() {
    let text = downstream_with("api_key: ${A_KEY}");
    let expected = "4:14: downstreams[0].api_key: the environment variable A_KEY is not set";
    assert_eq!(mistakes(&text), [expected]);
    let empty = Config::from_yaml_with(&text, |_| Some(String::new())).unwrap();
    assert_eq!(empty.build(&registry()).unwrap_err().to_string(), expected);
}

#[test]
fn keys_are_never_shown() {
    let correct = downstream_with(&format!("api_key: {SECRET}"));
    let config = Config::from_yaml(&correct).unwrap();
    let table = config.build(&registry()).unwrap();
    let shown = format!("{config:?} {table:?} {:?}", table.targets());
    assert!(!shown.contains(SECRET), "{shown}");

    for entry in [
        format!("api_key: [{SECRET}]"),
        format!("api_key: {{{SECRET}: 1}}"),
        format!("api_key: '${{{SECRET}'"),
        format!("api_key: '${{{SECRET}}}'"),
        format!("api_key: \"{SECRET}\\n\""),
        format!("api_key: \"{SECRET}"),
        format!("api_key: {SECRET}: x"),
        format!("api_key: !!int {SECRET}"),
        format!("api_key: &{SECRET} a\n    name: *{SECRET}x"),
    ] {
        let text = downstream_with(&entry);
        let config = Config::from_yaml_with(&text, no_variables);
        let built = config.and_then(|config| config.build(&registry()));
        let errors = built.expect_err(&entry);
        let shown = format!("{errors} {errors:?}");
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

#[test]
fn situation_12_a_base_url_that_could_surprise_is_refused_without_being_shown() {
    for (url, reason) in [
        ("ftp://h/v1", "it must begin with http:// or https://"),
        ("api.openai.com", "it must begin with http:// or https://"),
        (
            "https://user:CANARY-never-show@h",
            "it must not hold a user name or password",
        ),
        ("https://h/a/../v1", "its path must not go up"),
        ("https://h/v1#part", "it must not have a fragment"),
        ("https://h/a b", "it must look like https://host/path"),
        ("file:///etc/passwd", "it must look like https://host/path"),
        ("unix://h/v1", "it must begin with http:// or https://"),
        ("https:///v1", "it must look like https://host/path"),
        ("https://h/a/%2E%2e/v1", "its path must not go up"),
        ("https://h/.", "its path must not go up"),
        (
            "https://CANARY-never-show@h",
            "it must not hold a user name or password",
        ),
        ("https://h:99999", "its port is no number up to 65535"),
        ("https://h/é", "its path is not one that a URL can hold"),
    ] {
        let text = format!("downstreams:\n  - id: a\n    base_url: '{url}'\n");
        let expected = format!("3:15: downstreams[0].base_url: invalid URL: {reason}");
        assert_eq!(mistakes(&text), [expected], "{url}");
    }
}

#[test]
fn situation_13_a_model_with_control_characters_is_refused_wherever_a_provider_would_get_it() {
    let text = r#"
downstreams:
  - {id: a, base_url: https://a, output_model_ids: ["m\n", n]}
  - {id: b, base_url: https://b, output_model_ids: [o]}
rules:
  - {id: r, pattern_model: x, match_downstreams: [a], output_model: "m\r\nx", fallback: [{downstream: b, output_model: "o\0"}]}
aliases:
  - {input_model_id: y, options: [{downstream_id: b, output_model_id: "o\x7f"}]}
"#;
    assert_eq!(
        mistakes(text),
        [
            r#"3:10: downstreams[0].id: the model "m\n" has control characters"#,
            r#"6:10: rules[0].id: the model "m\r\nx" has control characters"#,
            r#"6:103: rules[0].fallback[0].downstream: the model "o\0" has control characters"#,
            r#"8:35: aliases[0].options[0]: the model "o\u{7f}" has control characters"#,
        ]
    );
}

#[test]
fn row_41_a_star_that_would_rename_everything_is_refused() {
    let rule = "pattern_model: '*'\n    match_downstreams: [anthropic]";
    assert_eq!(
        mistakes(&rule_with(rule)),
        [
            "9:25: rules[0].match_downstreams[0]: rule \"r\" would rename every unknown model to m; say output_model"
        ]
    );
    let lists_several = rule_with(rule).replace("[m]", "[m, n]");
    assert_eq!(
        mistakes(&lists_several),
        [
            "9:25: rules[0].match_downstreams[0]: rule \"r\" sends \"*\" to \"anthropic\", which has none of that name but m, n; say output_model"
        ]
    );
}

#[test]
fn row_42_a_name_is_never_guessed_among_several() {
    let azure = AZURE.replace("      - gpt-4o\n", "      - gpt-4o\n      - gpt-4.1\n");
    let mut config = Config::from_yaml(PAGE).unwrap();
    config.append_yaml(&azure).unwrap();
    assert_eq!(
        config.build(&registry()).unwrap_err().to_string(),
        "15:25: rules[0].match_downstreams[0]: rule \"azure-rule\" sends \"azure-gpt4o\" to \"azure-openai\", which has none of that name but gpt-4o, gpt-4.1; say output_model"
    );
}

#[test]
fn row_45_an_unknown_downstream_is_refused() {
    assert_eq!(
        mistakes(&rule_with("match_downstreams: [nope]")),
        ["8:25: rules[0].match_downstreams[0]: unknown downstream \"nope\"; known are anthropic"]
    );
}

#[test]
fn row_52_a_translator_that_can_take_no_leg_is_refused() {
    let rule = "match_format: [openai]\n    match_downstreams: [anthropic]\n    pipeline_config: [{plugin_id: gemini2openai}]";
    assert_eq!(
        mistakes(&rule_with(rule)),
        [
            "10:35: rules[0].pipeline_config[0].plugin_id: \"gemini2openai\" can never be of use here: the rule sees only openai to anthropic"
        ]
    );
}

#[test]
fn what_a_plugin_says_of_its_settings_is_reported_at_them() {
    let mut registry = registry();
    registry.register("picky", |settings| {
        Err(format!("no {}", settings["n"]).into())
    });
    let text = rule_with(
        "pipeline_config: [{plugin_id: picky, config: {n: 1}}, {plugin_id: openai2anthropic, config: {x: 1}}]",
    );
    let errors = Config::from_yaml(&text)
        .unwrap()
        .build(&registry)
        .unwrap_err();
    assert_eq!(
        errors.to_string(),
        "8:50: rules[0].pipeline_config[0].config: no 1\n8:97: rules[0].pipeline_config[1].config: \"openai2anthropic\" takes no settings"
    );
}

#[test]
fn two_rules_of_one_id_are_refused() {
    let text = rule_with("name: first\n  - id: r");
    assert_eq!(
        mistakes(&text),
        ["9:9: rules[1].id: another rule has the id \"r\" too"]
    );
}

#[test]
fn json_says_the_same() {
    let text = r#"{"downstreams": [{"id": "a", "base_url": "https://a", "output_model_ids": ["m"]}], "rules": [{"id": "r", "match_downstreams": ["a"]}]}"#;
    let table = Config::from_json(text).unwrap().build(&registry()).unwrap();
    assert_eq!(table.targets().len(), 1);
    let wrong = text.replace("[\"a\"]", "[\"ax\"]");
    let errors = Config::from_json(&wrong)
        .unwrap()
        .build(&registry())
        .unwrap_err();
    assert_eq!(
        errors.to_string(),
        "rules[0].match_downstreams[0]: unknown downstream \"ax\"; did you mean \"a\"?"
    );
    assert_eq!(
        Config::from_json("{").unwrap_err().to_string(),
        "1:1: this is not JSON"
    );
}
