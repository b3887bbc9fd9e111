//! The codec as a whole, through its public face.

mod audio;
mod dialects_out;
mod errors;
mod identity;
mod messages_in;
mod pairing_out;
mod request_in;
mod request_out;
mod response_in;
mod response_out;
mod seals;
mod size;
mod stream_ends_in;
mod stream_extensions_out;
mod stream_in;
mod stream_out;
mod tools_out;
mod turns_out;
mod web_search;

use std::sync::Arc;

use bytes::BytesMut;
use serde_json::Value;

use crate::{
    format::{ApiFormat, Codec, Dialect, StreamEnd},
    ir::{
        BlockKind, Delta, Error, Event, Exchange, FieldNames, Losses, Part, Request, Response,
        Role, Turn,
    },
    sse::Parser,
};

fn codec() -> &'static dyn Codec {
    ApiFormat::OPENAI.codec().unwrap()
}

fn exchange() -> Exchange {
    Exchange::new(1_700_000_000, 7)
}

fn value(text: impl AsRef<[u8]>) -> Value {
    serde_json::from_slice(text.as_ref()).unwrap()
}

fn decode(body: &str) -> Request<'_> {
    codec()
        .decode_request(body.as_bytes(), &mut exchange())
        .unwrap()
}

/// A request with one user message and these members.
fn with(members: &str) -> String {
    format!(r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}}],{members}}}"#)
}

/// A request with these messages.
fn saying(messages: &str) -> String {
    format!(r#"{{"model":"m","messages":{messages}}}"#)
}

fn refused(body: &str) -> Error {
    codec()
        .decode_request(body.as_bytes(), &mut exchange())
        .unwrap_err()
}

/// What is sent for a request, in which dialect, and which paths were lost.
fn sent_as(request: &Request<'_>, dialect: &Dialect) -> (Value, Vec<String>) {
    let mut exchange = exchange();
    let mut out = BytesMut::new();
    codec()
        .encode_request(request, dialect, &mut exchange, &mut out)
        .unwrap();
    let losses = exchange.losses.iter().map(|loss| loss.path.to_string());
    (value(&out), losses.collect())
}

fn sent(request: &Request<'_>) -> Value {
    sent_as(request, &Dialect::default()).0
}

fn losses(request: &Request<'_>) -> Vec<String> {
    sent_as(request, &Dialect::default()).1
}

fn rejected(request: &Request<'_>) -> Error {
    codec()
        .encode_request(
            request,
            &Dialect::default(),
            &mut exchange(),
            &mut BytesMut::new(),
        )
        .unwrap_err()
}

/// The same, where every loss is refused.
fn rejected_strictly(request: &Request<'_>) -> Error {
    let mut exchange = exchange();
    exchange.losses = Losses::new(true);
    codec()
        .encode_request(
            request,
            &Dialect::default(),
            &mut exchange,
            &mut BytesMut::new(),
        )
        .unwrap_err()
}

/// A request that was read from another format.
fn foreign(turns: Vec<Turn<'_>>) -> Request<'_> {
    Request {
        format: "other",
        names: FieldNames {
            system: "system",
            turns: "turns",
            parts: "parts",
            tools: "functions",
            stop: "stops",
            top_k: "k",
            temperature: "heat",
            top_p: "p",
            thinking: "thinking",
            output: "output",
            service_tier: "tier",
            metadata: "labels",
            ..FieldNames::default()
        },
        model: "m".into(),
        turns,
        ..Request::default()
    }
}

fn user(parts: Vec<Part<'_>>) -> Turn<'_> {
    Turn::new(Role::User, 0, parts)
}

fn asking<'a>() -> Request<'a> {
    foreign(vec![user(vec![Part::text("hi")])])
}

fn answer(body: &str) -> Response<'_> {
    codec().decode_response(body.as_bytes()).unwrap()
}

fn told_in(response: &Response<'_>, exchange: &mut Exchange) -> Value {
    let mut out = BytesMut::new();
    codec()
        .encode_response(response, exchange, &mut out)
        .unwrap();
    value(&out)
}

fn told(response: &Response<'_>) -> Value {
    told_in(response, &mut exchange())
}

/// The events of a stream of these chunks, one line each.
fn events(chunks: &[&str]) -> Vec<String> {
    let frames = chunks.iter().flat_map(|chunk| ["data: ", chunk, "\n\n"]);
    let stream: String = frames.collect();
    events_of(stream.as_bytes(), StreamEnd::Clean)
}

fn events_of(stream: &[u8], end: StreamEnd) -> Vec<String> {
    let mut events = Vec::new();
    read(stream, end, &mut |event| events.push(line(&event)));
    events
}

fn read(stream: &[u8], end: StreamEnd, sink: &mut dyn FnMut(Event<'_>)) {
    let mut parser = Parser::new(1 << 20);
    let mut decoder = codec().stream_decoder();
    let mut sink = |event: Event<'_>| sink(event);
    parser.push(stream);
    while let Some(item) = parser.next().unwrap() {
        decoder.item(item, &mut sink);
    }
    if let Some(item) = parser.finish() {
        decoder.item(item, &mut sink);
    }
    decoder.finish(end, &mut sink);
    decoder.finish(StreamEnd::Clean, &mut sink);
}

fn line(event: &Event<'_>) -> String {
    match event {
        Event::Start {
            id, model, created, ..
        } => format!("start {} {} {created:?}", id.decode(), model.decode()),
        Event::BlockStart {
            block,
            choice,
            kind,
        } => match kind {
            BlockKind::ToolCall { id, name, freeform } => {
                let kind = if *freeform { "custom" } else { "call" };
                format!(
                    "+{block} of {choice}: {kind} {} {}",
                    id.decode(),
                    name.decode()
                )
            }
            kind => format!("+{block} of {choice}: {kind:?}"),
        },
        Event::Delta { block, delta } => match delta {
            Delta::Text(text) | Delta::Arguments(text) => format!("{block} {}", text.decode()),
            Delta::Logprobs(logprobs) => {
                let token = &logprobs.tokens[0];
                format!(
                    "{block} likely {} {:?}",
                    token.token.decode(),
                    token.logprob
                )
            }
            Delta::Citation(citation) => format!("{block} cites {:?}", citation.url),
            delta => format!("{block} {delta:?}"),
        },
        Event::BlockStop { block } => format!("-{block}"),
        Event::Usage(usage) => format!("usage {:?}/{:?}", usage.prompt(), usage.output),
        Event::Stop { choice, stop } => format!("stop {choice} {:?}", stop.reason),
        Event::ServiceTier(tier) => format!("tier {}", tier.decode()),
        Event::Ping => "ping".to_owned(),
        Event::End => "end".to_owned(),
        Event::Error(error) => format!("error {:?} {}", error.kind, error.message),
    }
}

/// What is written for these events.
fn written(events: &[Event<'_>], exchange: Exchange) -> String {
    let mut encoder = codec().stream_encoder(Arc::new(exchange));
    let mut out = BytesMut::new();
    for event in events {
        encoder.event(event, &mut out);
    }
    String::from_utf8(out.to_vec()).unwrap()
}

/// The JSON of the chunks in a stream.
fn chunks(stream: &str) -> Vec<Value> {
    let data = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]").map(value).collect()
}

/// The deltas of the first choice in a stream.
fn deltas(stream: &str) -> Vec<Value> {
    let pointer = |chunk: &Value| chunk.pointer("/choices/0/delta").cloned();
    chunks(stream).iter().filter_map(pointer).collect()
}
