//! Counting tokens: `:countTokens`, which answers `{"totalTokens": …}`.

use bytes::BytesMut;

use crate::{
    format::{Counter, Dialect, gemini::wire::request as wire},
    ir::{Error, Exchange, Request},
    json::{self, Number},
};

use super::encode::encode_count;

/// Counts the tokens of requests.
#[derive(Debug)]
pub(in crate::format::gemini) struct Count;

impl Counter for Count {
    fn encode_request(
        &self,
        request: &Request<'_>,
        dialect: &Dialect,
        exchange: &mut Exchange,
        out: &mut BytesMut,
    ) -> Result<(), Error> {
        encode_count(request, dialect, exchange, out)
    }

    fn decode_answer(&self, body: &[u8]) -> Result<u64, Error> {
        let answer: wire::Count<'_> =
            json::read_bytes(body).map_err(|error| Error::undecodable(&error))?;
        let total = answer.total_tokens.and_then(Number::as_u64);
        total.ok_or_else(|| Error::undecodable("totalTokens is missing"))
    }

    fn encode_answer(&self, tokens: u64, out: &mut BytesMut) {
        json::object(out, |o| o.field("totalTokens", tokens));
    }
}
