//! `openai`: the Chat Completions API.

use std::{borrow::Cow, sync::Arc};

use bytes::BytesMut;
use http::{HeaderName, StatusCode, header};
use memchr::memmem;

use super::{
    Api, ApiFormat, Call, Codec, Dialect, Operation, StreamDecoder, StreamEncoder,
    common::{alike::Alike, halves::Whole, percent, seals},
    error_object,
};
use crate::ir::{self, Exchange};

mod call_seal;
mod gist;
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

/// Endpoints that take a model, by how their paths end. With the version, where the last words alone could be a page of
/// the host's own. Source: openai-python 3.54.0, `resources` (2026-11).
const ENDPOINTS: &[(&str, Operation)] = &[
    ("/chat/completions", Operation::Generate),
    other("/v1/audio/speech"),
    other("/v1/audio/transcriptions"),
    other("/v1/audio/translations"),
    other("/v1/completions"),
    other("/v1/embeddings"),
    other("/v1/images/edits"),
    other("/v1/images/generations"),
    other("/v1/images/variations"),
    other("/v1/moderations"),
    other("/v1/videos"),
];

const fn other(path: &'static str) -> (&'static str, Operation) {
    (path, Operation::Other(path))
}

/// What Azure's dated API has in place of the version: the model is named there. Source: openai-python 3.54.0,
/// `lib/azure.py`.
const DEPLOYMENTS: &str = "/openai/deployments/";

/// Reads a path of Azure's dated API.
fn deployment(path: &str) -> Option<Call<'_>> {
    // Each request comes by here, and few paths have it.
    let start = memmem::find(path.as_bytes(), DEPLOYMENTS.as_bytes())?;
    let rest = path.get(start + DEPLOYMENTS.len()..)?;
    let end = rest.find('/').filter(|end| *end > 0)?;
    let (model, path) = rest.split_at(end);
    let endpoint = ENDPOINTS.iter().find(|(end, _)| {
        let end = end.strip_prefix("/v1").unwrap_or(end);
        end == path
    });
    let operation = endpoint.map_or(Operation::Unknown, |(_, operation)| *operation);
    let mut call = Call::new(operation);
    call.model = Some(percent::decode(model));
    Some(call)
}
impl Api for OpenAi {
    fn id(&self) -> &'static str {
        ID
    }

    fn detect<'a>(&self, path: &'a str) -> Option<Call<'a>> {
        let endpoint = ENDPOINTS.iter().find(|(end, _)| path.ends_with(end));
        let call = endpoint.map(|(_, operation)| Call::new(*operation));
        deployment(path).or(call)
    }

    fn path(&self, operation: Operation, _model: &str, _stream: bool) -> Cow<'static, str> {
        match operation {
            Operation::Other(path) => path.into(),
            Operation::Unknown => "/v1".into(),
            _ => "/v1/chat/completions".into(),
        }
    }

    fn path_with_model(&self, path: &str, model: &str) -> Option<String> {
        let (before, rest) = path.split_once(DEPLOYMENTS)?;
        let (_, endpoint) = rest.split_once('/')?;
        let mut renamed = format!("{before}{DEPLOYMENTS}");
        percent::encode(model, &mut renamed);
        Some(renamed + "/" + endpoint)
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

    fn gist(&self, body: &[u8]) -> Result<ir::Gist, ir::Error> {
        match gist::read(body) {
            Some(gist) => Ok(gist),
            None => response::decode(body).map(|response| ir::Gist::of(&response)),
        }
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
}
