//! Rows 1 to 23: the specification page's own configuration.

use http::HeaderMap;
use serde_json::json;
use tower_llm_gateway::{format::ApiFormat, ir::ErrorKind, router::Facts};

use crate::{support::*, *};

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
    assert_eq!(
        legs(&decision),
        "openai>anthropic auto | anthropic>openai rule"
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
    assert!(rules(&decision).is_empty());
    assert_eq!(sent(&decision), format!("openai  {OPENAI_URL}"));
    assert_eq!(
        legs(&decision),
        "openai_responses>openai auto | openai>openai_responses auto"
    );
}

#[test]
fn row_16_gemini_s_model_is_in_its_path() {
    let decision = decide(&c0(), "/v1beta/models/gpt-4o:generateContent", "").unwrap();
    assert!(rules(&decision).is_empty());
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
