//! What a caller got.

use http::StatusCode;
use http_body_util::BodyExt;
use serde_json::Value;

use super::faults::TEXTS;

/// What became of one request, as its caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// The whole answer of one provider.
    Answered,
    /// An error in the place of an answer.
    Refused,
    /// A part of an answer, and an error that says so.
    Broken,
    /// Neither an answer nor an error that a client could read.
    Lost,
    /// More than one answer.
    Duplicated,
    /// A part of an answer that passes for the whole.
    Truncated,
}

/// A body as far as it came.
pub(super) struct Body {
    text: String,
    /// Whether the connection broke off, which a client sees.
    is_broken: bool,
}

impl Body {
    pub(super) async fn read(mut body: hyper::body::Incoming) -> Self {
        let mut bytes = Vec::new();
        let mut is_broken = false;
        while let Some(frame) = body.frame().await {
            match frame.map(hyper::body::Frame::into_data) {
                Ok(Ok(data)) => bytes.extend_from_slice(&data),
                Ok(Err(_trailers)) => {}
                Err(_) => is_broken = true,
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Self { text, is_broken }
    }

    fn values(&self) -> impl Iterator<Item = Value> {
        let whole = serde_json::from_str(&self.text).into_iter();
        let lines = self.text.lines();
        let events =
            lines.filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok());
        whole.chain(events)
    }

    /// The text of the answer, and how often one begins.
    fn answer(&self) -> (String, usize) {
        let mut answer = (String::new(), 0);
        for value in self.values() {
            for part in ["message", "delta"] {
                let member = |name| {
                    let member = value.pointer(&format!("/choices/0/{part}/{name}"));
                    member.and_then(Value::as_str)
                };
                answer.1 += usize::from(member("role").is_some());
                answer.0 += member("content").unwrap_or_default();
            }
        }
        answer
    }

    fn has_error(&self) -> bool {
        self.values().any(|value| {
            value
                .pointer("/error/message")
                .is_some_and(Value::is_string)
        })
    }

    fn has_end(&self, stream: bool) -> bool {
        !stream || self.text.contains("data: [DONE]")
    }
}

impl Verdict {
    pub(super) fn of(status: StatusCode, stream: bool, body: &Body) -> Self {
        if !status.is_success() {
            return if body.has_error() {
                Self::Refused
            } else {
                Self::Lost
            };
        }
        let (text, begins) = body.answer();
        let is_whole = TEXTS.contains(&text.as_str());
        match (
            is_whole,
            body.has_end(stream),
            body.has_error() || body.is_broken,
        ) {
            _ if begins > 1 => Self::Duplicated,
            (true, true, false) => Self::Answered,
            (_, false, true) => Self::Broken,
            (false, _, false) => Self::Truncated,
            // An error and an end, or neither.
            _ => Self::Lost,
        }
    }

    pub(super) fn is_bad(self) -> bool {
        matches!(self, Self::Lost | Self::Duplicated | Self::Truncated)
    }
}
