//! Headers that belong to one connection or to whoever made it, so that nothing may carry or set them.

use http::HeaderName;

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
