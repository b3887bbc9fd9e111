//! How a downstream departs from the formats' owners, as the configuration says it.

use tower_llm_gateway::{
    format::{
        AnthropicVersion, ApiFormat, GeminiSchema, ModelCaps, ReasoningEcho, ServerTools,
        SystemRole, UserField,
    },
    target::TokenCount,
};

use super::{build, downstream_with, mistakes, rule_with};

#[test]
fn a_dialect_has_a_key_for_each_of_its_knobs() {
    let text = downstream_with(
        "system_role: developer\n    knows_thoughts: false\n    user_field: none\n    supports_prompt_cache_breakpoint: true\n    reasoning_field: none\n    reasoning_content_echo: tool_turns\n    anthropic_version: 2026-10-21\n    gemini_schema: openapi_subset\n    server_tools: map\n    count_tokens: estimate",
    );
    let table = build(&text).unwrap();
    let dialect = table.targets()[0].dialect();
    assert_eq!(dialect.system_role, SystemRole::Developer);
    assert_eq!(dialect.user_field, UserField::None);
    assert!(!dialect.knows_thoughts);
    assert!(dialect.supports_prompt_cache_breakpoint);
    assert!(!dialect.supports_reasoning_effort);
    assert_eq!(dialect.reasoning_content_echo, ReasoningEcho::ToolTurns);
    assert_eq!(dialect.anthropic_version, AnthropicVersion::V2026_10_21);
    assert_eq!(dialect.gemini_schema, GeminiSchema::OpenApiSubset);
    assert_eq!(dialect.server_tools, ServerTools::Map);
    assert_eq!(table.targets()[0].token_count(), TokenCount::Estimate);
}

#[test]
fn what_models_can_do_is_said_for_all_and_for_some() {
    let text = downstream_with(
        "caps: {prefill: false, max_output_tokens: 9}\n    model_caps:\n      claude-*: {sampling: false}\n      claude-opus-5: {sampling: true, prefill: true}",
    );
    let table = build(&text).unwrap();
    let caps = |model: &str| {
        table.targets()[0]
            .dialect_for(ApiFormat::OPENAI, model)
            .caps
    };
    let mut expected = ModelCaps::default();
    expected.prefill = Some(false);
    expected.max_output_tokens = Some(9);
    assert_eq!(caps("gpt"), expected);
    expected.sampling = Some(false);
    assert_eq!(caps("claude-opus-4"), expected);
    (expected.sampling, expected.prefill) = (Some(true), Some(true));
    assert_eq!(caps("claude-opus-5"), expected);
}

#[test]
fn every_ability_has_its_key() {
    let names = [
        "adaptive_thinking",
        "budget_thinking",
        "always_thinks",
        "sampling",
        "prefill",
        "forced_tool_use",
        "mid_conversation_system",
        "effort_xhigh",
        "effort_max",
        "structured_outputs",
        "function_call_ids",
        "thought_signatures",
        "multimodal_tool_results",
    ];
    for name in names {
        let table = build(&downstream_with(&format!("caps: {{{name}: true}}"))).unwrap();
        let caps = table.targets()[0].dialect().caps;
        assert_ne!(caps, ModelCaps::default(), "{name}");
        assert!(format!("{caps:?}").contains(&format!("{name}: Some(true)")));
    }
}

#[test]
fn mistakes_in_a_dialect_are_explained() {
    for (entry, mistake) in [
        (
            "caps: {sampilng: true}",
            "4:12: downstreams[0].caps.sampilng: unknown key \"sampilng\"; did you mean \"sampling\"?",
        ),
        (
            "caps: {sampling: 1}",
            "4:22: downstreams[0].caps.sampling: expected true or false, found a number",
        ),
        (
            "model_caps: {'a*': {max_output_tokens: 0}}",
            "4:44: downstreams[0].model_caps.a*.max_output_tokens: expected a whole number above zero, found a number",
        ),
        (
            "model_caps: {'re:a': {}}",
            "4:18: downstreams[0].model_caps.re:a: a model is a name here, in which * stands for any characters",
        ),
        (
            "anthropic_version: 2026-10-20",
            "4:24: downstreams[0].anthropic_version: unknown value \"2026-10-20\"; did you mean \"2026-10-21\"?",
        ),
        (
            "server_tools: keep",
            "4:19: downstreams[0].server_tools: unknown value \"keep\"; known are reject, map, drop",
        ),
        (
            "count_tokens: estimated",
            "4:19: downstreams[0].count_tokens: unknown value \"estimated\"; did you mean \"estimate\"?",
        ),
        (
            "reasoning_echo: always",
            "4:5: downstreams[0].reasoning_echo: unknown key \"reasoning_echo\"; did you mean \"reasoning_field\"?",
        ),
        (
            "strict: yes please",
            "4:13: downstreams[0].strict: expected true or false, found text",
        ),
    ] {
        assert_eq!(mistakes(&downstream_with(entry)), [mistake], "{entry}");
    }
}

#[test]
fn losses_are_a_matter_of_downstreams_and_rules() {
    let text = downstream_with("strict: true\n    translation_warnings: false");
    let table = build(&text).unwrap();
    let losses = table.targets()[0].losses();
    assert_eq!((losses.strict, losses.warnings), (Some(true), Some(false)));
    assert!(build(&rule_with("strict: false")).is_ok());
    assert_eq!(
        mistakes(&rule_with("stirct: false")),
        ["8:5: rules[0].stirct: unknown key \"stirct\"; did you mean \"strict\"?"]
    );
}
