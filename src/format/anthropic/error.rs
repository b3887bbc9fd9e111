//! Error bodies. Source: API reference, errors, 2026-11; `error_response.py` of the Python SDK 2.12.0.

use bytes::BytesMut;
use http::StatusCode;

use crate::{
    ir::{self, ErrorKind, Native},
    json::{self, Kind, Raw},
};

use super::{ID, wire};

pub(super) fn decode(status: StatusCode, body: &[u8]) -> ir::Error {
    let unreadable = || {
        let kind = ErrorKind::of_status(status);
        ir::Error::new(kind, ir::message_of(status, body)).with_status(status)
    };
    let Ok(body) = json::read_bytes::<wire::ErrorBody<'_>>(body) else {
        return unreadable();
    };
    let Some(object) = body.error else {
        return unreadable();
    };
    let word = object.kind.map(|kind| kind.decode().into_owned());
    let message = match object.message {
        Some(message) if !message.is_blank() => message.decode().into_owned(),
        _ => ir::message_of(status, b""),
    };
    let kind = kind_of(status, word.as_deref().unwrap_or_default(), &message);
    let mut error = ir::Error::new(kind, message).with_status(status);
    error.request_id = body.request_id.map(|id| id.decode().into_owned());
    let mut native = Native::new(ID, word.unwrap_or_default());
    if let Some(details) = object.details {
        error.code = details
            .parse::<wire::ErrorDetails<'_>>()
            .ok()
            .and_then(|details| details.error_code)
            .map(|code| code.decode().into_owned().into());
        native.extra.push(("details".into(), details.get().into()));
    }
    let others = object.extra.iter();
    native
        .extra
        .extend(others.map(|member| (member.key.clone().into_owned(), member.value.get().into())));
    error.native = Some(native);
    error
}

/// Reads the `error` event of a stream, whose status nobody knows.
pub(super) fn decode_event(data: &[u8]) -> ir::Error {
    let word = json::read_bytes::<wire::ErrorBody<'_>>(data)
        .ok()
        .and_then(|body| body.error?.kind)
        .map(|kind| kind.decode().into_owned());
    let known = KINDS
        .iter()
        .find(|(_, known, _)| Some(*known) == word.as_deref());
    let status = known.map_or(500, |(_, _, status)| *status);
    let mut error = decode(
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        data,
    );
    error.status = None;
    error
}

/// Each class of failure, the API's word for it, and its status. Of several words for a class the first is written.
const KINDS: &[(ErrorKind, &str, u16)] = &[
    (ErrorKind::BadRequest, "invalid_request_error", 400),
    (ErrorKind::Unauthenticated, "authentication_error", 401),
    (ErrorKind::Billing, "billing_error", 402),
    (ErrorKind::Forbidden, "permission_error", 403),
    (ErrorKind::NotFound, "not_found_error", 404),
    (ErrorKind::Conflict, "conflict_error", 409),
    (ErrorKind::TooLarge, "request_too_large", 413),
    (ErrorKind::RateLimited, "rate_limit_error", 429),
    (ErrorKind::Internal, "api_error", 500),
    (ErrorKind::GatewayTimeout, "timeout_error", 504),
    (ErrorKind::Overloaded, "overloaded_error", 529),
    (ErrorKind::RequestTimeout, "timeout_error", 408),
    (ErrorKind::Unprocessable, "invalid_request_error", 400),
    (ErrorKind::ContextTooLong, "invalid_request_error", 400),
    (ErrorKind::NotImplemented, "not_found_error", 501),
    (ErrorKind::BadGateway, "api_error", 502),
];

/// The word refines the status, unless it says less than the status does.
fn kind_of(status: StatusCode, word: &str, message: &str) -> ErrorKind {
    let by_status = ErrorKind::of_status(status);
    match KINDS.iter().find(|(_, known, _)| *known == word) {
        Some((ErrorKind::BadRequest, ..)) if message.starts_with("prompt is too long") => {
            ErrorKind::ContextTooLong
        }
        Some((ErrorKind::BadRequest, ..)) if status.is_client_error() => by_status,
        Some((ErrorKind::Internal, ..)) if status.is_server_error() => by_status,
        Some((ErrorKind::GatewayTimeout, ..)) if by_status == ErrorKind::RequestTimeout => {
            by_status
        }
        Some((kind, ..)) => *kind,
        None => by_status,
    }
}

