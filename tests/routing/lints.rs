//! What is legal and yet looks like a mistake, and what only looks like one at first sight.

use crate::support::*;

const OPENAI: &str = "- {id: openai, base_url: https://o, output_model_ids: [gpt-4o]}\n";
const ANY: &str = "- {id: any, base_url: https://any}\n";
const OFF: &str = "- {id: off, base_url: https://off, is_enabled: false}\n";

fn lints(downstreams: &str, rules: &str, aliases: &str) -> Vec<String> {
    let mut text = format!("downstreams:\n{downstreams}");
    for (key, entries) in [("rules", rules), ("aliases", aliases)] {
        if !entries.is_empty() {
            text.extend([key, ":\n", entries]);
        }
    }
    let table = table(&[&text]);
    table.lints().iter().map(ToString::to_string).collect()
}

#[track_caller]
fn assert_lint(downstreams: &str, rules: &str, aliases: &str, lint: &str) {
    assert_eq!(lints(downstreams, rules, aliases), [lint]);
}

#[track_caller]
fn assert_clean(downstreams: &str, rules: &str, aliases: &str) {
    assert_eq!(lints(downstreams, rules, aliases), [""; 0]);
}

#[test]
fn the_page_has_none() {
    assert!(c0().lints().is_empty());
}

#[test]
fn situation_12_plain_http_goes_to_no_public_host() {
    let downstream = "- {id: a, base_url: 'http://api.example.com/v1', output_model_ids: [m]}\n";
    let lint = "api.example.com is called by plain http: keys and prompts can be read on the way";
    assert_lint(downstream, "", "", lint);
    let of_format = "- {id: a, api_formats: [openai, anthropic], base_url: https://a, format_urls: {anthropic: 'http://api.example.com'}, output_model_ids: [m]}\n";
    assert_lint(of_format, "", "", lint);
    for inside in ["vllm:8000", "127.0.0.1:8000", "localhost", "10.0.0.1"] {
        assert_clean(&downstream.replace("api.example.com", inside), "", "");
    }
    let off = downstream.replace("id: a,", "id: a, is_enabled: false,");
    assert_clean(&off, "", "");
}

#[test]
fn a_downstream_without_models_needs_somebody_who_names_it() {
    assert_lint(
        ANY,
        "",
        "",
        "no request can get to any: it has no models, and no alias or rule that names models leads to it",
    );
    let star = ANY.replace('}', ", output_model_ids: ['*']}");
    assert_lint(
        &star,
        "",
        "",
        "no request can get to any: it has no models, and no alias or rule that names models leads to it",
    );
    assert_clean(
        ANY,
        "- {id: r, pattern_model: m, match_downstreams: [any]}\n",
        "",
    );
    assert_clean(
        ANY,
        "",
        "- {input_model_id: a, options: [{downstream_id: any, output_model_id: m}]}\n",
    );
}

#[test]
fn prices_are_of_models_that_somebody_names() {
    let of = |name: &str| {
        OPENAI.replace(
            '}',
            &format!(", prices: {{{name}: {{input: 1, output: 2}}}}}}"),
        )
    };
    let lint = "openai has prices of gpt-4, which is not in its output_model_ids";
    assert_lint(&of("gpt-4"), "", "", lint);
    for name in ["gpt-4o", "gpt-*"] {
        assert_clean(&of(name), "", "");
    }
    for rule in [
        "{id: r, pattern_model: a, match_downstreams: [openai], output_model: gpt-4}",
        "{id: r, pattern_model: gpt-4, match_downstreams: [openai]}",
        "{id: r, pattern_model: 'gpt*', match_downstreams: [openai]}",
    ] {
        assert_clean(&of("gpt-4"), &format!("- {rule}\n"), "");
    }
    let alias =
        "- {input_model_id: a, options: [{downstream_id: openai, output_model_id: gpt-4}]}\n";
    assert_clean(&of("gpt-4"), "", alias);
}

#[test]
fn a_rule_that_names_no_model_leads_nobody_to_a_downstream_without_models() {
    let lint = "no request can get to any: it has no models, and no alias or rule that names models leads to it";
    assert_lint(ANY, "- {id: r, match_downstreams: [any]}\n", "", lint);
    let chat = "- {id: r, pattern_path: /v1/chat/completions, match_downstreams: [any]}\n";
    assert_lint(ANY, chat, "", lint);
    // Files have no model.
    let files = "- {id: r, pattern_path: /v1/files*, match_downstreams: [any]}\n";
    assert_clean(ANY, files, "");
}

#[test]
fn a_rule_is_for_formats_that_its_downstreams_speak() {
    let said = "- {id: a, base_url: https://a, api_formats: [openai, gemini]}\n";
    let rule = "- {id: r, pattern_model: m, match_downstreams: [a], match_downstream_format: [anthropic]}\n";
    let lint =
        "rule r never applies: match_downstream_format leaves out what a can be spoken to in";
    assert_lint(said, rule, "", lint);
    assert_clean(
        said,
        &rule.replace("[anthropic]", "[anthropic, gemini]"),
        "",
    );
    let any = said.replace("api_formats: [openai, gemini]", "name: Any");
    assert_clean(&any, rule, "");
}

