use std::{borrow::Cow, fmt, time::Duration};

use http::{HeaderMap, StatusCode};

use crate::{BoxError, body::too_large, headers::is_encoded};

/// Classes of failure that every format can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is malformed, or asks for what can't be done.
    BadRequest,
    /// No credential, or a wrong one.
    Unauthenticated,
    /// The account has no money or quota left; waiting doesn't help.
    Billing,
    /// The credential doesn't allow this.
    Forbidden,
    /// No such model, path or object.
    NotFound,
    /// The caller took too long.
    RequestTimeout,
    /// The object is in another state.
    Conflict,
    /// The request is too large.
    TooLarge,
    /// The request is well formed and can't be processed.
    Unprocessable,
    /// The prompt does not fit into the model's context.
    ContextTooLong,
    /// Too many requests or tokens; waiting helps.
    RateLimited,
    /// The server failed.
    Internal,
    /// The server can't do this.
    NotImplemented,
    /// The provider could not be reached, or what it said could not be understood.
    BadGateway,
    /// The provider is overloaded.
    Overloaded,
    /// The provider took too long.
    GatewayTimeout,
}

/// The part of an [`Error`] that only the format it came from understands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Native {
    /// Id of that format.
    pub format: &'static str,
    /// Its name for the kind of error.
    pub kind: String,
    /// Further members, each with its JSON text.
    pub extra: Vec<(String, String)>,
}

impl Native {
    /// A native part without further members.
    pub fn new(format: &'static str, kind: impl Into<String>) -> Self {
        Self {
            format,
            kind: kind.into(),
            extra: Vec::new(),
        }
    }
}

/// A failure, to be said in the caller's format.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Error {
    /// Its class.
    pub kind: ErrorKind,
    /// The status that the provider answered with, if it was one.
    pub status: Option<StatusCode>,
    /// For people.
    pub message: String,
    /// For programs, such as `model_not_found`.
    pub code: Option<Cow<'static, str>>,
    /// The field at fault, in the caller's spelling.
    pub param: Option<Cow<'static, str>>,
    /// How long to wait before another try, if the provider says.
    pub retry_after: Option<Duration>,
    /// The id of the failed request.
    pub request_id: Option<String>,
    /// What only its own format understands.
    pub native: Option<Native>,
}

const UNDECODABLE: &str = "upstream_decode_error";
const EMPTY_ANSWER: &str = "upstream_empty_answer";

