//! Requests, whole answers and errors.

use bytes::BytesMut;
use http::StatusCode;
use serde_json::Value;
use tower_llm_gateway::{
    format::{ApiFormat, Dialect},
    ir::{Error, Exchange},
};

use crate::{
    allowed::{self, Allowed},
    compare::{complaints, differences},
    files::{File, codec, recorded},
};

type Rewrite = fn(ApiFormat, &[u8]) -> Result<BytesMut, Error>;

/// Writes every body of one kind again, and reports where that changed what it says.
fn check(format: ApiFormat, kind: &str, rewrite: Rewrite, allowed: &[Allowed]) {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    let files = recorded(format, kind);
    for File { name, bytes } in &files {
        match rewrite(format, bytes) {
            Ok(written) => {
                let written: Value = serde_json::from_slice(&written).unwrap();
                let recorded: Value = serde_json::from_slice(bytes).unwrap();
                found.extend(differences(name, &recorded, &written));
            }
            Err(_)
                if allowed::BAD_REQUESTS
                    .iter()
                    .any(|bad| name.starts_with(bad)) => {}
            Err(error) => refused.push(format!("{name}: refused: {error}")),
        }
    }
    if !files.is_empty() {
        let complaints = [refused, complaints(&found, allowed)].concat();
        assert!(
            complaints.is_empty(),
            "{format} {kind}:\n{}",
            complaints.join("\n")
        );
    }
}

fn request(format: ApiFormat, bytes: &[u8]) -> Result<BytesMut, Error> {
    let (codec, mut exchange, mut out) = (codec(format), Exchange::default(), BytesMut::new());
    let request = codec.decode_request(bytes, &mut exchange)?;
    codec.encode_request(&request, &Dialect::default(), &mut exchange, &mut out)?;
    Ok(out)
}

fn answer(format: ApiFormat, bytes: &[u8]) -> Result<BytesMut, Error> {
    let (codec, mut exchange, mut out) = (codec(format), Exchange::default(), BytesMut::new());
    let response = codec.decode_response(bytes)?;
    codec.encode_response(&response, &mut exchange, &mut out)?;
    Ok(out)
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "it is one of several that are called alike"
)]
fn error(format: ApiFormat, bytes: &[u8]) -> Result<BytesMut, Error> {
    let mut out = BytesMut::new();
    let error = format.api().decode_error(StatusCode::BAD_REQUEST, bytes);
    format.api().encode_error(&error, &mut out);
    Ok(out)
}

#[test]
fn openai_requests_are_written_again_without_loss() {
    check(
        ApiFormat::OPENAI,
        "request",
        request,
        allowed::OPENAI_REQUESTS,
    );
}

#[test]
fn responses_requests_are_written_again_without_loss() {
    check(
        ApiFormat::OPENAI_RESPONSES,
        "request",
        request,
        allowed::RESPONSES_REQUESTS,
    );
}

#[test]
fn anthropic_requests_are_written_again_without_loss() {
    check(
        ApiFormat::ANTHROPIC,
        "request",
        request,
        allowed::ANTHROPIC_REQUESTS,
    );
}

#[test]
fn gemini_requests_are_written_again_without_loss() {
    check(
        ApiFormat::GEMINI,
        "request",
        request,
        allowed::GEMINI_REQUESTS,
    );
}

#[test]
fn openai_answers_are_written_again_without_loss() {
    check(ApiFormat::OPENAI, "json", answer, allowed::OPENAI_ANSWERS);
}

#[test]
fn responses_answers_are_written_again_without_loss() {
    check(ApiFormat::OPENAI_RESPONSES, "json", answer, &[]);
}

#[test]
fn anthropic_answers_are_written_again_without_loss() {
    check(ApiFormat::ANTHROPIC, "json", answer, &[]);
}

#[test]
fn gemini_answers_are_written_again_without_loss() {
    check(ApiFormat::GEMINI, "json", answer, allowed::GEMINI_ANSWERS);
}

#[test]
fn openai_errors_are_written_again_without_loss() {
    check(ApiFormat::OPENAI, "error", error, allowed::OPENAI_ERRORS);
}

#[test]
fn responses_errors_are_written_again_without_loss() {
    check(ApiFormat::OPENAI_RESPONSES, "error", error, &[]);
}

#[test]
fn anthropic_errors_are_written_again_without_loss() {
    check(ApiFormat::ANTHROPIC, "error", error, &[]);
}

#[test]
fn gemini_errors_are_written_again_without_loss() {
    check(ApiFormat::GEMINI, "error", error, allowed::GEMINI_ERRORS);
}
