//! The rows about aliases, as configuration files write them.

use tower_llm_gateway::{format::ApiFormat, router::SharedTable};

use crate::{support::*, *};

const TWO_OPTIONS: &str = "aliases:
- input_model_id: gpt-4o
  options:
  - {downstream_id: openai, output_model_id: gpt-4o}
  - {id: second, downstream_id: anthropic, output_model_id: claude-sonnet-4-20250514}
";

fn page_with(aliases: &str) -> Table {
    table(&[PAGE, AZURE, aliases])
}

/// `x` and `y`, which have no models, and these aliases.
fn x_and_y(aliases: &str) -> Table {
    let downstreams =
        "downstreams:\n- {id: x, base_url: https://x}\n- {id: y, base_url: https://y}\n";
    table(&[&format!("{downstreams}aliases:\n{aliases}")])
}

#[test]
fn row_24_the_first_option_of_an_alias_is_active() {
    let decision = decide(&page_with(TWO_OPTIONS), CHAT, "gpt-4o").unwrap();
    assert_eq!(rules(&decision), ["gpt4o-rule"]);
    assert_eq!(sent(&decision), format!("openai  {OPENAI_URL}"));
    assert_eq!(legs(&decision), " | ");
}

#[test]
fn row_25_no_rule_pulls_back_what_an_activated_option_sends_elsewhere() {
    let shared = SharedTable::new(page_with(TWO_OPTIONS));
    shared.activate_alias("second").unwrap();
    let decision = decide(&shared.load(), CHAT, "gpt-4o").unwrap();
    assert_eq!(rules(&decision), ["sonnet-rule"]);
    assert_eq!(
        sent(&decision),
        format!("anthropic {SONNET} {ANTHROPIC_URL}")
    );
    assert_eq!(decision.selected().provider(), ApiFormat::ANTHROPIC);
    assert_eq!(
        legs(&decision),
        "openai>anthropic auto | anthropic>openai rule"
    );
    assert!(decision.legs().deduplicated.is_empty());
}

#[test]
fn row_26_an_alias_may_stand_for_what_no_downstream_lists() {
    let fast = "aliases: [{input_model_id: fast, options: [{downstream_id: openai, output_model_id: gpt-4o-2024-11-20}]}]";
    let decision = decide(&page_with(fast), CHAT, "fast").unwrap();
    assert!(rules(&decision).is_empty());
    assert_eq!(
        sent(&decision),
        format!("openai gpt-4o-2024-11-20 {OPENAI_URL}")
    );
}

#[test]
fn row_27_an_alias_comes_before_the_route_of_a_rule() {
    let azure = "aliases: [{input_model_id: azure-gpt4o, options: [{downstream_id: openai, output_model_id: gpt-4o}]}]";
    let decision = decide(&page_with(azure), CHAT, "azure-gpt4o").unwrap();
    assert_eq!(rules(&decision), ["gpt4o-rule"]);
    assert_eq!(sent(&decision), format!("openai gpt-4o {OPENAI_URL}"));
}

#[test]
fn row_28_what_an_alias_says_is_no_alias_again() {
    let table = x_and_y(
        "- {input_model_id: A, options: [{downstream_id: x, output_model_id: B}]}\n- {input_model_id: B, options: [{downstream_id: y, output_model_id: C}]}\n",
    );
    let sent_for = |model| sent(&decide(&table, CHAT, model).unwrap());
    assert_eq!(sent_for("A"), "x B https://x/v1/chat/completions");
    assert_eq!(sent_for("B"), "y C https://y/v1/chat/completions");
}

#[test]
fn row_29_an_exact_alias_comes_before_a_regular_expression() {
    let table = x_and_y(
        "- {input_model_id: 'claude-.*', is_regex: true, options: [{downstream_id: x, output_model_id: m}]}\n- {input_model_id: claude-x, options: [{downstream_id: y, output_model_id: n}]}\n",
    );
    let sent_for = |model| sent(&decide(&table, CHAT, model).unwrap());
    assert_eq!(sent_for("claude-x"), "y n https://y/v1/chat/completions");
    assert_eq!(sent_for("claude-y"), "x m https://x/v1/chat/completions");
}

#[test]
fn row_30_a_regular_expression_means_the_whole_name() {
    let regex = "aliases: [{input_model_id: 'claude-.*', is_regex: true, options: [{downstream_id: openai, output_model_id: gpt-4o}]}]";
    let table = page_with(regex);
    assert_unknown(&table, CHAT, "my-claude-x");
    assert!(decide(&table, CHAT, "claude-x").is_ok());
    let one_letter = page_with(&regex.replace(".*", "."));
    assert_unknown(&one_letter, CHAT, "claude-xy");
    assert!(decide(&one_letter, CHAT, "claude-x").is_ok());
}

#[test]
fn row_31_an_alias_to_an_unknown_downstream_is_refused() {
    let nope =
        "aliases: [{input_model_id: fast, options: [{downstream_id: nope, output_model_id: m}]}]";
    let errors = config(&[PAGE, AZURE, nope]).build(&registry()).unwrap_err();
    let errors = errors.to_string();
    assert!(
        errors.contains("aliases[0].options[0].downstream_id: unknown downstream \"nope\""),
        "{errors}"
    );
}
