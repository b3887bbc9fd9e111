//! What `explain` says is what happens, and no secret.

mod agreement;
mod fallbacks;
mod sentences;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use proptest::{collection::vec, prelude::*, sample::select, sample::subsequence};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    config::Config,
    format::ApiFormat,
    plugin::Registry,
    router::{Alias, AliasOption, Facts, Pattern, RuleRouterLayer, Served, SharedTable, Table},
    target::Target,
};

use crate::{support::*, *};

/// What the table says to a caller of `openai` about a chat with `model`.
fn explain(table: &Table, model: &str) -> Value {
    let headers = HeaderMap::new();
    let facts = Facts::new(CHAT, ApiFormat::OPENAI, model, &headers);
    serde_json::to_value(table.explain(&facts)).unwrap()
}

/// The same of a request to `path` with this body.
fn explain_request(table: &Table, method: Method, path: &str, body: &str) -> Value {
    let mut request = Request::new(body.to_owned());
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap();
    serde_json::to_value(table.explain_request(&request)).unwrap()
}

fn why(explanation: &Value) -> Vec<&str> {
    let why = explanation["why"].as_array().unwrap();
    why.iter()
        .map(|sentence| sentence.as_str().unwrap())
        .collect()
}

#[track_caller]
fn assert_why(explanation: &Value, sentence: &str) {
    let why = why(explanation);
    assert!(why.contains(&sentence), "{why:#?}");
}

/// Of an answer that comes whole.
fn default_timeouts() -> Value {
    json!({
        "connect": "5s",
        "pool_wait": "5s",
        "request_write": "30s",
        "first_byte": "10m",
        "first_event": "10m",
        "idle": "5m",
        "attempt": "none",
        "total": "10m",
    })
}

fn default_retry() -> Value {
    json!({
        "attempts": 3,
        "backoff": "250ms",
        "max_backoff": "8s",
        "max_wait": "10s",
        "budget": 0.2_f32,
        "statuses": [],
        "on_empty": false,
    })
}

/// The explanation of an exchange that nothing translates.
fn untranslated(downstream: &str, model: &str, url: &str, rules: &[&str], why: &[&str]) -> Value {
    json!({
        "status": 200,
        "downstream": downstream,
        "model": model,
        "url": url,
        "client_format": "openai",
        "provider_format": "openai",
        "rules": rules,
        "request": [],
        "response": [],
        "deduplicated": [],
        "timeouts": default_timeouts(),
        "retry": default_retry(),
        "fallbacks": [],
        "experiment": null,
        "arm": null,
        "assignment": null,
        "arms": [],
        "shadow": null,
        "why": why,
    })
}

#[test]
fn row_01_an_owner_that_a_rule_chooses_is_explained() {
    let why = [
        "'openai', 'azure-openai' have 'gpt-4o'; rule 'gpt4o-rule' chooses 'openai'.",
        "The model sent is 'gpt-4o', as the caller says.",
        "'openai' speaks openai, as the caller does.",
    ];
    let expected = untranslated("openai", "gpt-4o", OPENAI_URL, &["gpt4o-rule"], &why);
    assert_eq!(explain(&c0(), "gpt-4o"), expected);
}

#[test]
fn row_02_legs_of_a_translation_are_explained_with_who_asked_for_them() {
    let expected = json!({
        "status": 200,
        "downstream": "anthropic",
        "model": SONNET,
        "url": ANTHROPIC_URL,
        "client_format": "openai",
        "provider_format": "anthropic",
        "rules": ["sonnet-rule"],
        "request": [["openai", "anthropic", "auto"]],
        "response": [["anthropic", "openai", "rule"]],
        "deduplicated": [],
        "timeouts": default_timeouts(),
        "retry": default_retry(),
        "fallbacks": [],
        "experiment": null,
        "arm": null,
        "assignment": null,
        "arms": [],
        "shadow": null,
        "why": [
            "'anthropic' is the downstream that has 'claude-sonnet-4-20250514', and rule 'sonnet-rule' leads there too.",
            "The model sent is 'claude-sonnet-4-20250514', as the caller says.",
            "The caller speaks openai, and 'anthropic' speaks anthropic only.",
            "The request is translated from openai to anthropic automatically.",
            "The response is translated from anthropic to openai because a rule says so.",
        ],
    });
    assert_eq!(explain(&c0(), SONNET), expected);
}

#[test]
fn row_04_a_rule_that_routes_is_explained_with_the_name_that_is_sent() {
    let why = [
        "No alias stands for 'azure-gpt4o' and no downstream has it. Rule 'azure-rule' names it ('azure-gpt4o') and leads to 'azure-openai'.",
        "The model sent is 'gpt-4o', the only one that 'azure-openai' has.",
        "'azure-openai' speaks openai, as the caller does.",
        "Rule 'gpt4o-rule' matches path and the model that is sent, but it does not lead to 'azure-openai'.",
    ];
    let expected = untranslated("azure-openai", "gpt-4o", AZURE_URL, &["azure-rule"], &why);
    assert_eq!(explain(&c0(), "azure-gpt4o"), expected);
}

#[test]
fn row_05_owners_are_explained_in_the_order_in_which_they_were_declared() {
    let azure_first = format!("downstreams:\n{AZURE}");
    let explanation = explain(&table(&[&azure_first, PAGE]), "gpt-4o");
    assert_eq!(explanation["url"], OPENAI_URL);
    assert_why(
        &explanation,
        "'azure-openai', 'openai' have 'gpt-4o'; rule 'gpt4o-rule' chooses 'openai'.",
    );
}

