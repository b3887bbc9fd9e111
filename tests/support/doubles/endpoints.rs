//! What the endpoints besides the create endpoints share.

use axum::body::Bytes;
use http::{header, request::Parts};
use serde_json::Value;

use super::fault::Fault;

/// A whole answer with status 200.
#[derive(Debug)]
pub struct Reply {
    /// The content type.
    pub kind: &'static str,
    pub body: Bytes,
}

impl Reply {
    pub fn json(value: &Value) -> Self {
        Self {
            kind: "application/json",
            body: value.to_string().into(),
        }
    }
}

/// Refuses a second credential: it would be the caller's, which a gateway must keep.
pub fn check_credentials(head: &Parts) -> Result<(), Fault> {
    let names = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];
    let sent = names
        .iter()
        .filter(|name| head.headers.contains_key(**name));
    let mut query = head.uri.query().unwrap_or_default().split('&');
    if sent.count() > 1
        || query.any(|it| it.starts_with("key="))
        || head.headers.contains_key(header::COOKIE)
    {
        return Err(Fault::invalid("This double takes one credential only."));
    }
    Ok(())
}

/// The body, if it is an object.
pub fn object(body: &[u8]) -> Result<Value, Fault> {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    if value.is_object() {
        Ok(value)
    } else {
        Err(Fault::invalid("The body is no JSON object."))
    }
}
