//! Errors: `{"error":{"code","message","status","details"}}`. Source: google-genai 3.4.0, `errors.py`.

use std::{borrow::Cow, time::Duration};

use bytes::BytesMut;
use http::StatusCode;

use crate::{
    format::object::object,
    ir::{Error, ErrorKind, Native, message_of},
    json::{self, Raw, Text},
};

use super::ID;

const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";

object! {
    struct Envelope<'a> {
        error: Raw<'a>,
    }
}

object! {
    struct Body<'a> {
        code: Raw<'a>,
        message: Text<'a>,
        status: Text<'a>,
        details: Vec<Raw<'a>>,
    }
}

object! {
    struct Detail<'a> {
        reason: Raw<'a>,
        delay = "retryDelay": Text<'a>,
    }
}

pub(super) fn decode(status: StatusCode, bytes: &[u8]) -> Error {
    let Some(body) = body_of(bytes) else {
        let message = message_of(status, bytes);
        return Error::new(ErrorKind::of_status(status), message).with_status(status);
    };
    let details = body.details.unwrap_or_default();
    let name = body.status.as_ref().map(Text::decode);
    let kind = if details.iter().any(is_invalid_key) {
        ErrorKind::Unauthenticated
    } else {
        name.as_deref()
            .and_then(of_name)
            .unwrap_or_else(|| ErrorKind::of_status(status))
    };
    let message = body.message.map_or_else(
        || message_of(status, &[]),
        |message| message.decode().into_owned(),
    );
    let mut error = Error::new(kind, message).with_status(status);
    error.retry_after = details.iter().find_map(retry_delay);
    error.native = name.map(|name| {
        let mut native = Native::new(ID, name);
        if !details.is_empty() {
            let mut text = BytesMut::new();
            json::array(&mut text, |a| {
                for detail in &details {
                    a.value(detail);
                }
            });
            let text = String::from_utf8_lossy(&text).into_owned();
            native.extra.push(("details".to_owned(), text));
        }
        native
    });
    error
}

/// Reads an error in the middle of a stream, whose status is only in its body.
pub(super) fn decode_event(bytes: &[u8]) -> Error {
    let code = body_of(bytes).and_then(|body| body.code?.number()?.as_u64());
    let status = code.and_then(|code| StatusCode::from_u16(u16::try_from(code).ok()?).ok());
    decode(status.unwrap_or(StatusCode::BAD_GATEWAY), bytes)
}

/// Whether an answer is an error object and no answer.
pub(super) fn is_error(raw: Raw<'_>) -> bool {
    let envelope = raw.parse::<Envelope<'_>>();
    envelope.is_ok_and(|envelope| envelope.error.is_some())
}

/// The error object; also the first of an array, which a stream that fails at once is.
fn body_of(bytes: &[u8]) -> Option<Body<'_>> {
    let whole: Raw<'_> = json::read_bytes(bytes).ok()?;
    let first = match whole.kind() {
        json::Kind::Array => *json::read::<Vec<Raw<'_>>>(whole.get()).ok()?.first()?,
        _ => whole,
    };
    let envelope: Envelope<'_> = json::read(first.get()).ok()?;
    json::read(envelope.error?.get()).ok()
}

fn is_invalid_key(detail: &Raw<'_>) -> bool {
    let detail: Option<Detail<'_>> = json::read(detail.get()).ok();
    let reason = detail.and_then(|detail| detail.reason?.text());
    reason.is_some_and(|reason| reason == "API_KEY_INVALID")
}