#[test]
fn row_07_an_unknown_model_is_explained_as_what_the_caller_gets() {
    let expected = json!({
        "status": 404,
        "downstream": null,
        "model": null,
        "url": null,
        "client_format": "openai",
        "provider_format": null,
        "rules": [],
        "request": [],
        "response": [],
        "deduplicated": [],
        "timeouts": null,
        "retry": null,
        "fallbacks": [],
        "experiment": null,
        "arm": null,
        "assignment": null,
        "arms": [],
        "shadow": null,
        "why": [
            "The caller gets 404 (model_not_found): The model 'foo' is not configured on this gateway.",
            "No alias stands for 'foo', no downstream has it, and no rule for this path names it and leads somewhere.",
        ],
    });
    assert_eq!(explain(&c0(), "foo"), expected);
}

#[test]
fn row_10_a_pattern_that_routes_is_explained() {
    let rule = "rules: [{id: glob, pattern_model: claude-*, match_downstreams: [anthropic]}]";
    let explanation = explain(&table(&[PAGE, AZURE, rule]), "claude-sonnet");
    assert_eq!(explanation["rules"], json!(["sonnet-rule", "glob"]));
    assert_eq!(explanation["model"], SONNET);
    assert_why(
        &explanation,
        "No alias stands for 'claude-sonnet' and no downstream has it. Rule 'glob' names it ('claude-*') and leads to 'anthropic'.",
    );
}

/// The page with this alias for options of other models.
fn aliased(name: &str, options: &[(&str, &str)]) -> SharedTable {
    let page = c0();
    let options = options.iter().map(|(downstream, model)| {
        AliasOption::new(format!("to-{downstream}"), *downstream, *model)
    });
    let alias = Alias::new(name, Pattern::exact(name), options.collect());
    let targets: Vec<Target> = page
        .targets()
        .iter()
        .map(|target| (**target).clone())
        .collect();
    let rules = page.rules().cloned().collect();
    SharedTable::new(Table::build(targets, rules, vec![alias]).unwrap())
}

#[test]
fn row_25_an_alias_is_explained_by_its_active_option() {
    let shared = aliased("gpt-4o", &[("openai", "gpt-4o"), ("anthropic", SONNET)]);
    shared.activate_alias("to-anthropic").unwrap();
    let explanation = explain(&shared.load(), "gpt-4o");
    assert_eq!(explanation["downstream"], "anthropic");
    assert_eq!(explanation["rules"], json!(["sonnet-rule"]));
    assert_eq!(
        why(&explanation)[..2],
        [
            "Alias 'gpt-4o' stands for 'gpt-4o', and its active option 'to-anthropic' leads to 'anthropic'. It comes before the downstreams that have the model ('openai', 'azure-openai') and before rules.",
            "The model sent is 'claude-sonnet-4-20250514', as the option says.",
        ]
    );
    assert_why(
        &explanation,
        "Rule 'gpt4o-rule' matches path and model, but it does not lead to 'anthropic'.",
    );
}

#[test]
fn row_27_an_alias_is_explained_to_come_before_the_rule_that_would_route() {
    let explanation = explain(
        &aliased("azure-gpt4o", &[("openai", "gpt-4o")]).load(),
        "azure-gpt4o",
    );
    assert_eq!(explanation["downstream"], "openai");
    assert_eq!(explanation["rules"], json!(["gpt4o-rule"]));
    assert_why(
        &explanation,
        "Alias 'azure-gpt4o' stands for 'azure-gpt4o', and its active option 'to-openai' leads to 'openai'. It comes before downstreams and rules.",
    );
    assert_why(
        &explanation,
        "Rule 'azure-rule' matches path and model, but it does not lead to 'openai'.",
    );
}

#[test]
fn row_44_a_rule_that_leads_elsewhere_is_explained_to_have_no_say() {
    let text = "downstreams:\n- {id: rule-ds, base_url: https://r}\n- {id: model-ds, base_url: https://m, output_model_ids: [gpt-4o]}\nrules: [{id: r, pattern_path: /v1/chat/completions, match_downstreams: [rule-ds], pipeline_config: [{plugin_id: custom_header}]}]";
    let why = [
        "'model-ds' is the downstream that has 'gpt-4o'.",
        "The model sent is 'gpt-4o', as the caller says.",
        "'model-ds' does not say what it speaks, and gets the caller's format, openai.",
        "Rule 'r' matches path and model, but it does not lead to 'model-ds'.",
    ];
    let url = "https://m/v1/chat/completions";
    let expected = untranslated("model-ds", "gpt-4o", url, &[], &why);
    assert_eq!(explain(&table(&[text]), "gpt-4o"), expected);
}

#[test]
fn row_48_a_translator_that_is_not_needed_is_listed() {
    let table =
        sonnet_with("      - plugin_id: openai2anthropic\n      - plugin_id: anthropic2openai\n");
    let explanation = explain(&table, SONNET);
    assert_eq!(
        explanation["request"],
        json!([["openai", "anthropic", "rule"]])
    );
    assert_eq!(
        explanation["response"],
        json!([["anthropic", "openai", "rule"]])
    );
    assert_eq!(explanation["deduplicated"], json!(["anthropic2openai"]));
    assert_why(
        &explanation,
        "'anthropic2openai' does nothing: somebody else translates between these formats already.",
    );
}

#[test]
fn plugins_are_listed_between_translation_and_downstream_and_backwards_on_the_way_back() {
    let table =
        sonnet_with("      - plugin_id: custom_header\n      - plugin_id: fix_anthropic_images\n");
    let explanation = explain(&table, SONNET);
    let (there, back) = (
        json!(["openai", "anthropic", "auto"]),
        json!(["anthropic", "openai", "auto"]),
    );
    assert_eq!(
        explanation["request"],
        json!([there, "custom_header", "fix_anthropic_images"])
    );
    assert_eq!(
        explanation["response"],
        json!(["fix_anthropic_images", "custom_header", back])
    );
}
