use std::sync::Arc;

use bytes::BytesMut;

use crate::{
    format::{
        Codec, Counter, Dialect, StreamDecoder, StreamEncoder,
        common::{data_uri, halves::Whole, seals},
    },
    ir::{self, Exchange},
};

use super::{Gemini, ID, caps::Caps, request, response, stream};

impl Codec for Gemini {
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

    /// The carriers are in base64 here, as all seals are. Models that seal their calls made none that have no seal.
    fn has_foreign_thoughts(&self, body: &[u8], model: &str, dialect: &Dialect) -> bool {
        let foreign = ir::Seal::foreign_prefixes(ID).map(|prefix| {
            // What follows the prefix changes the digits behind the last whole three bytes.
            let whole = prefix.len() / 3 * 3;
            data_uri::encode(prefix.as_bytes().get(..whole).unwrap_or_default())
        });
        let has = |mut keys: [&str; 2]| seals::has_string(body, keys.iter_mut());
        seals::has_string(body, foreign)
            || Caps::of(model, &dialect.caps).signatures
                && has(["functionCall", "function_call"])
                && !has(["thoughtSignature", "thought_signature"])
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
        Box::new(Whole::<stream::Decoder>::default())
    }

    fn stream_encoder(&self, exchange: Arc<Exchange>) -> Box<dyn StreamEncoder> {
        Box::new(stream::Encoder::new(exchange))
    }

    fn counter(&self) -> Option<&'static dyn Counter> {
        Some(&request::Count)
    }
}
