//! Answers, whole and streamed.

use std::sync::Arc;

use bytes::BytesMut;
use serde_json::Value;

use crate::{
    format::{Codec as _, StreamEnd, gemini::Gemini},
    ir::{
        BlockKind, Choice, Delta, Error, Event, Exchange, Fold, Part, Response, Seal, Stop,
        StopReason, ToolCall,
    },
    sse::Parser,
};

mod corners;
mod returned;
mod stream_in;
mod stream_out;
mod streams;
mod whole_in;
mod whole_out;

fn exchange() -> Exchange {
    Exchange::new(1_700_000_000, 7)
}

fn value(text: impl AsRef<[u8]>) -> Value {
    serde_json::from_slice(text.as_ref()).unwrap()
}

fn read(body: &str) -> Response<'_> {
    Gemini.decode_response(body.as_bytes()).unwrap()
}

fn refused(body: &str) -> Error {
    Gemini.decode_response(body.as_bytes()).unwrap_err()
}

/// An answer with these parts.
fn saying(parts: &str) -> String {
    format!(
        r#"{{"candidates":[{{"content":{{"role":"model","parts":{parts}}},"finishReason":"STOP","index":0}}],"responseId":"r"}}"#
    )
}

fn written_text(response: &Response<'_>, exchange: &mut Exchange) -> String {
    let mut out = BytesMut::new();
    Gemini
        .encode_response(response, exchange, &mut out)
        .unwrap();
    String::from_utf8(out.to_vec()).unwrap()
}

fn written(response: &Response<'_>) -> Value {
    value(written_text(response, &mut exchange()))
}

/// What is lost when an answer is written.
fn losses(response: &Response<'_>) -> Vec<String> {
    let mut exchange = exchange();
    written_text(response, &mut exchange);
    let losses = exchange.losses.iter();
    losses.map(|loss| loss.path.to_string()).collect()
}

/// An answer of another format.
fn foreign(parts: Vec<Part<'_>>, reason: StopReason) -> Response<'_> {
    Response {
        format: "other",
        id: "x-1".into(),
        model: "m".into(),
        choices: vec![Choice {
            parts,
            stop: Some(Stop::new(reason)),
            ..Choice::default()
        }],
        ..Response::default()
    }
}

/// The parts that are written for these of another format.
fn parts_of(parts: Vec<Part<'_>>) -> Value {
    let mut answer = written(&foreign(parts, StopReason::End));
    answer["candidates"][0]["content"]["parts"].take()
}

fn call(id: &'static str, arguments: &'static str) -> Part<'static> {
    Part::ToolCall(ToolCall {
        id: id.into(),
        name: "f".into(),
        arguments: crate::ir::Arguments::Text(arguments.into()),
        ..ToolCall::default()
    })
}

/// A part in a few words.
fn line(part: &Part<'_>) -> String {
    match part {
        Part::Text { text, .. } => format!("text {}", text.decode()),
        Part::Reasoning(thought) => {
            format!(
                "thought {}{}",
                thought.text.decode(),
                seal(thought.seal.as_ref())
            )
        }
        Part::ToolCall(call) => format!("call {} {}", call.id.decode(), call.name.decode()),
        Part::Image(image) => format!("image {:?}", image.media_type),
        Part::Native { kind, .. } => format!("native {}", kind.decode()),
        part => format!("{part:?}"),
    }
}

fn lines(response: &Response<'_>) -> Vec<String> {
    response.choices[0].parts.iter().map(line).collect()
}

fn seal(seal: Option<&Seal<'_>>) -> String {
    seal.map_or_else(String::new, |seal| {
        format!("[{} {:?} {}]", seal.minter, seal.place, seal.data.decode())
    })
}

/// A stream of these chunks.
fn sse(chunks: &[&str]) -> String {
    chunks
        .iter()
        .flat_map(|chunk| ["data: ", chunk, "\n\n"])
        .collect()
}

/// A chunk with these parts.
fn chunk(parts: &str) -> String {
    format!(
        r#"{{"candidates":[{{"content":{{"role":"model","parts":{parts}}}}}],"responseId":"r"}}"#
    )
}

const STOP: &str = r#"{"candidates":[{"finishReason":"STOP"}],"responseId":"r"}"#;

/// The events of a stream of chunks with these parts, and of its end.
fn events_of_parts(parts: &[&str]) -> Vec<String> {
    let mut chunks: Vec<String> = parts.iter().map(|parts| chunk(parts)).collect();
    chunks.push(STOP.to_owned());
    let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
    events(&chunks)
}

/// The events of a stream of these chunks, one line each.
fn events(chunks: &[&str]) -> Vec<String> {
    events_of(&sse(chunks), StreamEnd::Clean)
}

fn events_of(stream: &str, end: StreamEnd) -> Vec<String> {
    let mut events = Vec::new();
    run(stream, end, &mut |event| events.push(event_line(&event)));
    events
}

fn run(stream: &str, end: StreamEnd, sink: &mut dyn FnMut(Event<'_>)) {
    let mut sink = |event: Event<'_>| sink(event);
    let mut decoder = Gemini.stream_decoder();
    let mut parser = Parser::new(1 << 20);
    parser.push(stream.as_bytes());
    while let Some(item) = parser.next().unwrap() {
        decoder.item(item, &mut sink);
    }
    if let Some(item) = parser.finish() {
        decoder.item(item, &mut sink);
    }
    decoder.finish(end, &mut sink);
    decoder.finish(StreamEnd::Clean, &mut sink);
}

fn folded(stream: &str) -> Fold {
    let mut fold = Fold::new("gemini");
    run(stream, StreamEnd::Clean, &mut |event| {
        crate::ir::Sink::event(&mut fold, event);
    });
    fold
}

fn event_line(event: &Event<'_>) -> String {
    match event {
        Event::Start { id, model, .. } => format!("start {} {}", id.decode(), model.decode()),
        Event::BlockStart {
            block,
            choice,
            kind,
        } => match kind {
            BlockKind::ToolCall { id, name, .. } => {
                format!(
                    "+{block} of {choice}: call {} {}",
                    id.decode(),
                    name.decode()
                )
            }
            BlockKind::Native { value } => format!("+{block} of {choice}: {}", value.get()),
            BlockKind::Image(image) => {
                format!("+{block} of {choice}: image {:?}", image.media_type)
            }
            kind => format!("+{block} of {choice}: {kind:?}"),
        },
        Event::Delta { block, delta } => match delta {
            Delta::Text(text) | Delta::Arguments(text) => format!("{block} {}", text.decode()),
            Delta::Seal(data) => format!("{block} {}", seal(Some(data))),
            Delta::Citation(citation) => {
                format!("{block} cites {:?} {:?}", citation.url, citation.span)
            }
            Delta::Logprobs(logprobs) => format!("{block} likely {:?}", logprobs.tokens[0].token),
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

fn stream_text(events: &[Event<'_>], exchange: Exchange) -> String {
    let mut encoder = Gemini.stream_encoder(Arc::new(exchange));
    let mut out = BytesMut::new();
    for event in events {
        encoder.event(event, &mut out);
    }
    String::from_utf8(out.to_vec()).unwrap()
}

/// The chunks of a stream of events.
fn chunks(stream: &str) -> Vec<Value> {
    let data = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    data.map(value).collect()
}
