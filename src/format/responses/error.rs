//! Errors: `{"error":{"message","type","param","code"}}`. Source: openai-python 3.54.0, `error_object.py`.

use bytes::BytesMut;
use http::StatusCode;

use crate::{
    format::object::object,
    ir::{Error, ErrorKind, Native, message_of},
    json::{self, Raw, Text},
};

use super::ID;

object! {
    struct Envelope<'a> {
        error: Raw<'a>,
    }
}

object! {
    struct Body<'a> {
        message: Text<'a>,
        kind = "type": Text<'a>,
        param: Raw<'a>,
        code: Raw<'a>,
    }
}

pub(super) fn decode(status: StatusCode, body: &[u8]) -> Error {
    let envelope = json::read_bytes::<Envelope<'_>>(body).ok();
    let error = envelope.and_then(|envelope| envelope.error);
    let Some(body) = error.and_then(|error| json::read::<Body<'_>>(error.get()).ok()) else {
        let message = message_of(status, body);
        return Error::new(ErrorKind::of_status(status), message).with_status(status);
    };
    let text = |value: Option<Raw<'_>>| Some(value?.text()?.decode().into_owned());
    let native_kind = body.kind.map(|kind| kind.decode().into_owned());
    let code = text(body.code);
    let kind = code
        .as_deref()
        .and_then(of_code)
        .or_else(|| native_kind.as_deref().and_then(of_code))
        .unwrap_or_else(|| ErrorKind::of_status(status));
    let message = body.message.map_or_else(
        || message_of(status, &[]),
        |message| message.decode().into_owned(),
    );
    let mut error = Error::new(kind, message).with_status(status);
    error.code = code.map(Into::into);
    error.param = text(body.param).map(Into::into);
    error.native = native_kind.map(|kind| {
        let mut native = Native::new(ID, kind);
        let extra = body.extra.iter();
        native.extra = extra
            .map(|member| (member.key.to_string(), member.value.get().to_owned()))
            .collect();
        native
    });
    error
}

/// What a code or type says more precisely than the status.
fn of_code(code: &str) -> Option<ErrorKind> {
    Some(match code {
        "insufficient_quota" => ErrorKind::Billing,
        "invalid_api_key" => ErrorKind::Unauthenticated,
        "model_not_found" => ErrorKind::NotFound,
        "context_length_exceeded" => ErrorKind::ContextTooLong,
        "rate_limit_exceeded" => ErrorKind::RateLimited,
        "slow_down" | "server_is_overloaded" => ErrorKind::Overloaded,
        _ => return None,
    })
}

pub(super) fn encode(error: &Error, out: &mut BytesMut) -> StatusCode {
    let (status, kind, code) = wire(error.kind);
    let native = error.native_to(ID);
    json::object(out, |o| {
        o.object("error", |o| {
            o.field("message", &error.message);
            o.field("type", native.map_or(kind, |native| &*native.kind));
            nullable(o, "param", error.param.as_deref());
            nullable(o, "code", error.code.as_deref().or(code));
            for (key, value) in native.iter().flat_map(|native| &native.extra) {
                if let Ok(value) = Raw::new(value) {
                    o.field(key, value);
                }
            }
        });
    });
    match error.status {
        Some(unknown) if kept(error.kind, unknown) => unknown,
        _ => status,
    }
}

/// Both members are always there, so that clients can look without asking.
fn nullable(o: &mut json::Object<'_>, key: &str, value: Option<&str>) {
    match value {
        Some(value) => o.field(key, value),
        None => o.field(key, ()),
    }
}

/// Whether a provider's status says more than the table can.
fn kept(kind: ErrorKind, status: StatusCode) -> bool {
    match kind {
        ErrorKind::BadRequest => status.is_client_error(),
        ErrorKind::Internal => status.is_server_error(),
        _ => false,
    }
}

