//! The codec as a whole: each rule of translation, and the identity law.

use std::{fmt::Write as _, sync::Arc};

use bytes::BytesMut;
use serde_json::Value;

use super::{Anthropic, ID};
use crate::{
    format::{Codec as _, Dialect, StreamEnd},
    ir::{Error, Event, Exchange, FieldNames, Request},
    json, sse,
};

mod conversation;
mod count;
mod decoding;
mod depth;
mod dialect;
mod identity;
mod options;
mod parts;
mod response;
mod seals;
mod service_tier;
mod size;
mod stream_decoder;
mod stream_encoder;
mod thinking;
mod tools;
mod web_search;

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
    Anthropic.decode_request(body.as_bytes(), &mut Exchange::new(0, 0))
}

fn write(request: &Request<'_>) -> Result<Written, Error> {
    write_in(request, &Dialect::default())
}

fn write_in(request: &Request<'_>, dialect: &Dialect) -> Result<Written, Error> {
    let mut exchange = Exchange::new(0, 0);
    let mut out = BytesMut::new();
    Anthropic.encode_request(request, dialect, &mut exchange, &mut out)?;
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

/// Writes a request as if it came from another format; `edit` says what only that can say. Its body is in the API's own
/// spelling, because that is the shortest way to say it.
fn try_foreign(body: &str, edit: impl FnOnce(&mut Request<'_>)) -> Result<Written, Error> {
    let mut request = read(body).unwrap();
    request.format = "other";
    request.names = OTHER;
    edit(&mut request);
    write(&request)
}

fn foreign(body: &str) -> Written {
    try_foreign(body, |_| ()).unwrap()
}

/// A request to a model that takes everything, with these messages.
fn conversation(messages: &str) -> String {
    format!(r#"{{"model":"claude-sonnet-4-5","max_tokens":9000,"messages":{messages}}}"#)
}

/// The messages that are sent for these, from another format.
fn messages(messages: &str) -> Value {
    foreign(&conversation(messages)).json["messages"].take()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn decode_stream(stream: &str, end: StreamEnd) -> Vec<String> {
    let mut events = Vec::new();
    run_stream(stream, end, &mut |event: Event<'_>| {
        events.push(format!("{event:?}"));
    });
    events
}

fn run_stream(stream: &str, end: StreamEnd, sink: &mut dyn FnMut(Event<'_>)) {
    let mut sink = |event: Event<'_>| sink(event);
    let mut decoder = Anthropic.stream_decoder();
    let mut parser = sse::Parser::new(1 << 20);
    parser.push(stream.as_bytes());
    while let Some(item) = parser.next().unwrap() {
        decoder.item(item, &mut sink);
    }
    decoder.finish(end.clone(), &mut sink);
    decoder.finish(end, &mut sink);
}

fn encode_stream(events: &[Event<'_>]) -> String {
    encode_stream_in(Exchange::new(0, 0), events)
}

fn encode_stream_in(exchange: Exchange, events: &[Event<'_>]) -> String {
    let mut encoder = Anthropic.stream_encoder(Arc::new(exchange));
    let mut out = BytesMut::new();
    for event in events {
        encoder.event(event, &mut out);
    }
    String::from_utf8(out.to_vec()).unwrap()
}

/// A stream with an event for each JSON text.
fn sse_of(events: &[&str]) -> String {
    let mut stream = String::new();
    for event in events {
        let name = value(event)["type"].as_str().unwrap().to_owned();
        write!(stream, "event: {name}\ndata: {event}\n\n").unwrap();
    }
    stream
}
