//! The error object that two APIs of one owner share: `{"error": {"message", "type", "param", "code"}}`. Source:
//! `error_object.py` of openai-python 3.54.0, 2026-11.
//!
//! Each caller gives its format's id, so that what is native to one is not taken for the other's.

use std::borrow::Cow;

use bytes::BytesMut;
use http::StatusCode;

use crate::{
    ir::{self, ErrorKind, Native, message_of},
    json::{self, Object, Raw},
};

use super::object::object;

object! {
    /// An error's body, and the shapes that servers of this format give it: `error` may be an object or a string, or
    /// its members stand at the top, or there is only a `detail`.
    struct ErrorBody<'a> {
        error: Raw<'a>,
        message: Raw<'a>,
        kind = "type": Raw<'a>,
        param: Raw<'a>,
        code: Raw<'a>,
        detail: Raw<'a>,
    }
}

/// Reads the body of an error response.
pub(super) fn decode(format: &'static str, status: StatusCode, body: &[u8]) -> ir::Error {
    match json::read_bytes::<Raw<'_>>(body) {
        Ok(body) => decode_value(format, Some(status), body),
        Err(_) => bare(Some(status), message_of(status, body)),
    }
}

/// Reads an error that came as JSON; in a stream there is no status.
pub(super) fn decode_value(
    format: &'static str,
    status: Option<StatusCode>,
    body: Raw<'_>,
) -> ir::Error {
    let fallback = || {
        let shown = status.unwrap_or(StatusCode::BAD_GATEWAY);
        bare(status, message_of(shown, body.get().as_bytes()))
    };
    // Some put the object into an array.
    if let Ok(elements) = body.parse::<Vec<Raw<'_>>>() {
        return match elements.first() {
            Some(first) if first.kind() == json::Kind::Object => {
                decode_value(format, status, *first)
            }
            _ => fallback(),
        };
    }
    let Ok(wire) = body.parse::<ErrorBody<'_>>() else {
        return fallback();
    };
    match wire.error {
        Some(error) if error.kind() == json::Kind::Object => match error.parse() {
            Ok(inner) => typed(format, status, &inner, fallback),
            Err(_) => fallback(),
        },
        Some(error) => match error.text() {
            Some(message) => bare(status, message.decode().into_owned()),
            None => fallback(),
        },
        None => typed(format, status, &wire, fallback),
    }
}

fn bare(status: Option<StatusCode>, message: String) -> ir::Error {
    let kind = status.map_or(ErrorKind::BadGateway, ErrorKind::of_status);
    ir::Error {
        status,
        ..ir::Error::new(kind, message)
    }
}

fn typed(
    format: &'static str,
    status: Option<StatusCode>,
    wire: &ErrorBody<'_>,
    fallback: impl Fn() -> ir::Error,
) -> ir::Error {
    let text = |raw: Option<Raw<'_>>| {
        let text = raw?.text().filter(|text| !text.is_empty())?;
        Some(text.decode().into_owned())
    };
    let Some(message) = text(wire.message).or_else(|| text(wire.detail)) else {
        return fallback();
    };
    // A number is the status, said again.
    let stated = wire.code.and_then(|code| code.number()?.as_u64());
    let stated = stated.and_then(|code| u16::try_from(code).ok());
    let stated = stated.and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.or(stated);
    let code = text(wire.code);
    let native_kind = text(wire.kind).unwrap_or_default();
    let kind = kind(status, code.as_deref(), &native_kind);
    let mut native = Native::new(format, native_kind);
    let members = wire.extra.iter();
    native.extra = members
        .map(|member| (member.key.to_string(), member.value.get().to_owned()))
        .collect();
    ir::Error {
        status,
        code: code.map(Cow::Owned),
        param: text(wire.param).map(Cow::Owned),
        native: Some(native),
        ..ir::Error::new(kind, message)
    }
}

/// The class of an error: what code and type say for sure, else the status, else what the type hints at.
fn kind(status: Option<StatusCode>, code: Option<&str>, native: &str) -> ErrorKind {
    for word in [code.unwrap_or_default(), native] {
        match word {
            "insufficient_quota" | "billing_hard_limit_reached" | "billing_not_active" => {
                return ErrorKind::Billing;
            }
            "context_length_exceeded" => return ErrorKind::ContextTooLong,
            "slow_down" | "server_is_overloaded" | "overloaded_error" => {
                return ErrorKind::Overloaded;
            }
            _ => {}
        }
    }
    if let Some(status) =
        status.filter(|status| status.is_client_error() || status.is_server_error())
    {
        return ErrorKind::of_status(status);
    }
    for word in [code.unwrap_or_default(), native] {
        match word {
            "rate_limit_exceeded" | "rate_limit_error" | "tokens" | "requests" => {
                return ErrorKind::RateLimited;
            }
            "invalid_api_key" | "authentication_error" => return ErrorKind::Unauthenticated,
            "permission_error" => return ErrorKind::Forbidden,
            "model_not_found" | "not_found_error" => return ErrorKind::NotFound,
            "request_too_large" => return ErrorKind::TooLarge,
            "service_unavailable_error" => return ErrorKind::Overloaded,
            "timeout" => return ErrorKind::GatewayTimeout,
            "invalid_request_error" => return ErrorKind::BadRequest,
            _ => {}
        }
    }
    ErrorKind::Internal
}

