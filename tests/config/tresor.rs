//! A file as Tresor reads and writes them, with every key that it knows.

use tower_llm_gateway::{config::Config, router::Table};

use crate::support::{CHAT, decide, legs, registry, rules, sent};

const FILE: &str = r#"bind_addr: 0.0.0.0:9000
socket_path: /run/tresor.sock
db_path: ~/tresor/data.db
admin_password: correct-horse
proxy_mode: env
proxy_api_keys: [team-a, team-b]
default_tab: rules
log_level: debug
capture_payloads: true
icon_cache_dir: ~/tresor/icons
retry_on_empty: true

downstreams:
  - id: cloud
    name: The cloud
    api_formats: [openai_responses]
    base_url: https://cloud.test
    api_key: ""
    output_model_ids: [big, small]
  - id: twofold
    name: Two formats, two addresses
    api_formats: [openai, anthropic]
    base_url: https://twofold.test
    format_urls:
      anthropic: https://twofold.test/anthropic
    api_key: sk-twofold
    output_model_ids: [deep]
  - id: old
    name: Written by an early version
    api_format: gemini
    base_url: https://old.test
    output_model_ids: [ancient]

rules:
  - id: images
    name: Images
    pattern_path: "*"
    match_format: [anthropic]
    pipeline_config:
      - plugin_id: fix_anthropic_images
    is_enabled: true
  - id: marked
    name: Marked
    pattern_path: /v1/chat/completions
    pattern_model: deep
    pattern_models: [deep, deeper]
    match_format: [openai]
    match_downstream_format: [openai]
    match_downstreams: [twofold]
    pipeline_config:
      - plugin_id: custom_header
        config: {headers: {X-Team: a}}
    is_enabled: true

aliases:
  - input_model_id: "claude-.*"
    is_regex: true
    announced_names: [claude-opus]
    options:
      - id: any-claude
        downstream_id: cloud
        output_model_id: big
  - input_model_id: claude-small
    options:
      - id: small-cloud
        downstream_id: cloud
        output_model_id: small
      - id: small-old
        downstream_id: old
        output_model_id: ancient
"#;

fn config() -> Config {
    Config::from_yaml(FILE).unwrap()
}

fn table() -> Table {
    let built = config().build(&registry());
    built.unwrap_or_else(|errors| panic!("{errors}"))
}

fn sent_for(path: &str, model: &str) -> String {
    sent(&decide(&table(), path, model).unwrap())
}

#[test]
fn what_is_for_tresors_own_server_is_said_and_does_no_harm() {
    let lints: Vec<_> = config()
        .lints(&table())
        .iter()
        .map(ToString::to_string)
        .collect();
    let server = [
        (1, "bind_addr"),
        (2, "socket_path"),
        (3, "db_path"),
        (4, "admin_password"),
        (5, "proxy_mode"),
        (7, "default_tab"),
        (8, "log_level"),
        (9, "capture_payloads"),
        (10, "icon_cache_dir"),
    ];
    let expected: Vec<_> = server
        .map(|(line, key)| {
            format!("{line}:1: {key}: {key:?} is not read: it is for Tresor's own server, and here the host does that")
        })
        .into();
    assert_eq!(lints, expected);
}

#[test]
fn what_an_unread_key_says_is_not_shown() {
    let lints = config().lints(&table());
    assert!(!format!("{lints:?}").contains("correct-horse"));
}

#[test]
fn its_keys_of_callers_are_kept() {
    assert_eq!(config().client_keys().len(), 2);
}

#[test]
fn its_models_go_to_their_owners() {
    assert_eq!(
        sent_for("/v1/responses", "big"),
        "cloud  https://cloud.test/v1/responses"
    );
    assert_eq!(
        sent_for("/v1/messages", "deep"),
        "twofold  https://twofold.test/anthropic/v1/messages"
    );
    assert_eq!(
        sent_for("/v1beta/models/ancient:generateContent", ""),
        "old  https://old.test/v1beta/models/:generateContent"
    );
}

#[test]
fn its_aliases_stand_for_their_first_options() {
    assert_eq!(
        sent_for("/v1/responses", "claude-opus"),
        "cloud big https://cloud.test/v1/responses"
    );
    assert_eq!(
        sent_for("/v1/responses", "claude-small"),
        "cloud small https://cloud.test/v1/responses"
    );
    assert!(decide(&table(), CHAT, "my-claude").is_err());
}

#[test]
fn its_rules_run_their_pipelines() {
    let marked = decide(&table(), CHAT, "deep").unwrap();
    assert_eq!(rules(&marked), ["marked"]);
    let images = decide(&table(), "/v1/messages", "claude-small").unwrap();
    assert_eq!(rules(&images), ["images"]);
    assert_eq!(
        legs(&images),
        "anthropic>openai_responses auto | openai_responses>anthropic auto"
    );
}
