//! Which request goes where. Each row of the routing table that needs no wire has a test here.
#![cfg(feature = "yaml")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

#[path = "support/routing.rs"]
mod support;

use http::{HeaderMap, Method};
use proptest::prelude::*;
use serde_json::json;
use support::*;
use tower::{Layer, ServiceExt, service_fn};
use tower_llm_gateway::{
    Body, BoxError,
    format::ApiFormat,
    ir::ErrorKind,
    plugin::Stack,
    router::{Facts, Table},
};

const OPENAI_URL: &str = "https://api.openai.com/v1/chat/completions";
const ANTHROPIC_URL: &str = "https://api.anthropic.com/v1/messages";
const AZURE_URL: &str = "https://my-resource.openai.azure.com/openai/v1/chat/completions";

/// Two downstreams without models, `a` and `b`, and these rules.
fn two(rules: &str) -> Table {
    let downstreams =
        "downstreams:\n- {id: a, base_url: https://a}\n- {id: b, base_url: https://b}\n";
    table(&[&format!("{downstreams}rules:\n{rules}")])
}

fn assert_unknown(table: &Table, path: &str, model: &str) {
    let error = decide(table, path, model).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[test]
fn row_01_gpt_4o_goes_to_openai_without_a_transform() {
    let decision = decide(&c0(), CHAT, "gpt-4o").unwrap();
    assert_eq!(rules(&decision), ["gpt4o-rule"]);
    assert_eq!(sent(&decision), format!("openai  {OPENAI_URL}"));
    assert_eq!(legs(&decision), " | ");
    assert!(decision.plugins().is_none());
}

#[test]
fn row_02_sonnet_goes_to_anthropic_there_by_itself_and_back_by_the_rule() {
    let decision = decide(&c0(), CHAT, SONNET).unwrap();
    assert_eq!(rules(&decision), ["sonnet-rule"]);
    assert_eq!(sent(&decision), format!("anthropic  {ANTHROPIC_URL}"));
    assert_eq!(decision.selected().provider(), ApiFormat::ANTHROPIC);
    assert_eq!(
        legs(&decision),
        "openai>anthropic auto | anthropic>openai rule"
    );
    assert!(decision.legs().deduplicated.is_empty());
    assert!(decision.legs().inert.is_empty());
}

#[test]
fn row_03_a_stream_takes_the_same_way() {
    let headers = HeaderMap::new();
    let mut facts = Facts::new(CHAT, ApiFormat::OPENAI, SONNET, &headers);
    facts.stream = true;
    let decision = c0().decide(&facts).unwrap();
    assert!(decision.selected().stream());
    assert_eq!(rules(&decision), ["sonnet-rule"]);
    assert_eq!(
        legs(&decision),
        "openai>anthropic auto | anthropic>openai rule"
    );
}

#[test]
fn row_04_azure_gpt4o_goes_to_azure_under_the_only_name_there() {
    let decision = decide(&c0(), CHAT, "azure-gpt4o").unwrap();
    assert_eq!(rules(&decision), ["azure-rule"]);
    assert_eq!(sent(&decision), format!("azure-openai gpt-4o {AZURE_URL}"));
    assert_eq!(legs(&decision), " | ");
}

#[test]
fn row_05_a_rule_narrows_the_owners_whichever_was_declared_first() {
    let azure_first = format!("downstreams:\n{AZURE}");
    let decision = decide(&table(&[&azure_first, PAGE]), CHAT, "gpt-4o").unwrap();
    assert_eq!(rules(&decision), ["gpt4o-rule"]);
    assert_eq!(sent(&decision), format!("openai  {OPENAI_URL}"));
}

#[test]
fn row_06_without_a_rule_the_first_owner_takes_it_and_a_lint_says_so() {
    let table = c0_without("gpt4o-rule");
    let decision = decide(&table, CHAT, "gpt-4o").unwrap();
    assert!(rules(&decision).is_empty());
    assert_eq!(sent(&decision), format!("openai  {OPENAI_URL}"));
    let lints: Vec<_> = table.lints().iter().map(ToString::to_string).collect();
    assert_eq!(lints, ["model gpt-4o owned by openai, azure-openai"]);
    assert!(c0().lints().is_empty());
}

#[test]
fn row_07_an_unknown_model_is_not_found_in_the_words_of_openai() {
    let error = decide(&c0(), CHAT, "foo").unwrap_err();
    let body = json!({"error": {
        "message": "The model 'foo' is not configured on this gateway.",
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_not_found",
    }});
    assert_eq!(refused(ApiFormat::OPENAI, &error), (404, body));
}

#[test]
fn row_08_a_stream_of_an_unknown_model_is_refused_the_same_way() {
    let headers = HeaderMap::new();
    let mut facts = Facts::new(CHAT, ApiFormat::OPENAI, "foo", &headers);
    facts.stream = true;
    let streamed = c0().decide(&facts).unwrap_err();
    assert_eq!(streamed, decide(&c0(), CHAT, "foo").unwrap_err());
}

#[test]
fn row_09_exact_means_exact() {
    assert_unknown(&c0(), CHAT, "claude-sonnet");
}

#[test]
fn row_10_a_glob_routes_what_nobody_owns_under_the_only_name_there() {
    let rule = "rules: [{id: glob, pattern_model: claude-*, match_downstreams: [anthropic]}]";
    let table = table(&[PAGE, AZURE, rule]);
    let decision = decide(&table, CHAT, "claude-sonnet").unwrap();
    // What goes out is the name of the other rule's model, so that one speaks too.
    assert_eq!(rules(&decision), ["sonnet-rule", "glob"]);
    assert_eq!(
        sent(&decision),
        format!("anthropic {SONNET} {ANTHROPIC_URL}")
    );
}

#[test]
fn row_11_case_counts() {
    assert_unknown(&c0(), CHAT, "GPT-4o");
}

#[test]
fn row_12_a_caller_of_the_provider_s_format_needs_no_transform() {
    let decision = decide(&c0(), "/v1/messages", SONNET).unwrap();
    assert!(rules(&decision).is_empty());
    assert_eq!(sent(&decision), format!("anthropic  {ANTHROPIC_URL}"));
    assert_eq!(legs(&decision), " | ");
}

#[test]
fn row_13_an_anthropic_caller_reaches_an_openai_owner() {
    let decision = decide(&c0(), "/v1/messages", "gpt-4o").unwrap();
    assert!(rules(&decision).is_empty());
    assert_eq!(sent(&decision), format!("openai  {OPENAI_URL}"));
    assert_eq!(
        legs(&decision),
        "anthropic>openai auto | openai>anthropic auto"
    );
}

#[test]
fn row_14_a_rule_for_one_path_does_not_route_another() {
    let error = decide(&c0(), "/v1/messages", "azure-gpt4o").unwrap_err();
    let body = json!({
        "type": "error",
        "error": {"type": "not_found_error", "message": "model: azure-gpt4o"},
        "request_id": null,
    });
    assert_eq!(refused(ApiFormat::ANTHROPIC, &error), (404, body));
}

#[test]
fn row_15_a_responses_caller_reaches_an_openai_owner() {
    let decision = decide(&c0(), "/v1/responses", "gpt-4o").unwrap();
    assert_eq!(sent(&decision), format!("openai  {OPENAI_URL}"));
    assert_eq!(
        legs(&decision),
        "openai_responses>openai auto | openai>openai_responses auto"
    );
}

#[test]
fn row_16_gemini_s_model_is_in_its_path() {
    let decision = decide(&c0(), "/v1beta/models/gpt-4o:generateContent", "").unwrap();
    assert_eq!(sent(&decision), format!("openai  {OPENAI_URL}"));
    assert_eq!(legs(&decision), "gemini>openai auto | openai>gemini auto");
}

#[test]
fn row_17_an_unknown_model_is_not_found_for_gemini_either() {
    let path = "/v1beta/models/foo:streamGenerateContent";
    let error = decide(&c0(), path, "").unwrap_err();
    let body = json!({"error": {
        "code": 404,
        "message": "models/foo is not found",
        "status": "NOT_FOUND",
    }});
    assert_eq!(refused(ApiFormat::GEMINI, &error), (404, body));
}

#[test]
fn row_18_a_request_that_names_no_model_is_a_bad_request() {
    let error = decide(&c0(), CHAT, "").unwrap_err();
    assert_eq!(error.kind, ErrorKind::BadRequest);
    assert_eq!(error.message, "The request names no model.");
    assert_eq!(refused(ApiFormat::OPENAI, &error).0, 400);
}

#[test]
fn row_20_a_rule_that_is_off_does_not_route() {
    assert_unknown(&c0_disabled("azure-rule"), CHAT, "azure-gpt4o");
}

#[test]
fn row_21_ownership_needs_no_rule() {
    let decision = decide(&c0_disabled("gpt4o-rule"), CHAT, "gpt-4o").unwrap();
    assert!(rules(&decision).is_empty());
    assert_eq!(sent(&decision), format!("openai  {OPENAI_URL}"));
}

#[test]
fn row_22_without_the_rule_both_legs_come_by_themselves() {
    let decision = decide(&c0_disabled("sonnet-rule"), CHAT, SONNET).unwrap();
    assert!(rules(&decision).is_empty());
    assert_eq!(sent(&decision), format!("anthropic  {ANTHROPIC_URL}"));
    assert_eq!(
        legs(&decision),
        "openai>anthropic auto | anthropic>openai auto"
    );
}

#[test]
fn row_23_a_rule_that_does_not_say_is_on() {
    let table = c0_with(
        "match_downstreams: [azure-openai]\n    pipeline_config: []\n    is_enabled: true",
        "match_downstreams: [azure-openai]",
    );
    let decision = decide(&table, CHAT, "azure-gpt4o").unwrap();
    assert_eq!(rules(&decision), ["azure-rule"]);
    assert_eq!(sent(&decision), format!("azure-openai gpt-4o {AZURE_URL}"));
}

/// The plugins of a decision, in the order in which a request passes them.
async fn passed(table: &Table, path: &str, model: &str) -> Vec<String> {
    let decision = decide(table, path, model).unwrap();
    let Some(plugins) = decision.plugins() else {
        return Vec::new();
    };
    let leaf = service_fn(|request: http::Request<Body>| async move {
        let mut response = http::Response::new(Body::empty());
        *response.extensions_mut() = request.extensions().clone();
        Ok::<_, BoxError>(response)
    });
    let stack = plugins
        .0
        .iter()
        .rev()
        .fold(Stack::new(leaf), |inner, layer| layer.layer(inner));
    let response = stack
        .oneshot(http::Request::new(Body::empty()))
        .await
        .unwrap();
    response.extensions().get::<Passed>().unwrap().0.clone()
}

#[tokio::test]
async fn row_32_the_pipelines_of_all_rules_run_most_specific_first() {
    let mut rules_text = Vec::new();
    for (id, path, model) in [
        ("any-exact", "/p", "~"),
        ("model-wild", "'*'", "b"),
        ("model-exact", "/p", "b"),
        ("any-wild", "'*'", "~"),
    ] {
        let pipeline = format!("[{{plugin_id: custom_header, config: {{name: {id}}}}}]");
        rules_text.push(format!("- {{id: {id}, pattern_path: {path}, pattern_model: {model}, pipeline_config: {pipeline}, match_downstreams: [a]}}\n"));
    }
    let table = two(&rules_text.concat());
    let order = ["model-exact", "model-wild", "any-exact", "any-wild"];
    assert_eq!(rules(&decide(&table, "/p", "b").unwrap()), order);
    assert_eq!(passed(&table, "/p", "b").await, order);
    assert_eq!(passed(&table, CHAT, "b").await, ["model-wild", "any-wild"]);
}

#[test]
fn row_34_a_rule_for_callers_of_one_format_leaves_the_others_alone() {
    let rule = "rules: [{id: images, match_format: [anthropic], pipeline_config: [{plugin_id: fix_anthropic_images}]}]";
    let table = table(&[PAGE, AZURE, rule]);
    let chat = decide(&table, CHAT, SONNET).unwrap();
    assert_eq!(rules(&chat), ["sonnet-rule"]);
    assert!(chat.plugins().is_none());
    let messages = decide(&table, "/v1/messages", SONNET).unwrap();
    assert_eq!(rules(&messages), ["images"]);
    assert_eq!(messages.plugins().unwrap().0.len(), 1);
}

#[test]
fn row_35_the_downstream_format_is_the_one_really_used() {
    let both = "downstreams: [{id: x, base_url: https://x, api_formats: [openai, anthropic], output_model_ids: [m]}]\nrules: [{id: r, match_downstream_format: [anthropic]}]";
    let table = table(&[both]);
    let chat = decide(&table, CHAT, "m").unwrap();
    assert_eq!(chat.selected().provider(), ApiFormat::OPENAI);
    assert!(rules(&chat).is_empty());
    assert_eq!(rules(&decide(&table, "/v1/messages", "m").unwrap()), ["r"]);
}

#[test]
fn row_36_the_glob_with_the_longer_literal_part_wins() {
    let table = two(
        "- {id: short, pattern_model: gpt-*, match_downstreams: [b]}\n- {id: long, pattern_model: gpt-4o-*, match_downstreams: [a]}\n",
    );
    let decision = decide(&table, CHAT, "gpt-4o-mini").unwrap();
    assert_eq!(&**decision.selected().target().id(), "a");
    assert_eq!(rules(&decision), ["long"]);
}

#[test]
fn row_37_a_glob_wins_over_a_regular_expression() {
    let table = two(
        "- {id: regex, pattern_model: 're:gpt-.+', match_downstreams: [b]}\n- {id: glob, pattern_model: gpt-*, match_downstreams: [a]}\n",
    );
    let decision = decide(&table, CHAT, "gpt-9").unwrap();
    assert_eq!(&**decision.selected().target().id(), "a");
}

#[test]
fn row_38_a_list_of_models_names_each_of_them() {
    let rule = "rules: [{id: list, pattern_models: [m1, m2], match_downstreams: [azure-openai]}]";
    let decision = decide(&table(&[PAGE, AZURE, rule]), CHAT, "m2").unwrap();
    assert_eq!(rules(&decision), ["list"]);
    assert_eq!(sent(&decision), format!("azure-openai gpt-4o {AZURE_URL}"));
}

#[test]
fn row_39_a_rule_without_a_model_routes_no_unknown_ones() {
    let rule = "rules: [{id: any, match_downstreams: [openai]}]";
    assert_unknown(&table(&[PAGE, AZURE, rule]), CHAT, "foo");
}

#[test]
fn row_40_a_star_routes_unknown_models_under_their_own_name() {
    let rule = "rules: [{id: any, pattern_model: '*', output_model: passthrough, match_downstreams: [openai]}]";
    let decision = decide(&table(&[PAGE, AZURE, rule]), CHAT, "foo").unwrap();
    assert_eq!(sent(&decision), format!("openai  {OPENAI_URL}"));
    assert!(decision.selected().model().is_none());
}

#[test]
fn row_42_a_rule_says_which_of_several_models_it_means() {
    let azure = AZURE
        .replace("      - gpt-4o\n", "      - gpt-4o\n      - gpt-4.1\n")
        .replace(
            "    is_enabled",
            "    output_model: gpt-4.1\n    is_enabled",
        );
    let table = table(&[PAGE, &azure]);
    let decision = decide(&table, CHAT, "azure-gpt4o").unwrap();
    assert_eq!(sent(&decision), format!("azure-openai gpt-4.1 {AZURE_URL}"));
}

#[test]
fn row_43_a_downstream_without_a_list_gets_the_caller_s_name() {
    let azure = AZURE.replace(
        "output_model_ids:\n      - gpt-4o\n",
        "output_model_ids: []\n",
    );
    let decision = decide(&table(&[PAGE, &azure]), CHAT, "azure-gpt4o").unwrap();
    assert_eq!(sent(&decision), format!("azure-openai  {AZURE_URL}"));
}

#[test]
fn a_downstream_that_takes_any_model_gets_the_caller_s_name() {
    let azure = AZURE.replace("      - gpt-4o\n", "      - gpt-4o\n      - '*'\n");
    let decision = decide(&table(&[PAGE, &azure]), CHAT, "azure-gpt4o").unwrap();
    assert_eq!(sent(&decision), format!("azure-openai  {AZURE_URL}"));
}

#[test]
fn a_model_that_is_not_renamed_is_not_sent_along() {
    let table = c0_with(
        "pattern_model: gpt-4o\n",
        "pattern_model: gpt-4o\n    output_model: gpt-4o\n",
    );
    let decision = decide(&table, CHAT, "gpt-4o").unwrap();
    assert!(decision.selected().model().is_none());
}

#[test]
fn a_glob_routes_only_what_it_knows_a_name_for() {
    let azure = AZURE
        .replace("      - gpt-4o\n", "      - gpt-4o\n      - gpt-4.1\n")
        .replace("azure-gpt4o", "gpt-*");
    let table = table(&[PAGE, &azure]);
    assert_eq!(
        sent(&decide(&table, CHAT, "gpt-4.1").unwrap()),
        format!("azure-openai  {AZURE_URL}")
    );
    assert_unknown(&table, CHAT, "gpt-5");
}

#[test]
fn a_rule_for_an_owned_model_need_not_know_its_name_elsewhere() {
    let azure = AZURE
        .replace("      - gpt-4o\n", "      - a\n      - b\n")
        .replace("azure-gpt4o", "gpt-4o");
    let decision = decide(&table(&[PAGE, &azure]), CHAT, "gpt-4o").unwrap();
    assert_eq!(rules(&decision), ["gpt4o-rule"]);
}

#[test]
fn a_rule_does_not_route_where_its_own_filter_fails() {
    let text = "downstreams: [{id: a, base_url: https://a, api_formats: [anthropic]}]\nrules: [{id: r, pattern_model: m, match_downstreams: [a], match_downstream_format: [anthropic], match_format: [openai], pipeline_config: [{plugin_id: openai2anthropic}]}]";
    assert_eq!(rules(&decide(&table(&[text]), CHAT, "m").unwrap()), ["r"]);
    assert_unknown(&table(&[text]), "/v1/messages", "m");
    let gemini = text.replace("format: [anthropic]", "format: [gemini]");
    assert_unknown(&table(&[&gemini]), CHAT, "m");
}

#[test]
fn row_44_a_rule_does_not_pull_a_model_from_its_owner() {
    let text = "downstreams:\n- {id: rule-ds, base_url: https://r}\n- {id: model-ds, base_url: https://m, output_model_ids: [gpt-4o]}\nrules: [{id: r, pattern_path: /v1/chat/completions, match_downstreams: [rule-ds], pipeline_config: [{plugin_id: custom_header}]}]";
    let decision = decide(&table(&[text]), CHAT, "gpt-4o").unwrap();
    assert_eq!(&**decision.selected().target().id(), "model-ds");
    assert!(rules(&decision).is_empty());
    assert!(decision.plugins().is_none());
}

#[test]
fn row_46_of_two_equal_rules_the_first_routes_and_a_lint_names_the_other() {
    let rule = |id, to| {
        format!(
            "- {{id: {id}, pattern_path: {CHAT}, pattern_model: v, match_downstreams: [{to}]}}\n"
        )
    };
    let table = two(&(rule("one", "a") + &rule("two", "b")));
    let decision = decide(&table, CHAT, "v").unwrap();
    assert_eq!(&**decision.selected().target().id(), "a");
    assert_eq!(rules(&decision), ["one"]);
    let lints: Vec<_> = table.lints().iter().map(ToString::to_string).collect();
    assert_eq!(
        lints,
        ["rule two can never route: one names the same path and model and comes first"]
    );
}

#[test]
fn rules_that_share_a_model_by_different_filters_are_no_mistake() {
    let one = "- {id: one, pattern_model: v, match_downstreams: [a], match_downstream_format: [openai]}\n";
    let two_ = "- {id: two, pattern_model: v, match_downstreams: [b]}\n";
    assert!(two(&format!("{one}{two_}")).lints().is_empty());
    let owned = "rules: [{id: again, pattern_path: /v1/chat/completions, pattern_model: gpt-4o, match_downstreams: [azure-openai]}]";
    assert!(table(&[PAGE, AZURE, owned]).lints().is_empty());
}

/// The page with this pipeline in the rule for Sonnet.
fn sonnet_with(pipeline: &str) -> Table {
    c0_with("      - plugin_id: anthropic2openai\n", pipeline)
}

#[test]
fn row_47_a_translator_there_is_a_translator_back() {
    let table = sonnet_with("      - plugin_id: openai2anthropic\n");
    let decision = decide(&table, CHAT, SONNET).unwrap();
    assert_eq!(
        legs(&decision),
        "openai>anthropic rule | anthropic>openai rule"
    );
}

#[test]
fn row_48_a_second_translator_for_the_same_legs_is_dropped_and_listed() {
    let table =
        sonnet_with("      - plugin_id: openai2anthropic\n      - plugin_id: anthropic2openai\n");
    let decision = decide(&table, CHAT, SONNET).unwrap();
    assert_eq!(
        legs(&decision),
        "openai>anthropic rule | anthropic>openai rule"
    );
    let deduplicated = decision.legs().deduplicated;
    assert_eq!(
        deduplicated.iter().map(|id| &**id).collect::<Vec<_>>(),
        ["anthropic2openai"]
    );
}

#[test]
fn row_49_a_translator_takes_the_request_of_the_format_it_begins_with() {
    let rule = "rules: [{id: r, pattern_path: /v1/messages, match_downstreams: [openai], pipeline_config: [{plugin_id: anthropic2openai}]}]";
    let decision = decide(&table(&[PAGE, AZURE, rule]), "/v1/messages", "gpt-4o").unwrap();
    assert_eq!(
        legs(&decision),
        "anthropic>openai rule | openai>anthropic rule"
    );
}

#[test]
fn row_50_a_chain_is_unwound_in_reverse() {
    let text = "downstreams: [{id: g, base_url: https://g, api_formats: [gemini], output_model_ids: [m]}]\nrules: [{id: r, match_format: [openai_responses], pipeline_config: [{plugin_id: responses2openai}, {plugin_id: openai2gemini}]}]";
    let decision = decide(&table(&[text]), "/v1/responses", "m").unwrap();
    assert_eq!(
        legs(&decision),
        "openai_responses>openai rule, openai>gemini rule | gemini>openai rule, openai>openai_responses rule"
    );
}

#[test]
fn a_chain_that_only_leads_back_supplies_the_response() {
    let text = "downstreams: [{id: g, base_url: https://g, api_formats: [gemini], output_model_ids: [m]}]\nrules: [{id: r, match_format: [openai_responses], pipeline_config: [{plugin_id: openai2responses}, {plugin_id: gemini2openai}]}]";
    let decision = decide(&table(&[text]), "/v1/responses", "m").unwrap();
    assert_eq!(
        legs(&decision),
        "openai_responses>gemini auto | gemini>openai rule, openai>openai_responses rule"
    );
}

#[test]
fn a_chain_ends_where_the_provider_s_format_is_reached() {
    let rule = "rules: [{id: more, pipeline_config: [{plugin_id: openai2anthropic}, {plugin_id: anthropic2gemini}]}]";
    let downstream =
        "downstreams: [{id: g, base_url: https://g, api_formats: [gemini], output_model_ids: [g]}]";
    let table = table(&[PAGE, AZURE, downstream, rule]);
    let decision = decide(&table, CHAT, SONNET).unwrap();
    assert_eq!(
        legs(&decision),
        "openai>anthropic rule | anthropic>openai rule"
    );
    let legs = decision.legs();
    assert_eq!(legs.deduplicated.len(), 1);
    assert_eq!(&*legs.inert[0], "anthropic2gemini");
}

#[test]
fn row_51_a_plugin_beside_a_translator_leaves_nothing_to_be_added() {
    let table =
        sonnet_with("      - plugin_id: custom_header\n      - plugin_id: openai2anthropic\n");
    let decision = decide(&table, CHAT, SONNET).unwrap();
    assert_eq!(
        legs(&decision),
        "openai>anthropic rule | anthropic>openai rule"
    );
    assert_eq!(decision.plugins().unwrap().0.len(), 1);
}

#[test]
fn row_54_a_downstream_without_formats_gets_what_comes_unless_a_translator_says() {
    let table = two(
        "- {id: pass, pattern_model: m, match_downstreams: [a]}\n- {id: said, pattern_model: n, match_downstreams: [a], match_downstream_format: [anthropic], pipeline_config: [{plugin_id: openai2anthropic}]}\n",
    );
    let passed = decide(&table, CHAT, "m").unwrap();
    assert_eq!(sent(&passed), "a  https://a/v1/chat/completions");
    assert_eq!(legs(&passed), " | ");
    let said = decide(&table, CHAT, "n").unwrap();
    assert_eq!(sent(&said), "a  https://a/v1/messages");
    assert_eq!(rules(&said), ["said"]);
    assert_eq!(legs(&said), "openai>anthropic rule | anthropic>openai rule");
}

#[test]
fn row_55_a_responses_caller_reaches_a_gemini_owner() {
    let text =
        "downstreams: [{id: g, base_url: https://g, api_formats: [gemini], output_model_ids: [m]}]";
    let decision = decide(&table(&[text]), "/v1/responses", "m").unwrap();
    assert_eq!(decision.selected().provider(), ApiFormat::GEMINI);
    assert_eq!(
        legs(&decision),
        "openai_responses>gemini auto | gemini>openai_responses auto"
    );
}

#[test]
fn row_56_the_base_url_may_end_anywhere() {
    for (base, url) in [
        ("https://h/v1", "https://h/v1/chat/completions"),
        ("https://h", "https://h/v1/chat/completions"),
        ("https://h/", "https://h/v1/chat/completions"),
        ("https://h/openai", "https://h/openai/v1/chat/completions"),
        ("https://h/api/v1/", "https://h/api/v1/chat/completions"),
    ] {
        let text = format!("downstreams: [{{id: d, base_url: '{base}', output_model_ids: [m]}}]");
        assert_eq!(
            sent(&decide(&table(&[&text]), CHAT, "m").unwrap()),
            format!("d  {url}")
        );
    }
}

#[test]
fn a_refusal_echoes_no_more_than_128_harmless_characters() {
    let model = format!("a\u{202e}\n\u{1b}[31m<{}", "x".repeat(500));
    let error = decide(&c0(), CHAT, &model).unwrap_err();
    let shown = error.message.split('\'').nth(1).unwrap();
    assert_eq!(shown.chars().count(), 128);
    assert!(
        shown.starts_with("a\u{fffd}\u{fffd}\u{fffd}[31m<xxx"),
        "{shown}"
    );
}

#[test]
fn what_is_not_posted_to_a_path_of_ours_is_the_host_s() {
    let table = two(
        "- {id: named, pattern_path: /llm, match_format: [anthropic]}\n- {id: off, pattern_path: /off, is_enabled: false}\n",
    );
    let format = |method, path| table.concerns(&method, path).map(|concern| concern.format);
    assert_eq!(format(Method::POST, CHAT), Some(ApiFormat::OPENAI));
    assert_eq!(
        format(Method::POST, "/v1/messages"),
        Some(ApiFormat::ANTHROPIC)
    );
    assert_eq!(format(Method::POST, "/llm"), Some(ApiFormat::ANTHROPIC));
    assert_eq!(format(Method::GET, CHAT), None);
    assert_eq!(format(Method::POST, "/off"), None);
    assert_eq!(format(Method::POST, "/health"), None);
}

#[test]
fn a_rule_is_as_specific_as_the_pattern_that_matched() {
    let table = two(
        "- {id: mixed, pattern_models: [exact, 'e*'], match_downstreams: [a]}\n- {id: glob, pattern_model: 'ex*', match_downstreams: [b]}\n",
    );
    let target = |model| {
        decide(&table, CHAT, model)
            .unwrap()
            .selected()
            .target()
            .id()
            .to_string()
    };
    assert_eq!(target("exact"), "a");
    assert_eq!(target("extra"), "b");
    assert_eq!(target("else"), "a");
}

#[test]
fn a_less_specific_rule_has_no_say_in_the_name() {
    let table = c0_with(
        "rules:\n",
        "rules:\n  - id: mini\n    pattern_path: '*'\n    output_model: gpt-4o-mini\n",
    );
    let owned = decide(&c0_without("gpt4o-rule"), CHAT, "gpt-4o").unwrap();
    assert!(owned.selected().model().is_none());
    let routed = decide(&table, CHAT, "azure-gpt4o").unwrap();
    assert_eq!(
        routed.selected().model().map(|model| &**model),
        Some("gpt-4o")
    );
    let owned = decide(&table, "/v1/messages", "gpt-4o").unwrap();
    assert_eq!(
        owned.selected().model().map(|model| &**model),
        Some("gpt-4o-mini")
    );
}

#[test]
fn a_downstream_that_is_off_owns_nothing_and_is_no_error() {
    let page = whole_page().replace("    name: Azure OpenAI\n", "    is_enabled: false\n");
    let table = table(&[&page]);
    assert_unknown(&table, CHAT, "azure-gpt4o");
    assert_eq!(
        rules(&decide(&table, CHAT, "gpt-4o").unwrap()),
        ["gpt4o-rule"]
    );
}

#[test]
fn switching_off_what_a_translator_is_for_is_no_mistake() {
    let page = PAGE.replace("    name: Anthropic\n", "    is_enabled: false\n");
    assert_unknown(&table(&[&page, AZURE]), CHAT, SONNET);
}

/// Fifteen rules, no two equally specific, each to a downstream of its own.
fn specimens() -> Vec<String> {
    let mut specimens = Vec::new();
    for model in ["model", "mode*", "m*", "re:m.+", "*"] {
        for path in [CHAT, "/v1/*", "*"] {
            specimens.push(format!(
                "pattern_model: '{model}', pattern_path: '{path}', output_model: passthrough"
            ));
        }
    }
    specimens
}

fn of_specimens(chosen: &[usize]) -> Table {
    let specimens = specimens();
    let downstream = |at| format!("- {{id: d{at}, base_url: https://d{at}}}\n");
    let rule = |at: &usize| {
        let patterns = &specimens[*at];
        format!("- {{id: r{at}, match_downstreams: [d{at}], {patterns}}}\n")
    };
    let downstreams: String = (0..specimens.len()).map(downstream).collect();
    let rules: String = chosen.iter().map(rule).collect();
    table(&[&format!("downstreams:\n{downstreams}rules:\n{rules}")])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rules_that_are_not_equal_changes_nothing(
        order in Just((0..15).collect::<Vec<usize>>()).prop_shuffle(),
        count in 1_usize..15,
    ) {
        let chosen = &order[..count];
        let decision = decide(&of_specimens(chosen), CHAT, "model").unwrap();
        // They were made most specific first.
        let best = chosen.iter().min().unwrap();
        prop_assert_eq!(decision.selected().target().id().to_string(), format!("d{best}"));
    }

    #[test]
    fn a_less_specific_rule_changes_nothing(best in 0_usize..14, worse in 1_usize..15) {
        prop_assume!(worse > best);
        let alone = decide(&of_specimens(&[best]), CHAT, "model").unwrap();
        let beside = decide(&of_specimens(&[worse, best]), CHAT, "model").unwrap();
        prop_assert_eq!(alone.selected().target().id(), beside.selected().target().id());
        prop_assert_eq!(rules(&alone), rules(&beside));
    }
}
