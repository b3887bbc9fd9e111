//! The codec as a whole: each rule of translation, and the identity law.

use bytes::BytesMut;
use serde_json::Value;

use super::Responses;
use crate::{
    format::Codec as _,
    ir::{Error, Exchange, Response},
};

mod endpoints;
mod identity;
mod requests;

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
