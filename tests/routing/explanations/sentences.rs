//! What a person reads.

use super::*;

#[test]
fn what_keeps_a_rule_from_routing_is_said() {
    let rules = [
        (
            "is_enabled: false, match_downstreams: [a], pattern_model: m",
            "is switched off",
        ),
        (
            "match_format: [anthropic], match_downstreams: [a], pattern_model: m",
            "it is for callers of anthropic only, and this one speaks openai",
        ),
        (
            "match_downstreams: [a]",
            "it does not name the model, which a rule must do to lead somewhere",
        ),
        (
            "pattern_model: m",
            "it leads nowhere: it has no downstreams",
        ),
        (
            "match_downstream_format: [gemini], match_downstreams: [b], pattern_model: m",
            "it is for downstreams that are spoken to in gemini, and none of its own is",
        ),
    ];
    for (rule, obstacle) in rules {
        let explanation = explain(&two(&format!("- {{id: r, {rule}}}")), "m");
        assert_eq!(explanation["status"], 404);
        assert_why(
            &explanation,
            &format!("Rule 'r' matches path and model, but {obstacle}."),
        );
    }
    let rule = "- {id: r, pattern_path: /v1/messages, match_downstreams: [a], pattern_model: m}";
    assert_why(
        &explain(&two(rule), "m"),
        "Rule 'r' names the model, but for the path /v1/messages only.",
    );
}

#[test]
fn what_is_switched_off_and_would_have_the_model_is_said() {
    let off = "- {id: c, base_url: https://c, output_model_ids: [m], is_enabled: false}\n";
    let explanation = explain(&table(&[&format!("downstreams:\n{off}")]), "m");
    assert_why(
        &explanation,
        "Downstream 'c' has the model, but is switched off.",
    );
    let rule = "rules: [{id: r, pattern_model: n, match_downstreams: [c]}]";
    let explanation = explain(&table(&[&format!("downstreams:\n{off}{rule}")]), "n");
    assert_why(
        &explanation,
        "Rule 'r' matches path and model, but 'c' is switched off.",
    );
}

#[test]
fn models_that_were_perhaps_meant_are_named() {
    for (asked, meant) in [
        ("GPT-4o", "'gpt-4o'"),
        ("claude-sonnet", "'claude-sonnet-4-20250514'"),
    ] {
        let similar = format!("Similar models that this path leads to: {meant}.");
        assert_why(&explain(&c0(), asked), &similar);
    }
}

#[test]
fn a_format_without_a_translation_is_a_refusal_like_the_real_one() {
    let explanation = explain_request(
        &c0(),
        Method::POST,
        "/v1/embeddings",
        r#"{"model":"claude-sonnet-4-20250514"}"#,
    );
    assert_eq!(explanation["status"], 501);
    assert_eq!(explanation["downstream"], Value::Null);
    assert_why(
        &explanation,
        "The caller gets 501 (endpoint_not_supported): The provider of this model has no such endpoint.",
    );
    // Nothing is.
    let why = why(&explanation);
    assert!(
        !why.iter().any(|said| said.contains("translated")),
        "{why:#?}"
    );
}

