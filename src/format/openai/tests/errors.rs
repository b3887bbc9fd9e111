use http::StatusCode;

use super::*;
use crate::ir::{ErrorKind, Native};

fn read(status: u16, body: &str) -> Error {
    let status = StatusCode::from_u16(status).unwrap();
    ApiFormat::OPENAI
        .api()
        .decode_error(status, body.as_bytes())
}

fn say(error: &Error) -> (u16, Value) {
    let (status, body) = ApiFormat::OPENAI.error_body(error);
    (status.as_u16(), value(&body))
}

#[test]
fn an_error_of_this_format_comes_back_with_all_its_members() {
    let body = r#"{"error":{"message":"m","type":"t","param":"p","code":"content_filter","innererror":{"content_filter_result":{}}}}"#;
    assert_eq!(say(&read(400, body)), (400, value(body)));
}

/// Class, status, type and code.
const CLASSES: &[(ErrorKind, u16, &str, Option<&str>)] = &[
    (ErrorKind::BadRequest, 400, "invalid_request_error", None),
    (
        ErrorKind::Unauthenticated,
        401,
        "invalid_request_error",
        Some("invalid_api_key"),
    ),
    (
        ErrorKind::Billing,
        429,
        "insufficient_quota",
        Some("insufficient_quota"),
    ),
    (ErrorKind::Forbidden, 403, "permission_error", None),
    (
        ErrorKind::NotFound,
        404,
        "invalid_request_error",
        Some("model_not_found"),
    ),
    (ErrorKind::Conflict, 409, "invalid_request_error", None),
    (
        ErrorKind::TooLarge,
        413,
        "invalid_request_error",
        Some("request_too_large"),
    ),
    (ErrorKind::Unprocessable, 400, "invalid_request_error", None),
    (
        ErrorKind::ContextTooLong,
        400,
        "invalid_request_error",
        Some("context_length_exceeded"),
    ),
    (
        ErrorKind::RateLimited,
        429,
        "rate_limit_error",
        Some("rate_limit_exceeded"),
    ),
    (ErrorKind::Internal, 500, "server_error", None),
    (
        ErrorKind::Overloaded,
        503,
        "service_unavailable_error",
        Some("server_is_overloaded"),
    ),
    (
        ErrorKind::GatewayTimeout,
        504,
        "server_error",
        Some("timeout"),
    ),
];

#[test]
fn every_class_has_its_status_type_and_code() {
    for (kind, status, word, code) in CLASSES {
        let expected = serde_json::json!(
            {"error": {"message": "m", "type": word, "param": null, "code": code}}
        );
        assert_eq!(
            say(&Error::new(*kind, "m")),
            (*status, expected),
            "{kind:?}"
        );
    }
}

#[test]
fn trap_117_another_providers_529_is_a_503_here() {
    let mut error =
        Error::new(ErrorKind::Overloaded, "m").with_status(StatusCode::from_u16(529).unwrap());
    error.native = Some(Native::new("other", "overloaded_error"));
    let (status, body) = say(&error);
    assert_eq!(status, 503);
    assert_eq!(body["error"]["type"], "service_unavailable_error");
}

#[test]
fn trap_118_an_empty_purse_is_no_rate_limit() {
    let quota =
        r#"{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    assert_eq!(read(429, quota).kind, ErrorKind::Billing);
    let limit = r#"{"error":{"message":"m","type":"tokens","code":"rate_limit_exceeded"}}"#;
    assert_eq!(read(429, limit).kind, ErrorKind::RateLimited);
}

#[test]
fn the_code_refines_the_status() {
    let table = [
        (400, "context_length_exceeded", ErrorKind::ContextTooLong),
        (500, "slow_down", ErrorKind::Overloaded),
        (503, "x", ErrorKind::Overloaded),
        (418, "x", ErrorKind::BadRequest),
        (599, "x", ErrorKind::Internal),
    ];
    for (status, code, kind) in table {
        let body = format!(r#"{{"error":{{"message":"m","code":"{code}"}}}}"#);
        let error = read(status, &body);
        assert_eq!(error.kind, kind, "{status} {code}");
        assert_eq!(error.status.unwrap().as_u16(), status);
    }
}

#[test]
fn a_status_without_a_class_is_kept() {
    let error = Error::bad_request("m").with_status(StatusCode::IM_A_TEAPOT);
    assert_eq!(say(&error).0, 418);
}

#[test]
fn trap_120_any_body_becomes_a_well_formed_error() {
    let table = [
        ("", "The provider answered 500 Internal Server Error."),
        (
            "<html>oh</html>",
            "The provider answered 500 Internal Server Error: <html>oh</html>",
        ),
        ("[]", "The provider answered 500 Internal Server Error: []"),
        (r#"[{"error":{"message":"in a list"}}]"#, "in a list"),
        (r#"{"error":"a string"}"#, "a string"),
        (r#"{"object":"error","message":"flat","code":400}"#, "flat"),
        (r#"{"detail":"Not Found"}"#, "Not Found"),
        (
            r#"{"error":{}}"#,
            r#"The provider answered 500 Internal Server Error: {"error":{}}"#,
        ),
        ("7", "The provider answered 500 Internal Server Error: 7"),
    ];
    for (body, message) in table {
        let error = read(500, body);
        assert_eq!(error.message, message, "{body}");
        let (status, said) = say(&error);
        assert_eq!(status, 500, "{body}");
        let members = said["error"].as_object().unwrap();
        for key in ["message", "type", "param", "code"] {
            assert!(members.contains_key(key), "{body} {key}");
        }
        assert!(said["error"]["type"].is_string(), "{body}");
    }
}

#[test]
fn trap_124_what_we_refuse_names_the_field() {
    let (status, body) = say(&Error::unsupported("messages[0].content[1]"));
    assert_eq!(status, 400);
    assert_eq!(body["error"]["param"], "messages[0].content[1]");
    assert_eq!(body["error"]["code"], "unsupported_parameter");
}