/// The time of a `RetryInfo`, such as `34.07s`.
fn retry_delay(detail: &Raw<'_>) -> Option<Duration> {
    let detail: Detail<'_> = json::read(detail.get()).ok()?;
    let delay = detail.delay?;
    let seconds = delay.decode().strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Names of `google.rpc.Code`.
fn of_name(name: &str) -> Option<ErrorKind> {
    Some(match name {
        "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" => ErrorKind::BadRequest,
        "UNAUTHENTICATED" => ErrorKind::Unauthenticated,
        "PERMISSION_DENIED" => ErrorKind::Forbidden,
        "NOT_FOUND" => ErrorKind::NotFound,
        "ABORTED" | "ALREADY_EXISTS" => ErrorKind::Conflict,
        "RESOURCE_EXHAUSTED" => ErrorKind::RateLimited,
        "UNIMPLEMENTED" => ErrorKind::NotImplemented,
        "INTERNAL" | "UNKNOWN" | "DATA_LOSS" => ErrorKind::Internal,
        "UNAVAILABLE" => ErrorKind::Overloaded,
        "DEADLINE_EXCEEDED" => ErrorKind::GatewayTimeout,
        _ => return None,
    })
}

pub(super) fn encode(error: &Error, out: &mut BytesMut) -> StatusCode {
    let (table, name) = wire(error.kind);
    let status = match error.status {
        Some(unknown) if kept(error.kind, unknown) => unknown,
        _ => table,
    };
    let native = error.native_to(ID);
    json::object(out, |o| {
        o.object("error", |o| {
            o.field("code", u64::from(status.as_u16()));
            o.field("message", message(error));
            o.field("status", native.map_or(name, |native| &*native.kind));
            if let (None, Some(wait)) = (native, error.retry_after) {
                o.array("details", |a| {
                    json::object(a.element(), |o| {
                        o.field("@type", RETRY_INFO);
                        o.field("retryDelay", format!("{}s", wait.as_secs_f64()));
                    });
                });
            }
            for (key, value) in native.iter().flat_map(|native| &native.extra) {
                if let Ok(value) = Raw::new(value) {
                    o.field(key, value);
                }
            }
        });
    });
    status
}

/// The message; it has to name the field at fault too, which has no place of its own.
fn message(error: &Error) -> Cow<'_, str> {
    match &error.param {
        Some(param) if !error.message.contains(&**param) => {
            format!("{} (param: {param})", error.message).into()
        }
        _ => Cow::Borrowed(&error.message),
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

fn wire(kind: ErrorKind) -> (StatusCode, &'static str) {
    match kind {
        ErrorKind::BadRequest
        | ErrorKind::TooLarge
        | ErrorKind::Unprocessable
        | ErrorKind::ContextTooLong => (StatusCode::BAD_REQUEST, "INVALID_ARGUMENT"),
        ErrorKind::Unauthenticated => (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
        ErrorKind::Billing | ErrorKind::Forbidden => (StatusCode::FORBIDDEN, "PERMISSION_DENIED"),
        ErrorKind::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        ErrorKind::Conflict => (StatusCode::CONFLICT, "ABORTED"),
        ErrorKind::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED"),
        ErrorKind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
        ErrorKind::NotImplemented => (StatusCode::NOT_IMPLEMENTED, "UNIMPLEMENTED"),
        ErrorKind::BadGateway => (StatusCode::BAD_GATEWAY, "INTERNAL"),
        ErrorKind::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
        ErrorKind::RequestTimeout | ErrorKind::GatewayTimeout => {
            (StatusCode::GATEWAY_TIMEOUT, "DEADLINE_EXCEEDED")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, body: &str) -> ErrorKind {
        let status = StatusCode::from_u16(status).unwrap();
        decode(status, body.as_bytes()).kind
    }

    #[test]
    fn the_name_says_more_than_the_status() {
        for (status, name, expected) in [
            (503, "UNAVAILABLE", ErrorKind::Overloaded),
            (400, "FAILED_PRECONDITION", ErrorKind::BadRequest),
            (429, "RESOURCE_EXHAUSTED", ErrorKind::RateLimited),
            (200, "DEADLINE_EXCEEDED", ErrorKind::GatewayTimeout),
            (403, "SOMETHING_NEW", ErrorKind::Forbidden),
        ] {
            let body = format!(r#"{{"error":{{"code":1,"message":"m","status":"{name}"}}}}"#);
            assert_eq!(kind(status, &body), expected, "{name}");
        }
    }

    #[test]
    fn an_invalid_key_is_told_from_an_invalid_request() {
        let body = r#"{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":[{"@type":"t"},{"reason":"API_KEY_INVALID"}]}}"#;
        assert_eq!(kind(400, body), ErrorKind::Unauthenticated);
    }

    #[test]
    fn an_error_in_an_array_is_read() {
        let body = r#"[{"error":{"code":404,"message":"gone","status":"NOT_FOUND"}}]"#;
        let error = decode(StatusCode::NOT_FOUND, body.as_bytes());
        assert_eq!(error.message, "gone");
    }

    #[test]
    fn a_body_that_is_no_error_object_is_shown_in_part() {
        for body in ["<html>Bad Gateway</html>", "[]", r#"{"error":1}"#] {
            let error = decode(StatusCode::BAD_GATEWAY, body.as_bytes());
            assert_eq!(error.kind, ErrorKind::BadGateway);
            assert!(error.message.contains(body), "{}", error.message);
        }
    }

    #[test]
    fn what_the_api_said_itself_comes_back_whole() {
        let body = r#"{"error":{"code":418,"message":"m","status":"ODD","details":[{"x":1.0}]}}"#;
        let error = decode(StatusCode::IM_A_TEAPOT, body.as_bytes());
        let mut out = BytesMut::new();
        assert_eq!(encode(&error, &mut out), StatusCode::IM_A_TEAPOT);
        assert_eq!(out, body);
    }

    #[test]
    fn the_field_at_fault_is_named_in_the_message() {
        let mut out = BytesMut::new();
        let error = Error::bad_request("Too hot.").with_param("temperature");
        assert_eq!(encode(&error, &mut out), StatusCode::BAD_REQUEST);
        assert_eq!(
            out,
            r#"{"error":{"code":400,"message":"Too hot. (param: temperature)","status":"INVALID_ARGUMENT"}}"#
        );
    }

    #[test]
    fn the_code_is_the_status() {
        let mut error = Error::new(ErrorKind::Overloaded, "busy");
        error.status = StatusCode::from_u16(529).ok();
        let mut out = BytesMut::new();
        assert_eq!(encode(&error, &mut out), StatusCode::SERVICE_UNAVAILABLE);
        assert!(out.starts_with(br#"{"error":{"code":503,"#));
    }

    #[test]
    fn trap_119_the_time_to_wait_is_in_the_details() {
        let wait = |delay: &str| {
            let body = format!(
                r#"{{"error":{{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{{"@type":"type.googleapis.com/google.rpc.Help"}},{{"@type":"{RETRY_INFO}","retryDelay":"{delay}"}}]}}}}"#
            );
            decode(StatusCode::TOO_MANY_REQUESTS, body.as_bytes()).retry_after
        };
        assert_eq!(wait("7s"), Some(Duration::from_secs(7)));
        assert_eq!(wait("2.5s"), Some(Duration::from_millis(2500)));
        for nonsense in ["", "s", "7", "-1s", "1e400s", "NaNs"] {
            assert_eq!(wait(nonsense), None, "{nonsense}");
        }
        let mut error = Error::new(ErrorKind::RateLimited, "m");
        error.retry_after = Some(Duration::from_millis(2500));
        let mut out = BytesMut::new();
        encode(&error, &mut out);
        let again = decode(StatusCode::TOO_MANY_REQUESTS, &out);
        assert_eq!(again.retry_after, error.retry_after);
        assert!(out.windows(9).any(|bytes| bytes == br#"y":"2.5s""#));
    }
}
