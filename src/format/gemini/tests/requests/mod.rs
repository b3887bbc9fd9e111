//! Requests: each rule of translation, and the identity law.

use bytes::BytesMut;
use serde_json::{Value, json};

use crate::{
    format::{Codec as _, Dialect, ServerTools, gemini::Gemini},
    ir::{Error, Exchange, FieldNames, Part, Request, Role, Turn},
    json,
};

mod calls_in;
mod contents_out;
mod counting;
mod identity;
mod media_out;
mod schemas;
mod seals;
mod settings_in;
mod settings_out;
mod thinking;
mod tools;

/// How an imagined other format spells its fields.
const OTHER: FieldNames = FieldNames {
    system: "messages",
    turns: "messages",
    parts: "content",
    tools: "tools",
    tool_choice: "tool_choice",
    parallel_tool_calls: "parallel_tool_calls",
    max_tokens: "max_completion_tokens",
    temperature: "temperature",
    top_p: "top_p",
    top_k: "top_k",
    frequency_penalty: "frequency_penalty",
    presence_penalty: "presence_penalty",
    seed: "seed",
    stop: "stop",
    choices: "n",
    logprobs: "logprobs",
    top_logprobs: "top_logprobs",
    output: "response_format",
    verbosity: "verbosity",
    effort: "reasoning_effort",
    thinking: "thinking",
    user: "user",
    metadata: "metadata",
    service_tier: "service_tier",
    store: "store",
    cache: "cache",
};

/// What came of writing a request.
#[derive(Debug)]
struct Written {
    text: String,
    json: Value,
    losses: Vec<String>,
    exchange: Exchange,
}

/// Reads a request as a caller of the API would send it.
fn read(body: &str) -> Result<Request<'_>, Error> {
    Gemini.decode_request(body.as_bytes(), &mut Exchange::new(0, 0))
}

fn write(request: &Request<'_>) -> Result<Written, Error> {
    write_in(request, &Dialect::default())
}

fn write_in(request: &Request<'_>, dialect: &Dialect) -> Result<Written, Error> {
    let mut exchange = Exchange::new(0, 0);
    let mut out = BytesMut::new();
    Gemini.encode_request(request, dialect, &mut exchange, &mut out)?;
    let text = String::from_utf8(out.to_vec()).unwrap();
    Ok(Written {
        json: json::read(&text).unwrap(),
        losses: exchange
            .losses
            .iter()
            .map(|loss| loss.path.to_string())
            .collect(),
        text,
        exchange,
    })
}

/// A request of another format, to be filled.
fn other(model: &'static str) -> Request<'static> {
    Request {
        format: "other",
        names: OTHER,
        model: model.into(),
        turns: vec![Turn::new(Role::User, 0, vec![Part::text("hi")])],
        ..Request::default()
    }
}

/// The same, as the caller of another format would have said what this body says.
fn foreign<'a>(model: &'static str, body: &'a str) -> Request<'a> {
    let mut request = read(body).unwrap();
    request.format = "other";
    request.names = OTHER;
    request.model = model.into();
    request
}

/// A request of another format for an older model, with these turns.
fn turns(turns: Vec<Turn<'static>>) -> Request<'static> {
    Request {
        turns,
        ..other(OLD)
    }
}

/// A model that knows no ids and no seals.
const OLD: &str = "gemini-2.5-flash";
/// A model that knows both.
const NEW: &str = "gemini-3-pro-preview";

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn user(index: usize, parts: Vec<Part<'static>>) -> Turn<'static> {
    Turn::new(Role::User, index, parts)
}

fn model(index: usize, parts: Vec<Part<'static>>) -> Turn<'static> {
    Turn::new(Role::Assistant, index, parts)
}

/// A call without arguments.
fn call(id: &'static str, name: &'static str) -> Part<'static> {
    Part::ToolCall(crate::ir::ToolCall {
        id: id.into(),
        name: name.into(),
        ..crate::ir::ToolCall::default()
    })
}

/// A result in plain text.
fn result(id: &'static str, text: &'static str) -> Part<'static> {
    Part::ToolResult(crate::ir::ToolResult {
        call_id: id.into(),
        content: vec![Part::text(text)],
        ..crate::ir::ToolResult::default()
    })
}
