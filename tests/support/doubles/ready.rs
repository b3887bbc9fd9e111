//! The formats' bodies for who writes an answer by hand.

use axum::body::Bytes;
use http::StatusCode;
use tower_llm_gateway::format::ApiFormat;

use super::{
    anthropic::Anthropic,
    fault::Fault,
    fixture::{Answer, fixture},
    gemini::Gemini,
    openai::OpenAi,
    provider::Provider,
    responses::Responses,
    script::Failure,
};

/// The format that a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    OpenAi,
    Responses,
    Anthropic,
    Gemini,
}

impl Format {
    pub const ALL: [Self; 4] = [Self::OpenAi, Self::Responses, Self::Anthropic, Self::Gemini];

    /// The crate's name for it.
    pub fn api(self) -> ApiFormat {
        match self {
            Self::OpenAi => ApiFormat::OPENAI,
            Self::Responses => ApiFormat::OPENAI_RESPONSES,
            Self::Anthropic => ApiFormat::ANTHROPIC,
            Self::Gemini => ApiFormat::GEMINI,
        }
    }

    /// Where it is asked for an answer, and where for a stream.
    pub fn paths(self) -> [&'static str; 2] {
        match self {
            Self::OpenAi => ["/v1/chat/completions"; 2],
            Self::Responses => ["/v1/responses"; 2],
            Self::Anthropic => ["/v1/messages"; 2],
            Self::Gemini => [
                "/v1beta/models/gemini-3-pro-preview:generateContent",
                "/v1beta/models/gemini-3-pro-preview:streamGenerateContent?alt=sse",
            ],
        }
    }

    /// An answer of text, whole.
    pub fn whole(self) -> Bytes {
        self.answer().json
    }

    /// The same answer as a stream, each event with its blank line, the terminal one included.
    pub fn events(self) -> Vec<Bytes> {
        self.answer().events
    }

    /// The events before the end is spoken of: neither a finish reason nor a terminal event.
    pub fn open_events(self) -> Vec<Bytes> {
        const ENDS: &[&str] = &[
            "[DONE]",
            "\"finish_reason\":\"stop\"",
            "\"finishReason\":\"STOP\"",
            "content_block_stop",
            "response.output_text.done",
        ];
        let events = self.events().into_iter();
        let ends = |event: &Bytes| {
            let text = String::from_utf8_lossy(event);
            ENDS.iter().any(|end| text.contains(end))
        };
        events.take_while(|event| !ends(event)).collect()
    }

    /// The body of an error with this status.
    pub fn error(self, status: u16) -> Bytes {
        let fault = self.fault(status);
        let body = self.provider().error_body(&fault, "req_of_a_script");
        body.to_string().into()
    }

    /// An error within a stream: overloaded, or the nearest that the format has.
    pub fn error_event(self) -> Bytes {
        self.provider().error_event("req_of_a_script")
    }

    fn answer(self) -> Answer {
        let fixture = match self {
            Self::OpenAi => fixture!("openai", "text"),
            Self::Responses => fixture!("responses", "text"),
            Self::Anthropic => fixture!("anthropic", "text"),
            Self::Gemini => fixture!("gemini", "text"),
        };
        fixture.answer()
    }

    fn provider(self) -> &'static dyn Provider {
        match self {
            Self::OpenAi => &OpenAi,
            Self::Responses => &Responses,
            Self::Anthropic => &Anthropic,
            Self::Gemini => &Gemini,
        }
    }

    fn fault(self, status: u16) -> Fault {
        let failure = match status {
            429 => Some(Failure::RateLimit),
            500 => Some(Failure::ServerError),
            503 | 529 => Some(Failure::Overloaded),
            _ => None,
        };
        let kind = match self {
            Self::OpenAi | Self::Responses => openai_kind(status),
            Self::Anthropic => anthropic_kind(status),
            Self::Gemini => gemini_kind(status),
        };
        let status = StatusCode::from_u16(status).expect("a status of three digits");
        let words = status.canonical_reason().unwrap_or("Unknown");
        let mut fault = match failure {
            Some(failure) => self.provider().failure(failure),
            None => Fault::new(status, kind, format!("Scripted: {words}")),
        };
        fault.status = status;
        fault
    }
}

fn openai_kind(status: u16) -> &'static str {
    match status {
        400..=428 => "invalid_request_error",
        _ => "server_error",
    }
}

/// The table of the API reference, "Errors".
fn anthropic_kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        504 => "timeout_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

/// The names of `google.rpc.Code` for these statuses.
fn gemini_kind(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        501 => "UNIMPLEMENTED",
        504 => "DEADLINE_EXCEEDED",
        400..=499 => "INVALID_ARGUMENT",
        _ => "INTERNAL",
    }
}
