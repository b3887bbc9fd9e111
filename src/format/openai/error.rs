//! Errors: `{"error": {"message", "type", "param", "code"}}`. Source: `error_object.py` of openai-python 3.54.0, 2026-11.

use std::borrow::Cow;

use bytes::BytesMut;
use http::StatusCode;

use crate::{
    ir::{self, ErrorKind, Native, message_of},
    json::{self, Object, Raw},
};

use super::{ID, wire};

/// Reads the body of an error response.
pub(super) fn decode(status: StatusCode, body: &[u8]) -> ir::Error {
    match json::read_bytes::<Raw<'_>>(body) {
        Ok(body) => decode_value(Some(status), body),
        Err(_) => bare(Some(status), message_of(status, body)),
    }
}

/// Reads an error that came as JSON; in a stream there is no status.
pub(super) fn decode_value(status: Option<StatusCode>, body: Raw<'_>) -> ir::Error {
    let fallback = || {
        let shown = status.unwrap_or(StatusCode::BAD_GATEWAY);
        bare(status, message_of(shown, body.get().as_bytes()))
    };
    // Some put the object into an array.
    if let Ok(elements) = body.parse::<Vec<Raw<'_>>>() {
        return match elements.first() {
            Some(first) if first.kind() == json::Kind::Object => decode_value(status, *first),
            _ => fallback(),
        };
    }
    let Ok(wire) = body.parse::<wire::ErrorBody<'_>>() else {
        return fallback();
    };
    match wire.error {
        Some(error) if error.kind() == json::Kind::Object => match error.parse() {
            Ok(inner) => typed(status, &inner, fallback),
            Err(_) => fallback(),
        },
        Some(error) => match error.text() {
            Some(message) => bare(status, message.decode().into_owned()),
            None => fallback(),
        },
        None => typed(status, &wire, fallback),
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
    status: Option<StatusCode>,
    wire: &wire::ErrorBody<'_>,
    fallback: impl Fn() -> ir::Error,
) -> ir::Error {
    let text = |raw: Option<Raw<'_>>| wire::some_text(raw).map(|text| text.decode().into_owned());
    let Some(message) = text(wire.message).or_else(|| text(wire.detail)) else {
        return fallback();
    };
    // A number is the status, said again.
    let stated = wire::count(wire.code).and_then(|code| u16::try_from(code).ok());
    let stated = stated.and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.or(stated);
    let code = text(wire.code);
    let native_kind = text(wire.kind).unwrap_or_default();
    let kind = kind(status, code.as_deref(), &native_kind);
    let mut native = Native::new(ID, native_kind);
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
pub(super) fn encode(error: &ir::Error, out: &mut BytesMut) -> StatusCode {
    json::object(out, |o| members(error, o));
    status(error)
}

/// Writes the members of an error's body. All four are always there.
pub(super) fn members(error: &ir::Error, o: &mut Object<'_>) {
    let (_, kind, code) = words(error.kind);
    let native = error.native_to(ID);
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

fn status(error: &ir::Error) -> StatusCode {
    let (usual, ..) = words(error.kind);
    let kept = error.status.filter(|status| match error.kind {
        _ if error.native_to(ID).is_some() => true,
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
        ErrorKind::NotImplemented => (StatusCode::NOT_IMPLEMENTED, SERVER, None),
        ErrorKind::BadGateway => (StatusCode::BAD_GATEWAY, SERVER, Some("upstream_error")),
        ErrorKind::Overloaded => (
            StatusCode::SERVICE_UNAVAILABLE,
            "service_unavailable_error",
            Some("server_is_overloaded"),
        ),
        ErrorKind::GatewayTimeout => (StatusCode::GATEWAY_TIMEOUT, SERVER, Some("timeout")),
    }
}
