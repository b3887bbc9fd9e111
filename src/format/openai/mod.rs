//! `openai`: the Chat Completions API.

use std::{borrow::Cow, sync::Arc};

use bytes::BytesMut;
use http::{HeaderName, StatusCode, header};

use super::{
    Api, ApiFormat, Call, Codec, Dialect, Operation, StreamDecoder, StreamEncoder,
    common::{halves::Whole, seals},
    error_object,
};
use crate::ir::{self, Exchange};

mod call_seal;
mod id;
mod reasoning;
mod request;
mod response;
mod stop;
mod stream;
#[cfg(test)]
mod tests;
mod usage;
mod wire;

impl ApiFormat {
    /// OpenAI's Chat Completions API.
    pub const OPENAI: Self = Self::custom(&OpenAi);
}

#[derive(Debug)]
struct OpenAi;

const ID: &str = "openai";

/// How the paths of the endpoints end, and what they are for. With the version, where the last word alone could be
/// a page of the host's own.
const ENDPOINTS: &[(&str, Operation)] = &[
    ("/chat/completions", Operation::Generate),
    ("/v1/completions", Operation::Other("/v1/completions")),
    ("/v1/embeddings", Operation::Other("/v1/embeddings")),
    ("/v1/moderations", Operation::Other("/v1/moderations")),
];

impl Api for OpenAi {
    fn id(&self) -> &'static str {
        ID
    }

    fn detect<'a>(&self, path: &'a str) -> Option<Call<'a>> {
        let endpoint = ENDPOINTS.iter().find(|(end, _)| path.ends_with(end));
        endpoint.map(|(_, operation)| Call::new(*operation))
    }

    fn path(&self, operation: Operation, _model: &str, _stream: bool) -> Cow<'static, str> {
        match operation {
            Operation::Other(path) => path.into(),
            _ => "/v1/chat/completions".into(),
        }
    }

    fn credential(&self) -> (HeaderName, &'static str) {
        (header::AUTHORIZATION, "Bearer ")
    }

    fn header_prefixes(&self) -> &'static [&'static str] {
        &["openai-"]
    }

    fn request_id_header(&self) -> HeaderName {
        HeaderName::from_static("x-request-id")
    }

    fn rate_limit_headers(&self) -> Option<[HeaderName; 4]> {
        Some([
            HeaderName::from_static("x-ratelimit-limit-requests"),
            HeaderName::from_static("x-ratelimit-remaining-requests"),
            HeaderName::from_static("x-ratelimit-limit-tokens"),
            HeaderName::from_static("x-ratelimit-remaining-tokens"),
        ])
    }

    fn preferences(&self) -> &'static [&'static str] {
        &["openai_responses", "gemini", "anthropic"]
    }

    fn decode_error(&self, status: StatusCode, body: &[u8]) -> ir::Error {
        error_object::decode(ID, status, body)
    }

    fn encode_error(&self, error: &ir::Error, out: &mut BytesMut) -> StatusCode {
        error_object::encode(ID, error, out)
    }

    fn codec(&self) -> Option<&'static dyn Codec> {
        Some(&Self)
    }
}

impl Codec for OpenAi {
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

    /// Some servers put thoughts into messages, and want them back. Which of them this one said itself can't be seen;
    /// but one that knows no thoughts has said none.
    fn has_foreign_thoughts(&self, body: &[u8], _model: &str, dialect: &Dialect) -> bool {
        let mut members = ["reasoning_content", "thinking_blocks", "extra_content"].into_iter();
        !dialect.knows_thoughts && seals::has_string(body, members.by_ref())
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
}
