//! `openai`: the Chat Completions API.

use std::borrow::Cow;

use bytes::BytesMut;
use http::{HeaderName, StatusCode, header};

use super::{Api, ApiFormat, Call, Operation};
use crate::ir;

mod error;

impl ApiFormat {
    /// OpenAI's Chat Completions API.
    pub const OPENAI: Self = Self::custom(&OpenAi);
}

#[derive(Debug)]
struct OpenAi;

const ID: &str = "openai";

/// The endpoints below the API's root, and what they are for.
const ENDPOINTS: &[(&str, Operation)] = &[
    ("/chat/completions", Operation::Generate),
    ("/completions", Operation::Other("/v1/completions")),
    ("/embeddings", Operation::Other("/v1/embeddings")),
    ("/moderations", Operation::Other("/v1/moderations")),
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
        error::decode(status, body)
    }

    fn encode_error(&self, error: &ir::Error, out: &mut BytesMut) -> StatusCode {
        error::encode(error, out)
    }
}
