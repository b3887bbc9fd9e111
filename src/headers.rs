//! Headers that belong to one connection or to whoever made it, so that nothing may carry or set them.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Whether a header speaks of the connection and not of the message (RFC 9110, 7.6.1).
pub(crate) fn is_hop_by_hop(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
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

/// Whether a request's header holds a secret of its sender.
pub(crate) fn is_credential(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "api-key" | "authorization" | "cookie" | "cookie2" | "x-api-key" | "x-goog-api-key"
    )
}

/// Whether the client settles a request's header itself.
pub(crate) fn is_managed(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "accept-encoding" | "content-length" | "expect" | "host"
    )
}

/// Whether a body is in a form that has to be decoded before it can be read.
pub(crate) fn is_encoded(headers: &HeaderMap) -> bool {
    let is = |value: &HeaderValue, coding: &str| {
        let value = value.as_bytes().trim_ascii();
        value.is_empty() || value.eq_ignore_ascii_case(coding.as_bytes())
    };
    let mut content = headers.get_all(header::CONTENT_ENCODING).iter();
    let mut transfer = headers.get_all(header::TRANSFER_ENCODING).iter();
    content.any(|coding| !is(coding, "identity")) || transfer.any(|coding| !is(coding, "chunked"))
}
