//! How many tokens a prompt has.

use bytes::BytesMut;

use crate::{
    format::{Counter, Dialect},
    ir::{Error, Exchange, Request},
    json,
};

use super::{Responses, request, wire::request::InputTokens};

impl Counter for Responses {
    fn encode_request(
        &self,
        request: &Request<'_>,
        dialect: &Dialect,
        exchange: &mut Exchange,
        out: &mut BytesMut,
    ) -> Result<(), Error> {
        request::encode_count(request, dialect, exchange, out)
    }

    fn decode_answer(&self, body: &[u8]) -> Result<u64, Error> {
        let answer: InputTokens<'_> = json::read_bytes(body).map_err(Error::undecodable)?;
        let count = answer.input_tokens.and_then(json::Number::as_u64);
        count.ok_or_else(|| Error::undecodable("it has no `input_tokens`"))
    }

    fn encode_answer(&self, tokens: u64, out: &mut BytesMut) {
        json::object(out, |o| {
            o.field("object", "response.input_tokens");
            o.field("input_tokens", tokens);
        });
    }
}
