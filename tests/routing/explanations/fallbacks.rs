//! Where a request goes if its target fails, how long it may take, and how often it is tried.

use super::*;

const TEXT: &str = "timeouts: {idle: 90s}
downstreams:
- {id: a, base_url: https://a, api_formats: [openai], output_model_ids: [m]}
- {id: b, base_url: 'https://b/v1?sig=CANARY', api_key: CANARY, api_formats: [anthropic], output_model_ids: [n]}
- {id: several, base_url: https://s, output_model_ids: [x, y]}
- {id: off, base_url: https://o, is_enabled: false}
rules:
- id: r
  match_downstreams: [a]
  fallback: [FALLBACK]
  timeouts: {connect: 500ms, attempt: 2m, first_byte: none}
  retry: {attempts: 2, statuses: [401], budget: 0.5, on_empty: true, max_wait: 1h}
  pipeline_config: [{plugin_id: custom_header}]
";

fn with(fallback: &str) -> Table {
    table(&[&TEXT.replace("FALLBACK", fallback)])
}

#[test]
fn a_fallback_is_explained_as_its_target_is() {
    let explanation = explain(&with("b"), "m");
    let expected = json!([{
        "downstream": "b",
        "model": "n",
        "url": "https://b/v1/messages",
        "provider_format": "anthropic",
        "rules": ["r"],
        "request": [["openai", "anthropic", "auto"], "custom_header"],
        "response": ["custom_header", ["anthropic", "openai", "auto"]],
        "deduplicated": [],
        "timeouts": explanation["timeouts"],
        "retry": explanation["retry"],
    }]);
    assert_eq!(explanation["fallbacks"], expected);
    assert_why(
        &explanation,
        "If that fails, rule 'r' says what is next: 'b' as 'n'.",
    );
    assert!(!explanation.to_string().contains("CANARY"));
}

#[test]
fn the_limits_that_count_are_said_whoever_says_them() {
    let explanation = explain(&with("b"), "m");
    let timeouts = json!({
        "connect": "500ms",
        "pool_wait": "5s",
        "request_write": "30s",
        "first_byte": "none",
        "first_event": "10m",
        "idle": "90s",
        "attempt": "2m",
        "total": "10m",
    });
    assert_eq!(explanation["timeouts"], timeouts);
    let retry = json!({
        "attempts": 2,
        "backoff": "250ms",
        "max_backoff": "8s",
        "max_wait": "1h",
        "budget": 0.5,
        "statuses": [401],
        "on_empty": true,
    });
    assert_eq!(explanation["retry"], retry);
    let streamed = r#"{"model":"m","stream":true}"#;
    let of_a_stream = explain_request(&with("b"), Method::POST, CHAT, streamed);
    assert_eq!(of_a_stream["timeouts"]["total"], "none");
}

#[test]
fn the_chain_is_said_in_its_order() {
    let fallback =
        "{downstream: several, output_model: y}, b, {downstream: several, output_model: x}";
    let explanation = explain(&with(fallback), "m");
    assert_why(
        &explanation,
        "If that fails, rule 'r' says what is next: 'several' as 'y', then 'b' as 'n', then 'several' as 'x'.",
    );
}

#[test]
fn what_is_left_out_of_it_is_said_with_the_reason() {
    for (fallback, sentence) in [
        ("off", "Fallback 'off' is left out: it is switched off."),
        (
            "{downstream: a, output_model: m}",
            "Fallback 'a' is left out: it is what is tried first.",
        ),
        (
            "b, {downstream: b, output_model: n}",
            "Fallback 'b' is left out: it comes earlier, under the same model name.",
        ),
        (
            "several",
            "Fallback 'several' is left out: it has x, y, and neither the caller's name for the model nor the one that is sent first is among them.",
        ),
    ] {
        assert_why(&explain(&with(fallback), "m"), sentence);
    }
    let counting = TEXT
        .replace("FALLBACK", "b")
        .replace("[openai]", "[anthropic]");
    let counting = counting.replace(
        "https://b/v1?sig=CANARY', api_key: CANARY, api_formats: [anthropic]",
        "https://b', api_formats: [openai]",
    );
    let explanation = explain_request(
        &table(&[&counting]),
        Method::POST,
        "/v1/messages/count_tokens",
        r#"{"model":"m"}"#,
    );
    assert_why(
        &explanation,
        "Fallback 'b' is left out: there the caller would get an error: The provider of this model has no such endpoint.",
    );
    assert_why(
        &explanation,
        "If that fails, nothing else is tried: rule 'r' says so.",
    );
}

#[test]
fn what_is_not_sent_has_neither_limits_nor_fallbacks() {
    let estimating = TEXT
        .replace("FALLBACK", "b")
        .replace("id: a,", "id: a, count_tokens: estimate,");
    let explanation = explain_request(
        &table(&[&estimating]),
        Method::POST,
        "/v1/messages/count_tokens",
        r#"{"model":"m"}"#,
    );
    assert_eq!(explanation["status"], 200);
    assert_eq!(explanation["timeouts"], Value::Null);
    assert_eq!(explanation["retry"], Value::Null);
    assert_eq!(explanation["fallbacks"], json!([]));
}

#[test]
fn several_endpoints_are_said_to_be_there() {
    let several = TEXT.replace("FALLBACK", "b").replace(
        "base_url: https://a,",
        "base_urls: [https://a, https://aa],",
    );
    let explanation = explain(&table(&[&several]), "m");
    assert_eq!(explanation["url"], "https://a/v1/chat/completions");
    assert_why(
        &explanation,
        "Each attempt goes to one of its 2 endpoints; the URL is the first one's.",
    );
}

/// Embeddings, which the first target does not have and the second does.
fn embeddings(settings: &str) -> Value {
    let text = TEXT
        .replace("FALLBACK", "{downstream: several, output_model: x}")
        .replace("https://s,", "https://s, api_formats: [openai],")
        .replace(
            "[openai], output_model_ids: [m]",
            "[anthropic], output_model_ids: [m]",
        )
        .replace("statuses: [401]", settings);
    let body = r#"{"model":"m","input":"x"}"#;
    explain_request(&table(&[&text]), Method::POST, "/v1/embeddings", body)
}

#[test]
fn a_refusal_for_which_the_next_target_is_asked_is_explained_as_that_target() {
    let explanation = embeddings("statuses: [501]");
    assert_eq!(explanation["status"], 200);
    assert_eq!(explanation["downstream"], "several");
    assert_eq!(explanation["url"], "https://s/v1/embeddings");
    assert_eq!(explanation["fallbacks"], json!([]));
    assert_why(
        &explanation,
        "'a' is not asked, but what is next: The provider of this model has no such endpoint.",
    );
    let explanation = embeddings("statuses: [401]");
    assert_eq!(explanation["status"], 501);
    assert_eq!(explanation["downstream"], Value::Null);
}