fn wire(kind: ErrorKind) -> (StatusCode, &'static str, Option<&'static str>) {
    const REQUEST: &str = "invalid_request_error";
    const SERVER: &str = "server_error";
    const QUOTA: &str = "insufficient_quota";
    match kind {
        ErrorKind::BadRequest | ErrorKind::Unprocessable => {
            (StatusCode::BAD_REQUEST, REQUEST, None)
        }
        ErrorKind::Unauthenticated => (StatusCode::UNAUTHORIZED, REQUEST, Some("invalid_api_key")),
        ErrorKind::Billing => (StatusCode::TOO_MANY_REQUESTS, QUOTA, Some(QUOTA)),
        ErrorKind::Forbidden => (StatusCode::FORBIDDEN, "permission_error", None),
        ErrorKind::NotFound => (StatusCode::NOT_FOUND, REQUEST, Some("model_not_found")),
        ErrorKind::RequestTimeout => (StatusCode::REQUEST_TIMEOUT, REQUEST, None),
        ErrorKind::Conflict => (StatusCode::CONFLICT, REQUEST, None),
        ErrorKind::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            REQUEST,
            Some("request_too_large"),
        ),
        ErrorKind::ContextTooLong => (
            StatusCode::BAD_REQUEST,
            REQUEST,
            Some("context_length_exceeded"),
        ),
        ErrorKind::RateLimited => (
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limit_error",
            Some("rate_limit_exceeded"),
        ),
        ErrorKind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, SERVER, None),
        ErrorKind::NotImplemented => (StatusCode::NOT_IMPLEMENTED, REQUEST, None),
        ErrorKind::BadGateway => (StatusCode::BAD_GATEWAY, SERVER, Some("upstream_error")),
        ErrorKind::Overloaded => (
            StatusCode::SERVICE_UNAVAILABLE,
            "service_unavailable_error",
            Some("server_is_overloaded"),
        ),
        ErrorKind::GatewayTimeout => (StatusCode::GATEWAY_TIMEOUT, SERVER, Some("timeout")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(error: &Error) -> (u16, serde_json::Value) {
        let mut out = BytesMut::new();
        let status = encode(error, &mut out);
        (status.as_u16(), serde_json::from_slice(&out).unwrap())
    }

    #[test]
    fn the_code_says_more_than_the_status() {
        for (status, code, kind) in [
            (429, "insufficient_quota", ErrorKind::Billing),
            (429, "rate_limit_exceeded", ErrorKind::RateLimited),
            (500, "slow_down", ErrorKind::Overloaded),
            (400, "context_length_exceeded", ErrorKind::ContextTooLong),
            (409, "something_new", ErrorKind::Conflict),
        ] {
            let body = format!(r#"{{"error":{{"message":"m","type":"t","code":"{code}"}}}}"#);
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(decode(status, body.as_bytes()).kind, kind, "{code}");
        }
    }

    #[test]
    fn a_body_that_is_no_error_object_is_shown_in_part() {
        for body in ["<html>Bad Gateway</html>", r#"{"error":"text"}"#, "[1"] {
            let error = decode(StatusCode::BAD_GATEWAY, body.as_bytes());
            assert_eq!(error.kind, ErrorKind::BadGateway);
            assert!(error.message.contains(body), "{}", error.message);
        }
        let error = decode(StatusCode::BAD_GATEWAY, b"");
        assert_eq!(error.message, "The provider answered 502 Bad Gateway.");
    }

    #[test]
    fn all_four_members_are_there() {
        let (status, body) = encoded(&Error::bad_request("no"));
        assert_eq!(status, 400);
        assert_eq!(
            body.to_string(),
            r#"{"error":{"code":null,"message":"no","param":null,"type":"invalid_request_error"}}"#
        );
    }

    #[test]
    fn what_the_api_said_itself_comes_back_whole() {
        let body = r#"{"error":{"message":"m","type":"odd","param":"p","code":"c","innererror":{"x":1.0}}}"#;
        let error = decode(StatusCode::IM_A_TEAPOT, body.as_bytes());
        let mut out = BytesMut::new();
        assert_eq!(encode(&error, &mut out), StatusCode::IM_A_TEAPOT);
        assert_eq!(out, body);
    }

    #[test]
    fn a_foreign_type_never_shows() {
        let mut error = Error::new(ErrorKind::Overloaded, "busy");
        error.status = StatusCode::from_u16(529).ok();
        error.native = Some(Native::new("elsewhere", "overloaded_error"));
        let (status, body) = encoded(&error);
        assert_eq!(status, 503);
        assert_eq!(body["error"]["type"], "service_unavailable_error");
        assert_eq!(body["error"]["code"], "server_is_overloaded");
    }

    #[test]
    fn a_used_up_quota_is_no_rate_limit() {
        let (status, body) = encoded(&Error::new(ErrorKind::Billing, "pay"));
        assert_eq!(status, 429);
        assert_eq!(body["error"]["type"], "insufficient_quota");
    }
}
