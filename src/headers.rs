//! Headers that belong to one connection or to whoever made it, so that nothing may carry or set them; and what a
//! provider says of another try.

use std::{borrow::Cow, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// [`RETRY_AFTER`](header::RETRY_AFTER) in milliseconds, as `OpenAI` sends it.
pub(crate) const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

/// How long to wait before another try, as client libraries read it: milliseconds first, then seconds, and fractions of
/// both. A date is left to who has a clock. What is no time to wait is as if it was not there.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let wait = |name: &HeaderName, unit: f64| {
        let value = headers.get(name)?.to_str().ok()?.trim();
        let number: f64 = value.parse().ok()?;
        Duration::try_from_secs_f64(number / unit).ok()
    };
    wait(&RETRY_AFTER_MS, 1000.0).or_else(|| wait(&header::RETRY_AFTER, 1.0))
}

/// A name as it reaches programs behind a server that hands them headers as variables (RFC 3875, 4.1.18): there `_` and
/// `-` are one, so what has one is as good as what has the other.
pub(crate) fn dashed(name: &HeaderName) -> Cow<'_, str> {
    let name = name.as_str();
    if name.bytes().any(|byte| byte == b'_') {
        name.replace('_', "-").into()
    } else {
        name.into()
    }
}

/// Whether a header of this [`dashed`] name speaks of the connection and not of the message (RFC 9110, 7.6.1).
pub(crate) fn is_hop_by_hop(dashed: &str) -> bool {
    matches!(
        dashed,
        "connection"
            | "http2-settings"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authentication-info"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// Whether a request's header of this [`dashed`] name holds a secret of its sender.
pub(crate) fn is_credential(dashed: &str) -> bool {
    matches!(
        dashed,
        "api-key"
            | "authorization"
            | "cookie"
            | "cookie2"
            | "x-api-key"
            | "x-goog-api-key"
            | "x-llm-arm-key"
    )
}

/// Whether the client settles a request's header of this [`dashed`] name itself.
pub(crate) fn is_managed(dashed: &str) -> bool {
    matches!(
        dashed,
        "accept-encoding" | "content-length" | "expect" | "host"
    )
}

/// Whether a body is in a form that has to be decoded before it can be read.
pub(crate) fn is_encoded(headers: &HeaderMap) -> bool {
    if !headers.contains_key(header::CONTENT_ENCODING)
        && !headers.contains_key(header::TRANSFER_ENCODING)
    {
        return false;
    }
    let is = |value: &HeaderValue, coding: &str| {
        let value = value.as_bytes().trim_ascii();
        value.is_empty() || value.eq_ignore_ascii_case(coding.as_bytes())
    };
    let mut content = headers.get_all(header::CONTENT_ENCODING).iter();
    let mut transfer = headers.get_all(header::TRANSFER_ENCODING).iter();
    content.any(|coding| !is(coding, "identity")) || transfer.any(|coding| !is(coding, "chunked"))
}