pub(super) fn encode(error: &ir::Error, out: &mut BytesMut) -> StatusCode {
    let known = KINDS.iter().find(|(kind, ..)| *kind == error.kind);
    let (_, word, status) = known
        .copied()
        .unwrap_or((ErrorKind::Internal, "api_error", 500));
    let native = error.native_to(ID);
    json::object(out, |o| {
        o.field("type", "error");
        o.object("error", |o| {
            match native {
                Some(native) if !native.kind.is_empty() => o.field("type", &*native.kind),
                _ => o.field("type", word),
            }
            match &error.param {
                Some(param) if native.is_none() && !error.message.contains(&**param) => {
                    o.field("message", format!("{} (param: {param})", error.message));
                }
                _ => o.field("message", &*error.message),
            }
            match (native, &error.code) {
                (Some(native), _) => {
                    for (key, value) in &native.extra {
                        o.optional(key, Raw::new(value).ok());
                    }
                }
                (None, Some(code)) => o.object("details", |o| o.field("error_code", code)),
                (None, None) => {}
            }
        });
        match &error.request_id {
            Some(id) => o.field("request_id", id.as_str()),
            None => o.field("request_id", ()),
        }
    });
    let fallback = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match error.status {
        Some(status) if native.is_some() || keeps_status(error.kind, status) => status,
        _ => fallback,
    }
}

/// A status that has no word of its own says more than the class that it was put into.
fn keeps_status(kind: ErrorKind, status: StatusCode) -> bool {
    match kind {
        ErrorKind::BadRequest => status.is_client_error(),
        ErrorKind::Internal => status.is_server_error(),
        _ => false,
    }
}

