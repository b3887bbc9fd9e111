//! `/v1/messages/count_tokens` of `api.anthropic.com`.

use axum::body::Bytes;
use http::{Method, request::Parts};
use serde_json::json;

use super::{
    anthropic::{Anthropic, extra},
    endpoints::{Reply, object},
    fault::Fault,
    provider::Provider as _,
};

/// What the endpoint answers; `None` if it is not asked.
pub fn answer(provider: &Anthropic, head: &Parts, body: &Bytes) -> Option<Result<Reply, Fault>> {
    let asked = head.method == Method::POST && head.uri.path() == "/v1/messages/count_tokens";
    asked.then(|| count(provider, head, body))
}

fn count(provider: &Anthropic, head: &Parts, body: &[u8]) -> Result<Reply, Fault> {
    let mut body = object(body)?;
    let generates = ["max_tokens", "stream", "temperature", "stop_sequences"];
    if let Some(name) = generates.iter().find(|name| !body[**name].is_null()) {
        return Err(extra(name));
    }
    // All else is what a message takes, and a message needs a limit.
    body["max_tokens"] = json!(1);
    provider.check(head, &body)?;
    Ok(Reply::json(&json!({"input_tokens": 2095})))
}