impl Error {
    /// An error of this class.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            message: message.into(),
            code: None,
            param: None,
            retry_after: None,
            request_id: None,
            native: None,
        }
    }

    /// The request is malformed.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadRequest, message)
    }

    /// A field that the model's provider does not support, and that can't be left out.
    pub fn unsupported(path: impl Into<Cow<'static, str>>) -> Self {
        let path = path.into();
        Self::bad_request(format!(
            "{path} is not supported by the provider of this model."
        ))
        .with_code("unsupported_parameter")
        .with_param(path)
    }

    /// What the provider sent can't be understood.
    pub fn undecodable(message: impl fmt::Display) -> Self {
        Self::new(
            ErrorKind::BadGateway,
            format!("The provider's answer can't be read: {message}"),
        )
        .with_code(UNDECODABLE)
    }

    /// What the provider sent lacks what an answer is made of.
    pub(crate) fn empty_answer(message: impl fmt::Display) -> Self {
        Self::undecodable(message).with_code(EMPTY_ANSWER)
    }

    /// Whether it is that.
    pub(crate) fn is_empty_answer(&self) -> bool {
        self.code.as_deref() == Some(EMPTY_ANSWER)
    }

    /// Whether what the provider sent can't be understood.
    pub(crate) fn is_undecodable(&self) -> bool {
        self.code.as_deref() == Some(UNDECODABLE)
    }

    /// The provider's stream ended before the answer did.
    pub fn truncated() -> Self {
        Self::new(
            ErrorKind::BadGateway,
            "The provider's stream ended before the answer was complete.",
        )
        .with_code("upstream_stream_truncated")
    }

    /// A caller's body that could not be read to its end.
    pub(crate) fn unreadable_request(error: &BoxError) -> Self {
        match too_large(error) {
            Some(reason) => Self::new(
                ErrorKind::TooLarge,
                format!("The request is too large: {reason}."),
            )
            .with_code("request_too_large"),
            None => Self::found_in(&**error).unwrap_or_else(|| {
                Self::bad_request("The request's body could not be read to its end.")
            }),
        }
    }

    /// The error of a caller's body that is compressed, if it is.
    pub(crate) fn of_encoding(headers: &HeaderMap) -> Option<Self> {
        is_encoded(headers).then(|| {
            Self::bad_request("A compressed request can't be read: send it as it is.")
                .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
                .with_code("unsupported_content_encoding")
        })
    }

    /// Adds the code for programs.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Adds the field at fault.
    #[must_use]
    pub fn with_param(mut self, param: impl Into<Cow<'static, str>>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// Adds the status that the provider answered with.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// What it is, for who counts errors: the code of one of our own, else its [kind](ErrorKind::as_str). There are only so
    /// many, whatever a provider says.
    pub fn class(&self) -> &'static str {
        match self.code {
            Some(Cow::Borrowed(code)) => code,
            _ => self.kind.as_str(),
        }
    }

    /// What only the format `format` understands, if the error came from there.
    pub fn native_to(&self, format: &str) -> Option<&Native> {
        self.native
            .as_ref()
            .filter(|native| native.format == format)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl ErrorKind {
    /// Its name in logs and metrics, in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Unauthenticated => "unauthenticated",
            Self::Billing => "billing",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::RequestTimeout => "request_timeout",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::Unprocessable => "unprocessable",
            Self::ContextTooLong => "context_too_long",
            Self::RateLimited => "rate_limited",
            Self::Internal => "internal",
            Self::NotImplemented => "not_implemented",
            Self::BadGateway => "bad_gateway",
            Self::Overloaded => "overloaded",
            Self::GatewayTimeout => "gateway_timeout",
        }
    }

    /// The class that a bare status tells, as all providers use them.
    pub fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Unauthenticated,
            402 => Self::Billing,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            408 => Self::RequestTimeout,
            409 => Self::Conflict,
            413 => Self::TooLarge,
            422 => Self::Unprocessable,
            429 => Self::RateLimited,
            501 => Self::NotImplemented,
            502 => Self::BadGateway,
            503 | 529 => Self::Overloaded,
            504 => Self::GatewayTimeout,
            400..=499 => Self::BadRequest,
            _ => Self::Internal,
        }
    }
}

/// What comes before a credential where the headers of a request are shown.
const CREDENTIALS: [&str; 4] = ["authorization:", "bearer ", "x-api-key:", "x-goog-api-key:"];

/// The message for an error whose body has none: the status and the first 500 printable characters of the body. Nothing
/// of a body that echoes the request: the credentials in it are the gateway's.
pub(crate) fn message_of(status: StatusCode, body: &[u8]) -> String {
    const SHOWN: usize = 500;
    let text = String::from_utf8_lossy(body);
    let shown: String = text
        .chars()
        .filter(|character| !character.is_control() && *character != char::REPLACEMENT_CHARACTER)
        .take(SHOWN)
        .collect();
    let lower = shown.to_ascii_lowercase();
    let echoes = CREDENTIALS.iter().any(|before| lower.contains(before));
    match shown.trim() {
        _ if echoes => format!("The provider answered {status}."),
        "" => format!("The provider answered {status}."),
        shown => format!("The provider answered {status}: {shown}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_of_our_own_are_classes_of_errors() {
        let kind = ErrorKind::RateLimited;
        let own = Error::new(kind, "").with_code("pool_timeout");
        let theirs = Error::new(kind, "").with_code("whatever-42".to_owned());
        assert_eq!(
            (own.class(), theirs.class()),
            ("pool_timeout", "rate_limited")
        );
        assert_eq!(Error::new(kind, "").class(), "rate_limited");
    }

    #[test]
    fn a_body_that_echoes_credentials_is_not_shown() {
        for body in [
            "GET / HTTP/1.1 Authorization: Basic c2VjcmV0",
            "no such key: Bearer sk-secret",
            "X-Goog-Api-Key: secret",
        ] {
            let message = message_of(StatusCode::BAD_GATEWAY, body.as_bytes());
            assert_eq!(message, "The provider answered 502 Bad Gateway.", "{body}");
        }
        let told = message_of(StatusCode::UNAUTHORIZED, b"Missing Authorization header");
        assert!(told.ends_with(": Missing Authorization header"));
    }
}
