//! Requests, through the codec's public face.

mod count;
mod identity;
mod items_in;
mod items_out;
mod request_in;
mod request_out;
mod thoughts;
mod tools_in;
mod tools_out;

use bytes::BytesMut;
use serde_json::Value;

use crate::{
    format::{ApiFormat, Codec, Dialect},
    ir::{Error, Exchange, FieldNames, Part, Request, Role, Turn},
};

fn codec() -> &'static dyn Codec {
    ApiFormat::OPENAI_RESPONSES.codec().unwrap()
}

fn exchange() -> Exchange {
    Exchange::new(1_700_000_000, 7)
}

fn value(text: impl AsRef<[u8]>) -> Value {
    serde_json::from_slice(text.as_ref()).unwrap()
}

fn decode(body: &str) -> Request<'_> {
    decode_in(body, &mut exchange())
}

fn decode_in<'a>(body: &'a str, exchange: &mut Exchange) -> Request<'a> {
    codec().decode_request(body.as_bytes(), exchange).unwrap()
}

fn refused(body: &str) -> Error {
    codec()
        .decode_request(body.as_bytes(), &mut exchange())
        .unwrap_err()
}

/// A request that says `hi`, with these members.
fn with(members: &str) -> String {
    format!(r#"{{"model":"m","input":"hi",{members}}}"#)
}

/// A request with these items.
fn saying(items: &str) -> String {
    format!(r#"{{"model":"m","input":{items}}}"#)
}

/// What is sent for a request, in which dialect, and which paths were lost.
fn sent_as(request: &Request<'_>, dialect: &Dialect) -> (Value, Vec<String>) {
    let mut exchange = exchange();
    let body = written(request, dialect, &mut exchange).unwrap();
    let losses = exchange.losses.iter().map(|loss| loss.path.to_string());
    (value(body), losses.collect())
}

fn written(
    request: &Request<'_>,
    dialect: &Dialect,
    exchange: &mut Exchange,
) -> Result<BytesMut, Error> {
    let mut out = BytesMut::new();
    codec().encode_request(request, dialect, exchange, &mut out)?;
    Ok(out)
}

fn sent(request: &Request<'_>) -> Value {
    sent_as(request, &Dialect::default()).0
}

fn losses(request: &Request<'_>) -> Vec<String> {
    sent_as(request, &Dialect::default()).1
}

fn rejected(request: &Request<'_>) -> Error {
    written(request, &Dialect::default(), &mut exchange()).unwrap_err()
}

/// A request of another format, which spells its fields as `names` says.
fn foreign(turns: Vec<Turn<'static>>) -> Request<'static> {
    Request {
        format: "other",
        names: FieldNames {
            system: "system",
            turns: "messages",
            parts: "content",
            tools: "tools",
            tool_choice: "tool_choice",
            parallel_tool_calls: "parallel_tool_calls",
            max_tokens: "max_tokens",
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
            effort: "effort",
            thinking: "thinking",
            user: "user",
            metadata: "metadata",
            service_tier: "service_tier",
            store: "store",
            cache: "cache_control",
        },
        model: "m".into(),
        turns,
        ..Request::default()
    }
}

fn user(parts: Vec<Part<'_>>) -> Turn<'_> {
    Turn::new(Role::User, 0, parts)
}

fn assistant(parts: Vec<Part<'_>>) -> Turn<'_> {
    Turn::new(Role::Assistant, 1, parts)
}

/// The items that are sent for these turns of another format.
fn items(turns: Vec<Turn<'static>>) -> Value {
    sent(&foreign(turns))["input"].take()
}

/// What another format does with the native members of a request: the paths that it leaves out.
fn left_out(request: &Request<'_>) -> Result<Vec<String>, Error> {
    let mut losses = exchange().losses;
    losses.extra("", &request.shared)?;
    losses.extra("", &request.extra)?;
    for turn in &request.turns {
        losses.extra(&format!("input[{}]", turn.index), &turn.extra)?;
    }
    Ok(losses.iter().map(|loss| loss.path.to_string()).collect())
}

/// The member for which another format refuses a request.
fn refused_elsewhere(body: &str) -> String {
    let error = left_out(&decode(body)).unwrap_err();
    error.param.unwrap().into_owned()
}
