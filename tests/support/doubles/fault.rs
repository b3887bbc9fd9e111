//! A refusal, before it is written in a provider's format.

use http::StatusCode;

/// Why a double refuses, with what any of the formats needs to say it.
#[derive(Debug)]
pub struct Fault {
    pub status: StatusCode,
    /// The error's `type`; Azure's own faults leave it out.
    pub kind: Option<&'static str>,
    pub code: Option<&'static str>,
    pub param: Option<String>,
    pub message: String,
    /// Seconds, for the `retry-after` header.
    pub retry_after: Option<u32>,
}

impl Fault {
    /// A fault of this status; `kind` is the error's `type`.
    pub fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: Some(kind),
            code: None,
            param: None,
            message: message.into(),
            retry_after: None,
        }
    }

    /// 400 `invalid_request_error`: all providers share the name.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    pub fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Leaves the `type` out.
    pub fn untyped(mut self) -> Self {
        self.kind = None;
        self
    }
}
