//! What the rows leave open.

use http::{HeaderMap, Method, Uri};
use tower_llm_gateway::{format::ApiFormat, router::Legs};

use crate::{support::*, *};

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
fn rules_that_share_a_model_by_different_filters_are_no_mistake() {
    let one = "- {id: one, pattern_model: v, match_downstreams: [a], match_downstream_format: [openai]}\n";
    let two_ = "- {id: two, pattern_model: v, match_downstreams: [b]}\n";
    assert!(two(&format!("{one}{two_}")).lints().is_empty());
    let owned = "rules: [{id: again, pattern_path: /v1/chat/completions, pattern_model: gpt-4o, match_downstreams: [azure-openai]}]";
    assert!(table(&[PAGE, AZURE, owned]).lints().is_empty());
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

/// What becomes of these translators between an OpenAI caller of Responses and a provider of Gemini.
fn responses_to_gemini(translators: &[&str]) -> Legs {
    let rule = |(at, id): (usize, &&str)| {
        format!("- {{id: r{at}, pipeline_config: [{{plugin_id: {id}}}]}}\n")
    };
    let rules: String = translators.iter().enumerate().map(rule).collect();
    let others = "- {id: b, base_url: https://b, api_formats: [openai]}\n- {id: c, base_url: https://c, api_formats: [anthropic]}\n";
    let text = format!(
        "downstreams:\n- {{id: g, base_url: https://g, api_formats: [gemini], output_model_ids: [m]}}\n{others}rules:\n{rules}"
    );
    decide(&table(&[&text]), "/v1/responses", "m")
        .unwrap()
        .legs()
}

#[test]
fn a_translator_that_leads_nowhere_stands_in_no_other_s_way_back() {
    let legs = responses_to_gemini(&["gemini2responses", "gemini2anthropic"]);
    assert_eq!(
        line(&legs),
        "openai_responses>gemini auto | gemini>openai_responses rule"
    );
    assert_eq!(legs.inert, ["gemini2anthropic".into()]);
}

#[test]
fn no_format_is_passed_twice() {
    let legs = responses_to_gemini(&["responses2openai", "openai2anthropic", "anthropic2openai"]);
    assert_eq!(
        line(&legs),
        "openai_responses>openai rule, openai>anthropic rule, anthropic>gemini auto | gemini>anthropic auto, anthropic>openai rule, openai>openai_responses rule"
    );
    assert_eq!(legs.deduplicated, ["anthropic2openai".into()]);
}

#[test]
fn a_second_translator_for_a_step_back_is_dropped_and_listed() {
    let legs = responses_to_gemini(&["openai2responses", "gemini2openai", "gemini2openai"]);
    assert_eq!(
        line(&legs),
        "openai_responses>gemini auto | gemini>openai rule, openai>openai_responses rule"
    );
    assert_eq!(legs.deduplicated, ["gemini2openai".into()]);
    assert!(legs.inert.is_empty());
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
    let format = |method, path: &'static str| {
        let uri = Uri::from_static(path);
        table
            .concerns(&method, &uri, &HeaderMap::new())
            .map(|concern| concern.format)
    };
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

#[test]
fn a_rule_without_a_model_is_found_beside_those_that_name_one() {
    let table = two(
        "- {id: any, pattern_path: /v1/*, pipeline_config: [{plugin_id: custom_header}]}\n- {id: glob, pattern_model: 'm*'}\n- {id: exact, pattern_model: m1, match_downstreams: [a]}\n- {id: all, pattern_model: '*'}\n",
    );
    let decision = decide(&table, CHAT, "m1").unwrap();
    assert_eq!(rules(&decision), ["exact", "glob", "any", "all"]);
    assert_eq!(decision.plugin_ids().1.len(), 1);
}

/// The provider's format of a downstream that leaves it open, and what matches, for rules beside the one that leads there.
/// Another downstream has them make sense.
fn open_format(path: &str, beside: &str) -> (ApiFormat, Vec<String>) {
    let table = table(&[&format!(
        "downstreams:\n- {{id: a, base_url: https://a}}\n- {{id: g, base_url: https://g, api_formats: [gemini], output_model_ids: [g]}}\nrules:\n- {{id: leads, pattern_model: m, match_downstreams: [a]}}\n{beside}"
    )]);
    let decision = decide(&table, path, "m").unwrap();
    let rules = rules(&decision).into_iter().map(str::to_owned);
    (decision.selected().provider(), rules.collect())
}

#[test]
fn a_rule_whose_filter_does_not_hold_for_what_it_makes_chooses_no_format() {
    let gemini = "- {id: out, pattern_path: /v1/*, match_downstream_format: [gemini], pipeline_config: [{plugin_id: openai2anthropic}]}\n";
    let expected = (ApiFormat::OPENAI, vec!["leads".to_owned()]);
    assert_eq!(open_format(CHAT, gemini), expected);
    // Nor does it keep another from doing so.
    let more = "- {id: more, pipeline_config: [{plugin_id: openai2responses}]}\n";
    let expected = (
        ApiFormat::OPENAI_RESPONSES,
        vec!["leads".to_owned(), "more".to_owned()],
    );
    assert_eq!(open_format(CHAT, &format!("{gemini}{more}")), expected);
    let holds = gemini.replace("[gemini]", "[anthropic]");
    let expected = (
        ApiFormat::ANTHROPIC,
        vec!["leads".to_owned(), "out".to_owned()],
    );
    assert_eq!(open_format(CHAT, &holds), expected);
}

#[test]
fn translators_choose_a_format_only_for_what_is_generated() {
    let rule = "- {id: more, pipeline_config: [{plugin_id: anthropic2openai}]}\n";
    let format = |path| open_format(path, rule).0;
    assert_eq!(format("/v1/messages"), ApiFormat::OPENAI);
    assert_eq!(format("/v1/messages/count_tokens"), ApiFormat::ANTHROPIC);
    let rule = "- {id: more, pipeline_config: [{plugin_id: openai2gemini}]}\n";
    assert_eq!(open_format("/v1/embeddings", rule).0, ApiFormat::OPENAI);
}