/// Writes an error response's body; tells its status.
pub(super) fn encode(format: &str, error: &ir::Error, out: &mut BytesMut) -> StatusCode {
    json::object(out, |o| members(format, error, o));
    status(format, error)
}

/// Writes the members of an error's body. All four are always there.
pub(super) fn members(format: &str, error: &ir::Error, o: &mut Object<'_>) {
    let (_, kind, code) = words(error.kind);
    let native = error.native_to(format);
    let code = error.code.as_deref().or(code.filter(|_| native.is_none()));
    let native_kind = native.map(|native| native.kind.as_str());
    let param = error.param.as_deref();
    o.object("error", |o| {
        o.field("message", &error.message);
        o.field(
            "type",
            native_kind.filter(|kind| !kind.is_empty()).unwrap_or(kind),
        );
        nullable(o, "param", param);
        nullable(o, "code", code);
        for (key, value) in native.into_iter().flat_map(|native| &native.extra) {
            if let Ok(value) = Raw::new(value) {
                o.field(key, value);
            }
        }
    });
}

fn nullable(o: &mut Object<'_>, key: &str, value: Option<&str>) {
    match value {
        Some(value) => o.field(key, value),
        None => o.field(key, ()),
    }
}

fn status(format: &str, error: &ir::Error) -> StatusCode {
    let (usual, ..) = words(error.kind);
    let kept = error.status.filter(|status| match error.kind {
        _ if error.native_to(format).is_some() => true,
        // Statuses that no class is for stay what they are.
        ErrorKind::BadRequest => status.is_client_error(),
        ErrorKind::Internal => status.is_server_error(),
        _ => false,
    });
    let kept = kept.filter(|status| status.is_client_error() || status.is_server_error());
    kept.unwrap_or(usual)
}

/// Status, type and code of a class.
fn words(kind: ErrorKind) -> (StatusCode, &'static str, Option<&'static str>) {
    const REQUEST: &str = "invalid_request_error";
    const SERVER: &str = "server_error";
    match kind {
        ErrorKind::BadRequest | ErrorKind::Unprocessable => {
            (StatusCode::BAD_REQUEST, REQUEST, None)
        }
        ErrorKind::Unauthenticated => (StatusCode::UNAUTHORIZED, REQUEST, Some("invalid_api_key")),
        ErrorKind::Billing => {
            let word = "insufficient_quota";
            (StatusCode::TOO_MANY_REQUESTS, word, Some(word))
        }
        ErrorKind::Forbidden => (StatusCode::FORBIDDEN, "permission_error", None),
        ErrorKind::NotFound => (StatusCode::NOT_FOUND, REQUEST, Some("model_not_found")),
        ErrorKind::RequestTimeout => (StatusCode::REQUEST_TIMEOUT, REQUEST, Some("timeout")),
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
    use crate::ir::Error;

    const ID: &str = "this";

    fn encoded(error: &Error) -> (u16, serde_json::Value) {
        let mut out = BytesMut::new();
        let status = encode(ID, error, &mut out);
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
            assert_eq!(decode(ID, status, body.as_bytes()).kind, kind, "{code}");
        }
    }

    #[test]
    fn a_body_that_is_no_error_object_is_shown_in_part() {
        for body in ["<html>Bad Gateway</html>", "[1"] {
            let error = decode(ID, StatusCode::BAD_GATEWAY, body.as_bytes());
            assert_eq!(error.kind, ErrorKind::BadGateway);
            assert!(error.message.contains(body), "{}", error.message);
        }
        let error = decode(ID, StatusCode::BAD_GATEWAY, b"");
        assert_eq!(error.message, "The provider answered 502 Bad Gateway.");
        let error = decode(ID, StatusCode::BAD_GATEWAY, br#"{"error":"text"}"#);
        assert_eq!(error.message, "text");
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
        let error = decode(ID, StatusCode::IM_A_TEAPOT, body.as_bytes());
        let mut out = BytesMut::new();
        assert_eq!(encode(ID, &error, &mut out), StatusCode::IM_A_TEAPOT);
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