#[test]
fn one_rule_of_several_for_the_same_patterns_routes() {
    let both = format!("{ANY}{OFF}- {{id: two, base_url: https://two}}\n");
    for pattern in ["m", "m*", "re:m.", "*"] {
        let lint = "rule r2 can never route: r1 names the same path and model and comes first";
        let rules = format!(
            "- {{id: r1, pattern_model: '{pattern}', match_downstreams: [any]}}\n- {{id: r2, pattern_model: '{pattern}', match_downstreams: [two]}}\n"
        );
        assert_lint(&both, &rules, "", lint);
        // The first does not route either.
        let rules = rules.replace("[any]", "[off]");
        let said = lints(
            &both,
            &format!("{rules}- {{id: r3, pattern_model: z, match_downstreams: [any]}}\n"),
            "",
        );
        assert_eq!(said, ["rule r1 never applies: downstream off is off"]);
    }
    // Somebody owns a model that the second leads to him.
    let rules = "- {id: r1, pattern_model: 'gpt-*', match_downstreams: [any]}\n- {id: r2, pattern_model: 'gpt-*', match_downstreams: [openai]}\n";
    assert_clean(
        &format!("{ANY}{OPENAI}"),
        &rules.replace("[openai]}", "[openai], output_model: x}"),
        "",
    );
}

#[test]
fn a_rule_that_adds_plugins_to_what_another_routes_has_its_say() {
    let rules = "- {id: r1, pattern_model: m, match_downstreams: [any]}\n- {id: r2, pattern_model: m, match_downstreams: [any], pipeline_config: [{plugin_id: custom_header}]}\n";
    assert_clean(ANY, rules, "");
}

#[test]
fn a_rule_leads_to_a_downstream_that_is_on() {
    let rule = "- {id: r, pattern_model: m, match_downstreams: [off]}\n";
    assert_lint(OFF, rule, "", "rule r never applies: downstream off is off");
    assert_clean(
        &format!("{OFF}{ANY}"),
        &rule.replace("[off]", "[off, any]"),
        "",
    );
    assert_clean(
        OFF,
        &rule.replace("id: r,", "id: r, is_enabled: false,"),
        "",
    );
}

#[test]
fn a_rule_does_not_lead_away_from_all_who_have_its_model() {
    let both = format!("{OPENAI}{ANY}");
    let rule = "- {id: r, pattern_model: gpt-4o, match_downstreams: [any]}\n";
    let lint = "rule r never applies: gpt-4o goes to openai, which match_downstreams leaves out";
    assert_lint(&both, rule, "", lint);
    assert_clean(&both, &rule.replace("[any]", "[any, openai]"), "");
    // It matches by the name that is sent.
    let routing =
        "- {id: fast, pattern_model: fast, match_downstreams: [any], output_model: gpt-4o}\n";
    assert_clean(&both, &format!("{routing}{rule}"), "");
}

#[test]
fn a_rule_does_not_exclude_the_callers_at_its_own_path() {
    let rule = "- {id: r, pattern_path: /v1/messages, match_format: [openai], match_downstreams: [openai]}\n";
    let lint = "rule r never applies: callers at /v1/messages speak anthropic, which match_format leaves out";
    assert_lint(OPENAI, rule, "", lint);
    assert_clean(
        OPENAI,
        &rule.replace("[openai],", "[openai, anthropic],"),
        "",
    );
}

#[test]
fn a_rule_does_something() {
    let rule = "- {id: r, pattern_model: m}\n";
    let lint =
        "rule r does nothing: it has neither downstreams nor plugins nor a name for the model";
    assert_lint(OPENAI, rule, "", lint);
    for something in ["output_model: x", "strict: true"] {
        let rule = format!("- {{id: r, pattern_model: m, {something}}}\n");
        assert_clean(OPENAI, &rule, "");
    }
    // It says that this path is the gateway's.
    assert_clean(OPENAI, "- {id: r, pattern_path: /ours}\n", "");
}

#[test]
fn a_model_of_several_owners_is_chosen_by_patterns_too() {
    let two = format!("{OPENAI}{}", OPENAI.replace("id: openai", "id: other"));
    assert_lint(&two, "", "", "model gpt-4o owned by openai, other");
    assert_clean(
        &two,
        "- {id: r, pattern_model: 'gpt-*', match_downstreams: [other]}\n",
        "",
    );
}

#[test]
fn options_of_an_alias_are_not_off() {
    let alias = "- {input_model_id: a, options: [{id: o1, downstream_id: off, output_model_id: m}, {id: o2, downstream_id: openai, output_model_id: m}]}\n";
    let both = format!("{OPENAI}{OFF}");
    assert_lint(
        &both,
        "",
        alias,
        "option o1 is left out: downstream off is off",
    );
    assert_lint(
        &both,
        "",
        &alias.replace("downstream_id: openai", "downstream_id: off"),
        "alias a stands for nothing: the downstreams of all its options are off",
    );
}

