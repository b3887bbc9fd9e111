use std::sync::Arc;

use bytes::BytesMut;
use memchr::memmem;

use crate::{
    format::{
        Codec, Counter, Dialect, StreamDecoder, StreamEncoder,
        common::{alike::Alike, halves::Whole, seals},
    },
    ir::{self, Exchange},
};

use super::{ID, Responses, request, response, stream};

impl Codec for Responses {
    fn decode_request<'a>(
        &self,
        body: &'a [u8],
        exchange: &mut Exchange,
    ) -> Result<ir::Request<'a>, ir::Error> {
        request::decode(body, exchange)
    }

    fn encode_request(
        &self,
        request: &ir::Request<'_>,
        dialect: &Dialect,
        exchange: &mut Exchange,
        out: &mut BytesMut,
    ) -> Result<(), ir::Error> {
        request::encode(request, dialect, exchange, out)
    }

    /// Thoughts without a seal count too where the provider keeps nothing: it refuses them, whoever thought them.
    fn has_foreign_thoughts(&self, body: &[u8], _model: &str, _dialect: &Dialect) -> bool {
        seals::has_string(body, ir::Seal::foreign_prefixes(ID))
            || count(body, "store", "false") > 0
                && count(body, "type", "\"reasoning\"") > count(body, "encrypted_content", "\"")
    }

    fn decode_response<'a>(&self, body: &'a [u8]) -> Result<ir::Response<'a>, ir::Error> {
        response::decode(body)
    }

    fn encode_response(
        &self,
        response: &ir::Response<'_>,
        exchange: &mut Exchange,
        out: &mut BytesMut,
    ) -> Result<(), ir::Error> {
        response::encode(response, exchange, out)
    }

    fn stream_decoder(&self) -> Box<dyn StreamDecoder> {
        Box::new(Alike::<Whole<stream::Decoder>>::default())
    }

    fn stream_encoder(&self, exchange: Arc<Exchange>) -> Box<dyn StreamEncoder> {
        Box::new(stream::Encoder::new(exchange))
    }

    fn counter(&self) -> Option<&'static dyn Counter> {
        Some(&Self)
    }
}

/// How often a body has a member whose value begins so, with at most one space before it.
fn count(body: &[u8], key: &str, value: &str) -> usize {
    let spellings = [format!("\"{key}\":{value}"), format!("\"{key}\": {value}")];
    let found = spellings
        .iter()
        .map(|it| memmem::find_iter(body, it).count());
    found.sum()
}
