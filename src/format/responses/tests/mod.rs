//! The codec as a whole: each rule of translation, and the identity law.

use std::{fmt::Write as _, sync::Arc};

use bytes::BytesMut;
use serde_json::Value;

use super::{ID, Responses};
use crate::{
    format::{Codec as _, StreamEnd},
    ir::{Error, Event, Exchange, Fold, Response, Sink as _},
    sse,
};

mod answers_in;
mod answers_out;
mod endpoints;
mod identity;
mod requests;
mod stream_in;
mod stream_out;

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Reads an answer as a provider of the API would send it.
fn read_answer(body: &str) -> Result<Response<'_>, Error> {
    Responses.decode_response(body.as_bytes())
}

/// Writes an answer; tells the paths of what was lost.
fn write_answer(response: &Response<'_>, mut exchange: Exchange) -> (Value, Vec<String>) {
    let mut out = BytesMut::new();
    Responses
        .encode_response(response, &mut exchange, &mut out)
        .unwrap();
    let losses = exchange.losses.iter().map(|loss| loss.path.to_string());
    (serde_json::from_slice(&out).unwrap(), losses.collect())
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

fn run_stream(stream: &str, end: StreamEnd, sink: &mut dyn FnMut(Event<'_>)) {
    let mut sink = |event: Event<'_>| sink(event);
    let mut decoder = Responses.stream_decoder();
    let mut parser = sse::Parser::new(1 << 20);
    parser.push(stream.as_bytes());
    while let Some(item) = parser.next().unwrap() {
        decoder.item(item, &mut sink);
    }
    decoder.finish(end.clone(), &mut sink);
    decoder.finish(end, &mut sink);
}

/// The events of a stream that ends as it should, without signs of life and what only this API can say.
fn decode_stream(events: &[&str]) -> Vec<String> {
    let mut told = Vec::new();
    run_stream(&sse_of(events), StreamEnd::Clean, &mut |event: Event<
        '_,
    >| {
        let event = format!("{event:?}");
        if event != "Ping" && !event.contains("delta: Native") {
            told.push(event);
        }
    });
    told
}

fn fold_stream(events: &[&str]) -> Fold {
    let mut fold = Fold::new(ID);
    run_stream(&sse_of(events), StreamEnd::Clean, &mut |event| {
        fold.event(event);
    });
    fold
}

/// The events that are written for these.
fn encode_stream(exchange: Exchange, events: &[Event<'_>]) -> Vec<Value> {
    let mut encoder = Responses.stream_encoder(Arc::new(exchange));
    let mut out = BytesMut::new();
    for event in events {
        encoder.event(event, &mut out);
    }
    events_of(&out)
}

/// The events of a written stream; checks that each is named by its type and numbered.
fn events_of(stream: &[u8]) -> Vec<Value> {
    let mut parser = sse::Parser::new(1 << 20);
    parser.push(stream);
    let mut events = Vec::new();
    while let Some(item) = parser.next().unwrap() {
        let sse::Item::Event { name, data } = item else {
            continue;
        };
        let event: Value = serde_json::from_slice(data).unwrap();
        assert_eq!(name.unwrap(), event["type"].as_str().unwrap().as_bytes());
        assert_eq!(event["sequence_number"], events.len());
        events.push(event);
    }
    events
}
