//! `anthropic`: the Messages API.

use std::{borrow::Cow, sync::Arc};

use bytes::BytesMut;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use memchr::memmem;

use super::{
    Api, ApiFormat, Call, Codec, Counter, Dialect, Operation, StreamDecoder, StreamEncoder,
    common::{alike::Alike, halves::Whole, seals},
};
use crate::ir;

use request::Purpose;

mod blocks;
mod caps;
mod count;
mod error;
mod gist;
mod models;
mod names;
mod policy;
mod request;
mod response;
mod stop;
mod stream;
#[cfg(test)]
mod tests;
mod usage;
mod wire;

impl ApiFormat {
    /// Anthropic's Messages API.
    pub const ANTHROPIC: Self = Self::custom(&Anthropic);
}

#[derive(Debug)]
struct Anthropic;

const ID: &str = "anthropic";

/// How the API spells the fields of a request.
const NAMES: ir::FieldNames = ir::FieldNames {
    system: "system",
    turns: "messages",
    parts: "content",
    tools: "tools",
    tool_choice: "tool_choice",
    parallel_tool_calls: "tool_choice.disable_parallel_tool_use",
    max_tokens: "max_tokens",
    temperature: "temperature",
    top_p: "top_p",
    top_k: "top_k",
    frequency_penalty: "",
    presence_penalty: "",
    seed: "",
    stop: "stop_sequences",
    choices: "",
    logprobs: "",
    top_logprobs: "",
    output: "output_config.format",
    verbosity: "",
    effort: "output_config.effort",
    thinking: "thinking",
    user: "metadata.user_id",
    metadata: "metadata",
    service_tier: "service_tier",
    store: "",
    cache: "cache_control",
};

/// Endpoints that take a model, by how their paths end. With the version, where the last word alone could be a page of
/// the host's own. Source: anthropic-sdk-python 2.12.0, `resources` (2026-11).
const ENDPOINTS: &[(&str, Operation)] = &[
    ("/v1/messages", Operation::Generate),
    ("/v1/messages/count_tokens", Operation::CountTokens),
    ("/v1/complete", Operation::Other("/v1/complete")),
];

/// Which version of the API a request speaks.
const VERSION: HeaderName = HeaderName::from_static("anthropic-version");

impl Api for Anthropic {
    fn id(&self) -> &'static str {
        ID
    }

    fn detect<'a>(&self, path: &'a str) -> Option<Call<'a>> {
        let endpoint = ENDPOINTS.iter().find(|(end, _)| path.ends_with(end));
        endpoint.map(|(_, operation)| Call::new(*operation))
    }

    fn path(&self, operation: Operation, _model: &str, _stream: bool) -> Cow<'static, str> {
        match operation {
            Operation::Generate => "/v1/messages".into(),
            Operation::CountTokens => "/v1/messages/count_tokens".into(),
            Operation::Other(path) => path.into(),
            Operation::Unknown => "/v1".into(),
        }
    }

    fn credential(&self) -> (HeaderName, &'static str) {
        (HeaderName::from_static("x-api-key"), "")
    }

    /// Callers of the API itself choose their version.
    fn prepare(&self, headers: &mut HeaderMap, dialect: &Dialect) {
        let version = HeaderValue::from_static(dialect.anthropic_version.as_str());
        headers.entry(VERSION).or_insert(version);
    }

    fn header_prefixes(&self) -> &'static [&'static str] {
        &["anthropic-"]
    }

    fn request_id_header(&self) -> HeaderName {
        HeaderName::from_static("request-id")
    }

    fn rate_limit_headers(&self) -> Option<[HeaderName; 4]> {
        Some([
            HeaderName::from_static("anthropic-ratelimit-requests-limit"),
            HeaderName::from_static("anthropic-ratelimit-requests-remaining"),
            HeaderName::from_static("anthropic-ratelimit-tokens-limit"),
            HeaderName::from_static("anthropic-ratelimit-tokens-remaining"),
        ])
    }

    fn preferences(&self) -> &'static [&'static str] {
        &["openai_responses", "gemini", "openai"]
    }

    fn unknown_model(&self, model: &str) -> ir::Error {
        ir::Error::new(ir::ErrorKind::NotFound, format!("model: {model}"))
    }

    fn decode_error(&self, status: StatusCode, body: &[u8]) -> ir::Error {
        error::decode(status, body)
    }

    fn encode_error(&self, error: &ir::Error, out: &mut BytesMut) -> StatusCode {
        error::encode(error, out)
    }

    fn encode_models(&self, models: &[&str], out: &mut BytesMut) {
        models::encode_all(models, out);
    }

    fn encode_model(&self, model: &str, out: &mut BytesMut) {
        models::encode(model, out);
    }

    fn codec(&self) -> Option<&'static dyn Codec> {
        Some(&Anthropic)
    }
}

impl Codec for Anthropic {
    fn decode_request<'a>(
        &self,
        body: &'a [u8],
        exchange: &mut ir::Exchange,
    ) -> Result<ir::Request<'a>, ir::Error> {
        request::decode(body, exchange)
    }

    fn encode_request(
        &self,
        request: &ir::Request<'_>,
        dialect: &Dialect,
        exchange: &mut ir::Exchange,
        out: &mut BytesMut,
    ) -> Result<(), ir::Error> {
        request::encode(request, Purpose::Answer, dialect, exchange, out)
    }

    /// Thoughts without a signature count too: whoever thought them, it was not a model of this API.
    fn has_foreign_thoughts(&self, body: &[u8], _model: &str, _dialect: &Dialect) -> bool {
        let unsigned = [r#""signature":"""#, r#""signature": """#];
        seals::has_string(body, ir::Seal::foreign_prefixes(ID))
            || unsigned
                .into_iter()
                .any(|member| memmem::find(body, member.as_bytes()).is_some())
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
        exchange: &mut ir::Exchange,
        out: &mut BytesMut,
    ) -> Result<(), ir::Error> {
        response::encode(response, exchange, out)
    }

    fn stream_decoder(&self) -> Box<dyn StreamDecoder> {
        Box::new(Alike::<Whole<stream::Decoder>>::default())
    }

    fn stream_encoder(&self, exchange: Arc<ir::Exchange>) -> Box<dyn StreamEncoder> {
        Box::new(stream::Encoder::new(exchange))
    }

    fn counter(&self) -> Option<&'static dyn Counter> {
        Some(&Anthropic)
    }
}
