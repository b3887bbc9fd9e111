//! Failures a request can ask for, by a marker in its last user message.
//!
//! The marker is part of the content, so any client can trigger it through any gateway.

use serde_json::Value;

/// What a marker asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Script {
    /// An error status with the provider's error body.
    Fail(Failure),
    /// A 502 with a page of HTML, as a broken proxy before the provider sends.
    Html,
    /// A stream that stops somewhere. Without a stream: half of the JSON (`Truncated`, `Reset`,
    /// `Stalled`) or a 500 (the error events).
    Stream(Ending),
}

/// The error statuses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure {
    RateLimit,
    Overloaded,
    ServerError,
}

/// How a stream stops early.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ending {
    /// Half of the events, then an error event and a clean end.
    ErrorEvent,
    /// An error event and nothing else.
    ErrorFirst,
    /// Half of the events, then a clean end without a terminal event.
    Truncated,
    /// Half of the events, then the connection breaks.
    Reset,
    /// Half of the events, then nothing more, without an end.
    Stalled,
}

const MARKERS: &[(&str, Script)] = &[
    ("[[rate-limit]]", Script::Fail(Failure::RateLimit)),
    ("[[overloaded]]", Script::Fail(Failure::Overloaded)),
    ("[[server-error]]", Script::Fail(Failure::ServerError)),
    ("[[html]]", Script::Html),
    ("[[stream-error]]", Script::Stream(Ending::ErrorEvent)),
    ("[[stream-error-first]]", Script::Stream(Ending::ErrorFirst)),
    ("[[truncate]]", Script::Stream(Ending::Truncated)),
    ("[[reset]]", Script::Stream(Ending::Reset)),
    ("[[stall]]", Script::Stream(Ending::Stalled)),
];

/// The script the last user message of `body` asks for.
pub fn of(body: &Value) -> Option<Script> {
    let names = ["messages", "input", "contents"].into_iter();
    let mut lists = names.filter_map(|name| body[name].as_array());
    let last = match lists.next() {
        Some(turns) => turns.iter().rfind(|turn| turn["role"] == "user")?,
        // Responses takes a text for a turn.
        None => &body["input"],
    };
    // Markers contain nothing JSON would escape, so the turn needs no walking.
    let content = last.to_string();
    let found = MARKERS.iter().find(|(marker, _)| content.contains(marker));
    found.map(|(_, script)| *script)
}
