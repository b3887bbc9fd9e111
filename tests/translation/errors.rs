//! Errors of one API in the words of the other.

use http::StatusCode;
use serde_json::{Value, json};
use tower_llm_gateway::format::ApiFormat;

use crate::support::{ANTHROPIC, OPENAI};

/// A provider's error in the caller's words.
fn error(provider: ApiFormat, client: ApiFormat, status: u16, body: &str) -> (u16, Value) {
    let status = StatusCode::from_u16(status).unwrap();
    let error = provider.api().decode_error(status, body.as_bytes());
    let (status, body) = client.error_body(&error);
    (status.as_u16(), serde_json::from_slice(&body).unwrap())
}

fn anthropic(kind: &str) -> String {
    json!({"type": "error", "error": {"type": kind, "message": "No."}, "request_id": "req_1"})
        .to_string()
}

fn openai(kind: &str, code: &Value) -> String {
    json!({"error": {"message": "No.", "type": kind, "param": null, "code": code}}).to_string()
}

#[test]
fn trap_117_anthropics_errors_are_openais() {
    for (status, kind, expected, word) in [
        (400, "invalid_request_error", 400, "invalid_request_error"),
        (401, "authentication_error", 401, "invalid_request_error"),
        (402, "billing_error", 429, "insufficient_quota"),
        (403, "permission_error", 403, "permission_error"),
        (404, "not_found_error", 404, "invalid_request_error"),
        (413, "request_too_large", 413, "invalid_request_error"),
        (429, "rate_limit_error", 429, "rate_limit_error"),
        (500, "api_error", 500, "server_error"),
        (504, "timeout_error", 504, "server_error"),
        (529, "overloaded_error", 503, "service_unavailable_error"),
        (418, "tomorrow_error", 418, "invalid_request_error"),
    ] {
        let (status, body) = error(ANTHROPIC, OPENAI, status, &anthropic(kind));
        assert_eq!(
            (status, &body["error"]["type"]),
            (expected, &json!(word)),
            "{kind}"
        );
        assert_eq!(body["error"]["message"], "No.");
        for key in ["param", "code"] {
            assert!(body["error"].get(key).is_some(), "{kind}: {key}");
        }
    }
}

/// What an error of an OpenAI server is to an Anthropic caller: status and type.
fn from_openai(status: u16, kind: &str, code: &Value) -> (u16, String) {
    let (status, body) = error(OPENAI, ANTHROPIC, status, &openai(kind, code));
    assert_eq!(
        (&body["type"], &body["error"]["message"]),
        (&json!("error"), &json!("No."))
    );
    assert!(body.get("request_id").is_some());
    (status, body["error"]["type"].as_str().unwrap().to_owned())
}

#[test]
fn trap_117_trap_118_openais_errors_are_anthropics() {
    let bad = "invalid_request_error";
    for (given, code, expected) in [
        ((400, bad), json!(null), (400, bad)),
        ((400, bad), json!("context_length_exceeded"), (400, bad)),
        (
            (401, bad),
            json!("invalid_api_key"),
            (401, "authentication_error"),
        ),
        (
            (403, "permission_error"),
            json!(null),
            (403, "permission_error"),
        ),
        (
            (404, bad),
            json!("model_not_found"),
            (404, "not_found_error"),
        ),
        (
            (429, "insufficient_quota"),
            json!("insufficient_quota"),
            (402, "billing_error"),
        ),
        (
            (429, "rate_limit_error"),
            json!("rate_limit_exceeded"),
            (429, "rate_limit_error"),
        ),
        ((500, "server_error"), json!(null), (500, "api_error")),
        ((502, "server_error"), json!(null), (502, "api_error")),
        (
            (503, "service_unavailable_error"),
            json!(null),
            (529, "overloaded_error"),
        ),
        (
            (504, "server_error"),
            json!("timeout"),
            (504, "timeout_error"),
        ),
    ] {
        let (status, kind) = from_openai(given.0, given.1, &code);
        assert_eq!((status, kind.as_str()), expected, "{given:?} {code}");
    }
}

#[test]
fn the_field_at_fault_is_told_where_there_is_no_member_for_it() {
    let body = json!({"error": {"message": "No.", "type": "invalid_request_error", "param": "messages[0]", "code": null}});
    let (_, body) = error(OPENAI, ANTHROPIC, 400, &body.to_string());
    assert_eq!(body["error"]["message"], "No. (param: messages[0])");
}

#[test]
fn trap_120_what_is_no_error_body_still_gives_a_good_error() {
    for (provider, client) in [(OPENAI, ANTHROPIC), (ANTHROPIC, OPENAI)] {
        for body in [
            "",
            "<html><h1>502 Bad Gateway</h1></html>",
            "[]",
            "[1]",
            "null",
            "\"oops\"",
            "{}",
            "{\"error\":\"oops\"}",
            "{\"error\":null}",
        ] {
            let (status, body) = error(provider, client, 500, body);
            assert_eq!(status, 500);
            assert!(!body["error"]["message"].as_str().unwrap().is_empty());
            assert!(body["error"]["type"].is_string());
        }
    }
}

#[test]
fn trap_121_the_request_id_of_anthropic_is_kept() {
    let failed = ANTHROPIC
        .api()
        .decode_error(StatusCode::BAD_REQUEST, anthropic("api_error").as_bytes());
    assert_eq!(failed.request_id.as_deref(), Some("req_1"));
    let (_, body) = ANTHROPIC.error_body(&failed);
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["request_id"], "req_1");
}
