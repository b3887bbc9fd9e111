//! Heads, between HTTP/2's form and ours.

use std::mem;

use http::{HeaderMap, HeaderName, HeaderValue, Response, request::Parts};

use super::super::script::Script;

pub(super) fn line(parts: &Parts) -> String {
    let target = parts.uri.path_and_query().map_or("*", |it| it.as_str());
    format!("{} {target} HTTP/2.0", parts.method)
}

pub(super) fn headers(parts: &Parts) -> Vec<(String, String)> {
    let authority = parts.uri.authority().into_iter();
    let authority = authority.map(|it| (":authority".to_owned(), it.to_string()));
    let pair = |(name, value): (&HeaderName, &HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.to_string(), value.into_owned())
    };
    authority.chain(parts.headers.iter().map(pair)).collect()
}

pub(super) fn head(script: &Script) -> Response<()> {
    let mut head = Response::builder().status(script.status).body(());
    let head = head.as_mut().expect("a status of three digits");
    *head.headers_mut() = map(&script.headers);
    mem::take(head)
}

/// The headers that HTTP/2 allows.
pub(super) fn map(headers: &[(String, String)]) -> HeaderMap {
    let allowed = headers.iter().filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        !matches!(name.as_str(), "connection" | "transfer-encoding")
    });
    let field = |(name, value): &(String, String)| {
        let name: HeaderName = name.parse().expect("a header's name");
        let value: HeaderValue = value.parse().expect("a header's value");
        (name, value)
    };
    allowed.map(field).collect()
}
