//! `anthropic`: the Messages API.

use std::borrow::Cow;

use bytes::BytesMut;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::{Api, ApiFormat, Call, Operation};
use crate::ir;

mod error;

impl ApiFormat {
    /// Anthropic's Messages API.
    pub const ANTHROPIC: Self = Self::custom(&Anthropic);
}

#[derive(Debug)]
struct Anthropic;

const ID: &str = "anthropic";

/// The endpoints below the API's root, and what they are for.
const ENDPOINTS: &[(&str, Operation)] = &[
    ("/messages", Operation::Generate),
    ("/messages/count_tokens", Operation::CountTokens),
];

/// The version of the API that translated requests speak: the last one that takes sampling parameters.
/// Callers of the API itself choose their own. Source: Anthropic's migration guide for 2026-10-21.
const VERSION: (HeaderName, HeaderValue) = (
    HeaderName::from_static("anthropic-version"),
    HeaderValue::from_static("2023-06-01"),
);

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
        }
    }

    fn credential(&self) -> (HeaderName, &'static str) {
        (HeaderName::from_static("x-api-key"), "")
    }

    fn prepare(&self, headers: &mut HeaderMap) {
        let (name, value) = VERSION;
        headers.entry(name).or_insert(value);
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

    fn decode_error(&self, status: StatusCode, body: &[u8]) -> ir::Error {
        error::decode(status, body)
    }

    fn encode_error(&self, error: &ir::Error, out: &mut BytesMut) -> StatusCode {
        error::encode(error, out)
    }
}