#[test]
fn a_request_is_read_as_the_router_reads_it() {
    let table = c0();
    for (path, body, downstream, url) in [
        (CHAT, r#"{"model":"gpt\u002d4o"}"#, "openai", OPENAI_URL),
        (
            "/v1/messages?beta=true&key=CANARY",
            r#"{"model":"claude-sonnet-4-20250514"}"#,
            "anthropic",
            "https://api.anthropic.com/v1/messages?beta=true",
        ),
        (
            "/v1/messages?beta=true",
            r#"{"model":"gpt-4o"}"#,
            "openai",
            OPENAI_URL,
        ),
        (
            "/v1beta/models/gpt-4o:generateContent",
            "",
            "openai",
            OPENAI_URL,
        ),
    ] {
        let explanation = explain_request(&table, Method::POST, path, body);
        assert_eq!(explanation["downstream"], downstream, "{explanation:#}");
        assert_eq!(explanation["url"], url);
    }
    for (body, said) in [
        ("{}", "The caller gets 400: model must be given."),
        (
            r#"{"model":""}"#,
            "The caller gets 400: model must be a string that is not empty.",
        ),
    ] {
        let explanation = explain_request(&table, Method::POST, CHAT, body);
        assert_eq!(
            (&explanation["status"], why(&explanation)),
            (&json!(400), vec![said])
        );
    }
}

#[test]
fn what_is_not_for_a_model_is_said_to_be_none_of_the_gateways() {
    let explanation = explain_request(&c0(), Method::POST, "/health", "");
    assert_eq!(explanation["status"], 404);
    assert_eq!(explanation["client_format"], Value::Null);
    let list = explain_request(&c0(), Method::GET, "/v1/models", "");
    assert_eq!(
        (&list["status"], &list["downstream"]),
        (&json!(200), &Value::Null)
    );
    let method = explain_request(&c0(), Method::GET, CHAT, "");
    assert_eq!(method["status"], 405);
    assert_why(
        &method,
        "GET /v1/chat/completions is not a request for a model: what the gateway is in front of gets it, and alone it answers 405.",
    );
}

#[test]
fn a_request_without_a_model_has_none_in_its_explanation() {
    let text = "downstreams:\n- {id: a, base_url: 'https://a/v1', api_formats: [openai], output_model_ids: [m]}\nrules:\n- {id: r, pattern_path: '/v1/files*', match_downstreams: [a]}";
    let table = Config::from_yaml(text).unwrap().build(&Registry::default());
    let table = table.unwrap_or_else(|errors| panic!("{errors}"));
    let explanation = explain_request(&table, Method::GET, "/v1/files", "");
    assert_eq!(explanation["url"], "https://a/v1/files");
    assert_eq!(explanation["model"], Value::Null);
}

#[test]
fn a_path_that_a_rule_leads_somewhere_is_explained() {
    let table = two("- {id: files, pattern_path: /v1/files, match_downstreams: [b]}\n");
    let explanation = explain_request(&table, Method::POST, "/v1/files", "");
    assert_eq!(explanation["model"], Value::Null);
    assert_eq!(
        why(&explanation)[..2],
        [
            "The request names no model. Rule 'files' names its path and leads to 'b'.",
            "No model is sent."
        ]
    );
}

#[test]
fn what_the_gateway_estimates_is_said_to_go_nowhere() {
    let text = "downstreams: [{id: a, base_url: https://a, api_formats: [anthropic], count_tokens: estimate, output_model_ids: [m]}]";
    let body = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;
    let path = "/v1/messages/count_tokens";
    let explanation = explain_request(&table(&[text]), Method::POST, path, body);
    assert_eq!(explanation["url"], Value::Null);
    assert_why(
        &explanation,
        "The gateway estimates the number of tokens, and does not ask the downstream.",
    );
}

#[test]
fn a_query_that_is_not_shown_is_said_to_be_sent() {
    let text = "downstreams: [{id: a, base_url: 'https://a/v1?key=CANARY', api_formats: [openai], output_model_ids: [m]}]";
    let sentence = "The query of the downstream's base URL is sent too, and left out here.";
    assert_why(&explain(&table(&[text]), "m"), sentence);
    let none = explain(&table(&[&text.replace("?key=CANARY", "")]), "m");
    assert!(!why(&none).contains(&sentence));
}

#[test]
fn a_handler_is_explained_by_its_path() {
    let text =
        "downstreams: [{id: own, handler: inner, api_formats: [openai], output_model_ids: [m]}]";
    let explanation = explain(&table(&[text]), "m");
    assert_eq!(explanation["url"], CHAT);
    assert_why(
        &explanation,
        "The downstream is the handler that the gateway is in front of.",
    );
}

#[test]
fn a_translator_of_what_needs_no_translation_is_said_to_do_nothing() {
    let rule = "rules: [{id: idle, pipeline_config: [{plugin_id: openai2anthropic}]}]";
    assert_why(
        &explain(&table(&[PAGE, rule]), "gpt-4o"),
        "'openai2anthropic' does nothing: nothing here has to be translated as it translates.",
    );
}

#[test]
fn a_request_for_a_web_socket_is_said_to_be_refused() {
    let request = Request::get("/v1/realtime").header("upgrade", "websocket");
    let explanation = c0().explain_request(&request.body("").unwrap());
    assert_eq!(explanation.status, 426);
    assert_eq!(explanation.client_format, Some(ApiFormat::OPENAI));
}
