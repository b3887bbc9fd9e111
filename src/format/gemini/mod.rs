//! `gemini`: Google's `generateContent` API, which names the model in the path.

use std::borrow::Cow;

use bytes::BytesMut;
use http::{HeaderName, StatusCode};

use super::{Api, ApiFormat, Call, Codec, Operation};
use crate::ir;

mod caps;
mod codec;
mod error;
mod grounding;
mod logprobs;
mod media;
mod models;
mod names;
mod offsets;
mod path;
mod policy;
mod repeats;
mod request;
mod response;
mod seals;
mod stop;
mod stream;
#[cfg(test)]
mod tests;
mod time;
mod usage;
mod wire;

impl ApiFormat {
    /// Google's `generateContent` API.
    pub const GEMINI: Self = Self::custom(&Gemini);
}

#[derive(Debug)]
struct Gemini;

const ID: &str = "gemini";

impl Api for Gemini {
    fn id(&self) -> &'static str {
        ID
    }

    fn detect<'a>(&self, path: &'a str) -> Option<Call<'a>> {
        path::read(path)
    }

    fn is_json_array(&self, query: Option<&str>) -> bool {
        let mut pairs = query.unwrap_or_default().split('&');
        !pairs.any(|pair| matches!(pair, "alt=sse" | "$alt=sse" | "%24alt=sse"))
    }

    fn path(&self, operation: Operation, model: &str, stream: bool) -> Cow<'static, str> {
        path::write(operation, model, stream).into()
    }

    fn path_with_model(&self, path: &str, model: &str) -> Option<String> {
        path::rename(path, model)
    }

    fn repeats_model(&self, operation: Operation) -> bool {
        repeats::may_stand(operation)
    }

    fn body_with_model(&self, body: &[u8], known: &str, model: &str) -> Option<BytesMut> {
        repeats::rename(body, known, model)
    }

    fn credential(&self) -> (HeaderName, &'static str) {
        (HeaderName::from_static("x-goog-api-key"), "")
    }

    fn header_prefixes(&self) -> &'static [&'static str] {
        &["x-goog-"]
    }

    fn request_id_header(&self) -> HeaderName {
        HeaderName::from_static("x-request-id")
    }

    fn preferences(&self) -> &'static [&'static str] {
        &["openai", "anthropic", "openai_responses"]
    }

    fn unknown_model(&self, model: &str) -> ir::Error {
        let message = format!("models/{model} is not found");
        ir::Error::new(ir::ErrorKind::NotFound, message)
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
        Some(&Self)
    }
}
