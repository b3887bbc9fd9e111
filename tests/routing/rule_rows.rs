//! The rows about rules, patterns and formats.

use tower_llm_gateway::format::ApiFormat;

use crate::{support::*, *};

#[test]
fn row_32_the_pipelines_of_all_rules_run_most_specific_first() {
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
    assert_eq!(passed(&table, "/p", "b"), order);
    assert_eq!(passed(&table, CHAT, "b"), ["model-wild", "any-wild"]);
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
    assert_eq!(sent(&decision), "a  https://a/v1/chat/completions");
    assert_eq!(rules(&decision), ["long"]);
}

#[test]
fn row_37_a_glob_wins_over_a_regular_expression() {
    let table = two(
        "- {id: regex, pattern_model: 're:gpt-.+', match_downstreams: [b]}\n- {id: glob, pattern_model: gpt-*, match_downstreams: [a]}\n",
    );
    let decision = decide(&table, CHAT, "gpt-9").unwrap();
    assert_eq!(rules(&decision), ["glob"]);
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
    assert_eq!(rules(&decision), ["any"]);
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
    assert_eq!(rules(&decision), ["azure-rule"]);
    assert_eq!(sent(&decision), format!("azure-openai gpt-4.1 {AZURE_URL}"));
}

#[test]
fn row_43_a_downstream_without_a_list_gets_the_caller_s_name() {
    let azure = AZURE.replace(
        "output_model_ids:\n      - gpt-4o\n",
        "output_model_ids: []\n",
    );
    let decision = decide(&table(&[PAGE, &azure]), CHAT, "azure-gpt4o").unwrap();
    assert_eq!(rules(&decision), ["azure-rule"]);
    assert_eq!(sent(&decision), format!("azure-openai  {AZURE_URL}"));
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
fn row_47_a_translator_there_is_a_translator_back() {
    let table = sonnet_with("      - plugin_id: openai2anthropic\n");
    let decision = decide(&table, CHAT, SONNET).unwrap();
    assert_eq!(rules(&decision), ["sonnet-rule"]);
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
    assert_eq!(rules(&decision), ["sonnet-rule"]);
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
    assert_eq!(rules(&decision), ["r"]);
    assert_eq!(
        legs(&decision),
        "anthropic>openai rule | openai>anthropic rule"
    );
}

#[test]
fn row_50_a_chain_is_unwound_in_reverse() {
    let text = "downstreams: [{id: g, base_url: https://g, api_formats: [gemini], output_model_ids: [m]}]\nrules: [{id: r, match_format: [openai_responses], pipeline_config: [{plugin_id: responses2openai}, {plugin_id: openai2gemini}]}]";
    let decision = decide(&table(&[text]), "/v1/responses", "m").unwrap();
    assert_eq!(rules(&decision), ["r"]);
    assert_eq!(
        legs(&decision),
        "openai_responses>openai rule, openai>gemini rule | gemini>openai rule, openai>openai_responses rule"
    );
}

#[test]
fn row_51_a_plugin_beside_a_translator_leaves_nothing_to_be_added() {
    let table =
        sonnet_with("      - plugin_id: custom_header\n      - plugin_id: openai2anthropic\n");
    let decision = decide(&table, CHAT, SONNET).unwrap();
    assert_eq!(rules(&decision), ["sonnet-rule"]);
    assert_eq!(
        legs(&decision),
        "openai>anthropic rule | anthropic>openai rule"
    );
    assert_eq!(decision.caller_plugins().unwrap().0.len(), 1);
    assert!(decision.plugins().is_none());
}

#[test]
fn row_53_a_format_may_have_an_address_of_its_own() {
    let text = "downstreams: [{id: x, base_url: https://x/v1, api_formats: [openai, anthropic], format_urls: {anthropic: https://y}, output_model_ids: [m]}]";
    let table = table(&[text]);
    let messages = decide(&table, "/v1/messages", "m").unwrap();
    assert!(rules(&messages).is_empty());
    assert_eq!(messages.selected().provider(), ApiFormat::ANTHROPIC);
    assert_eq!(sent(&messages), "x  https://y/v1/messages");
    assert_eq!(legs(&messages), " | ");
    let chat = decide(&table, CHAT, "m").unwrap();
    assert_eq!(sent(&chat), "x  https://x/v1/chat/completions");
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
    assert!(rules(&decision).is_empty());
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
