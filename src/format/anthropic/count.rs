//! `POST /v1/messages/count_tokens`: how many tokens a request has.

use bytes::BytesMut;

use crate::{
    format::{Counter, Dialect, object::object},
    ir::{Error, Exchange, Request},
    json::{self, Number},
};

use super::{
    Anthropic,
    request::{self, Purpose},
};

object! {
    /// `MessageTokensCount`.
    struct Answer<'a> {
        input_tokens: Number<'a>,
    }
}

impl Counter for Anthropic {
    fn encode_request(
        &self,
        request: &Request<'_>,
        dialect: &Dialect,
        exchange: &mut Exchange,
        out: &mut BytesMut,
    ) -> Result<(), Error> {
        request::encode(request, Purpose::Count, dialect, exchange, out)
    }

    fn decode_answer(&self, body: &[u8]) -> Result<u64, Error> {
        let answer: Answer<'_> = json::read_bytes(body).map_err(Error::undecodable)?;
        let tokens = answer.input_tokens.and_then(Number::as_u64);
        tokens.ok_or_else(|| Error::undecodable("it has no input_tokens"))
    }

    fn encode_answer(&self, tokens: u64, out: &mut BytesMut) {
        json::object(out, |o| o.field("input_tokens", tokens));
    }
}
