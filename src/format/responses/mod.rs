//! `openai_responses`: OpenAI's Responses API.

use std::borrow::Cow;

use bytes::BytesMut;
use http::{HeaderName, StatusCode, header};

use super::{Api, ApiFormat, Call, Codec, Operation, error_object};
use crate::ir;

mod codec;
mod count;
mod request;
mod response;
mod seals;
mod stream;
#[cfg(test)]
mod tests;
mod wire;

impl ApiFormat {
    /// OpenAI's Responses API.
    pub const OPENAI_RESPONSES: Self = Self::custom(&Responses);
}

#[derive(Debug)]
struct Responses;

const ID: &str = "openai_responses";

/// Endpoints that take a model, by how their paths end. With the version, where the last word alone could be a page of
/// the host's own. Source: openai-python 3.54.0, `resources/responses` (2026-11).
const ENDPOINTS: &[(&str, Operation)] = &[
    ("/v1/responses", Operation::Generate),
    ("/v1/responses/input_tokens", Operation::CountTokens),
    (
        "/v1/responses/compact",
        Operation::Other("/v1/responses/compact"),
    ),
];

impl Api for Responses {
    fn id(&self) -> &'static str {
        ID
    }

    fn detect<'a>(&self, path: &'a str) -> Option<Call<'a>> {
        let endpoint = ENDPOINTS.iter().find(|(end, _)| path.ends_with(end));
        endpoint.map(|(_, operation)| Call::new(*operation))
    }

    fn path(&self, operation: Operation, _model: &str, _stream: bool) -> Cow<'static, str> {
        match operation {
            Operation::Generate => "/v1/responses".into(),
            Operation::CountTokens => "/v1/responses/input_tokens".into(),
            Operation::Other(path) => path.into(),
            Operation::Unknown => "/v1".into(),
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
        &["openai", "anthropic", "gemini"]
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