/// Whether a body is an error, whatever its status.
pub(super) fn is_error(raw: Raw<'_>) -> bool {
    raw.kind() == Kind::Object
        && raw
            .parse::<wire::Typed<'_>>()
            .is_ok_and(|body| body.kind.is_some_and(|kind| kind == "error"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16) -> StatusCode {
        StatusCode::from_u16(code).unwrap()
    }

    fn encoded(error: &ir::Error) -> (u16, String) {
        let mut out = BytesMut::new();
        let status = encode(error, &mut out);
        (status.as_u16(), String::from_utf8(out.to_vec()).unwrap())
    }

    #[test]
    fn every_class_has_a_status_and_a_word() {
        for (kind, code, word) in [
            (ErrorKind::BadRequest, 400, "invalid_request_error"),
            (ErrorKind::Unauthenticated, 401, "authentication_error"),
            (ErrorKind::Billing, 402, "billing_error"),
            (ErrorKind::Forbidden, 403, "permission_error"),
            (ErrorKind::NotFound, 404, "not_found_error"),
            (ErrorKind::RequestTimeout, 408, "timeout_error"),
            (ErrorKind::Conflict, 409, "conflict_error"),
            (ErrorKind::TooLarge, 413, "request_too_large"),
            (ErrorKind::Unprocessable, 400, "invalid_request_error"),
            (ErrorKind::ContextTooLong, 400, "invalid_request_error"),
            (ErrorKind::RateLimited, 429, "rate_limit_error"),
            (ErrorKind::Internal, 500, "api_error"),
            (ErrorKind::NotImplemented, 501, "not_found_error"),
            (ErrorKind::BadGateway, 502, "api_error"),
            (ErrorKind::Overloaded, 529, "overloaded_error"),
            (ErrorKind::GatewayTimeout, 504, "timeout_error"),
        ] {
            let expected = format!(
                r#"{{"type":"error","error":{{"type":"{word}","message":"m"}},"request_id":null}}"#
            );
            assert_eq!(encoded(&ir::Error::new(kind, "m")), (code, expected));
        }
    }

    #[test]
    fn trap_117_overload_is_529_whatever_the_provider_called_it() {
        let error = ir::Error::new(ErrorKind::Overloaded, "busy").with_status(status(503));
        assert_eq!(encoded(&error).0, 529);
        let body =
            br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
        assert_eq!(decode(status(529), body).kind, ErrorKind::Overloaded);
        assert_eq!(decode(status(500), body).kind, ErrorKind::Overloaded);
    }

    #[test]
    fn an_unknown_client_error_keeps_its_status() {
        let error = ir::Error::new(ErrorKind::BadRequest, "tea").with_status(status(418));
        assert_eq!(encoded(&error).0, 418);
    }

    #[test]
    fn an_error_survives_a_round_trip() {
        let body = r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow","details":{"error_code":"x","n":1.0},"tomorrow":[]},"request_id":"req_1"}"#;
        let error = decode(status(429), body.as_bytes());
        assert_eq!(error.kind, ErrorKind::RateLimited);
        assert_eq!(error.code.as_deref(), Some("x"));
        assert_eq!(error.request_id.as_deref(), Some("req_1"));
        assert_eq!(encoded(&error), (429, body.to_owned()));
    }

    #[test]
    fn the_word_refines_the_status() {
        for (code, word, message, kind) in [
            (400, "invalid_request_error", "bad", ErrorKind::BadRequest),
            (
                400,
                "invalid_request_error",
                "prompt is too long: 9 tokens > 8 maximum",
                ErrorKind::ContextTooLong,
            ),
            (413, "invalid_request_error", "big", ErrorKind::TooLarge),
            (400, "billing_error", "pay", ErrorKind::Billing),
            (502, "api_error", "gone", ErrorKind::BadGateway),
            (504, "timeout_error", "late", ErrorKind::GatewayTimeout),
            (403, "tomorrow_error", "no", ErrorKind::Forbidden),
        ] {
            let body =
                format!(r#"{{"type":"error","error":{{"type":"{word}","message":"{message}"}}}}"#);
            assert_eq!(
                decode(status(code), body.as_bytes()).kind,
                kind,
                "{code} {word}"
            );
        }
    }

    #[test]
    fn trap_120_what_is_no_error_body_still_gives_a_good_error() {
        for (code, body) in [
            (500, &b"<html>Internal Server Error</html>"[..]),
            (502, b""),
            (500, b"[1]"),
            (500, b"{\"error\":\"text\"}"),
            (500, b"\xff\xfe"),
            (500, b"null"),
        ] {
            let error = decode(status(code), body);
            assert!(
                error.message.contains(&code.to_string()),
                "{}",
                error.message
            );
            let (_, text) = encoded(&error);
            assert!(
                text.starts_with(r#"{"type":"error","error":{"type":"api_error","message":"#),
                "{text}"
            );
        }
    }

    #[test]
    fn trap_121_the_request_id_is_in_the_body() {
        let mut error = ir::Error::bad_request("m");
        error.request_id = Some("req_7".into());
        assert!(encoded(&error).1.ends_with(r#""request_id":"req_7"}"#));
    }

    #[test]
    fn a_foreign_error_tells_its_code_and_field() {
        let error = ir::Error::bad_request("That is wrong.")
            .with_param("messages[0]")
            .with_code("c");
        assert_eq!(
            encoded(&error).1,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"That is wrong. (param: messages[0])","details":{"error_code":"c"}},"request_id":null}"#
        );
        let error = ir::Error::unsupported("n");
        assert!(
            !encoded(&error).1.contains("(param"),
            "the message names it already"
        );
    }

    #[test]
    fn a_streamed_error_is_classed_by_its_word() {
        let data =
            br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
        let error = decode_event(data);
        assert_eq!((error.kind, error.status), (ErrorKind::Overloaded, None));
        assert_eq!(decode_event(b"{}").kind, ErrorKind::Internal);
    }
}