#[test]
fn an_alias_takes_no_name_that_leads_elsewhere() {
    let both = format!("{OPENAI}{ANY}");
    let alias = |name: &str, to: &str| {
        format!("- {{{name}, options: [{{downstream_id: {to}, output_model_id: m}}]}}\n")
    };
    let regex = "input_model_id: gpt-.*, is_regex: true";
    assert_lint(
        &both,
        "",
        &alias("input_model_id: gpt-4o", "any"),
        "alias gpt-4o takes gpt-4o from openai",
    );
    assert_lint(
        &both,
        "",
        &alias(regex, "any"),
        "alias gpt-.* takes gpt-4o from openai",
    );
    let rule = "- {id: r, pattern_model: gpt-x, match_downstreams: [any], output_model: x}\n";
    let other = "- {id: other, base_url: https://other}\n";
    assert_lint(
        &format!("{ANY}{other}"),
        rule,
        &alias(regex, "other"),
        "alias gpt-.* takes gpt-x from rule r",
    );
    // It leads where the rule leads.
    assert_clean(ANY, rule, &alias(regex, "any"));
    // What stands for nothing takes nothing.
    assert_lint(
        &format!("{OPENAI}{OFF}"),
        "",
        &alias("input_model_id: gpt-4o", "off"),
        "alias gpt-4o stands for nothing: the downstreams of all its options are off",
    );
    // To choose between one's own model and another is what aliases are for.
    assert_clean(
        &both,
        "",
        &(alias("input_model_id: gpt-4o", "openai") + &alias("input_model_id: x", "any")),
    );
}

#[test]
fn a_rule_without_a_model_chooses_between_owners() {
    let shared = "- {id: a, base_url: https://a, output_model_ids: [m]}\n- {id: b, base_url: https://b, output_model_ids: [m]}\n";
    for pattern in ["", "pattern_model: '*', output_model: m, "] {
        let rule = format!("- {{id: r, {pattern}pattern_path: /v1/*, match_downstreams: [b]}}\n");
        assert_clean(shared, &rule, "");
    }
    assert_lint(shared, "", "", "model m owned by a, b");
}

#[test]
fn a_downstream_that_is_a_fallback_can_be_got_to() {
    let rule = "- {id: r, pattern_model: gpt-4o, fallback: [any]}\n";
    assert_clean(&format!("{OPENAI}{ANY}"), rule, "");
    let off = rule.replace("id: r,", "id: r, is_enabled: false,");
    let lint = "no request can get to any: it has no models, and no alias or rule that names models leads to it";
    assert_lint(&format!("{OPENAI}{ANY}"), &off, "", lint);
}

#[test]
fn a_fallback_that_is_off_is_left_out() {
    let rule = "- {id: r, pattern_model: gpt-4o, fallback: [off]}\n";
    let downstreams = format!("{OPENAI}{OFF}");
    assert_lint(
        &downstreams,
        rule,
        "",
        "fallback off is left out: it is off",
    );
    let no_rule = rule.replace("id: r,", "id: r, is_enabled: false,");
    assert_clean(&downstreams, &no_rule, "");
}

#[test]
fn a_fallback_can_be_asked_what_the_rule_s_callers_ask() {
    let claude = "- {id: claude, base_url: https://c, api_formats: [anthropic], output_model_ids: [claude]}\n";
    let downstreams = format!("{OPENAI}{claude}");
    let rule = "- {id: r, pattern_path: /v1/embeddings, fallback: [claude]}\n";
    assert_lint(
        &downstreams,
        rule,
        "",
        "fallback claude is left out: what callers at /v1/embeddings ask in openai can't be asked in anthropic",
    );
    for path in ["/v1/chat/completions", "/v1/*", "'*'"] {
        assert_clean(&downstreams, &rule.replace("/v1/embeddings", path), "");
    }
    let same = downstreams.replace("[anthropic]", "[anthropic, openai]");
    assert_clean(&same, rule, "");
}

#[test]
fn a_rule_that_has_only_a_fallback_is_not_idle() {
    let rule = "- {id: r, fallback: [openai]}\n";
    let downstreams = format!("{OPENAI}- {{id: b, base_url: https://b, output_model_ids: [m]}}\n");
    assert_clean(&downstreams, rule, "");
    let none = "- {id: r, fallback: []}\n";
    assert_clean(&downstreams, none, "");
}

#[test]
fn a_rule_that_says_what_is_next_knows_of_several_owners() {
    let both = format!("{OPENAI}- {{id: b, base_url: https://b, output_model_ids: [gpt-4o]}}\n");
    assert_lint(&both, "", "", "model gpt-4o owned by openai, b");
    let rule = "- {id: r, pattern_model: gpt-4o, fallback: [b]}\n";
    assert_clean(&both, rule, "");
}
