//! Who asks, at paths that several APIs share.

use http::{HeaderMap, Uri};

use super::ApiFormat;

/// Beginnings of paths that only one API has, from the version on.
const OWN: [(&str, ApiFormat); 6] = [
    ("/v1/messages", ApiFormat::ANTHROPIC),
    ("/v1/responses", ApiFormat::OPENAI_RESPONSES),
    ("/v1beta/", ApiFormat::GEMINI),
    ("/v1alpha/", ApiFormat::GEMINI),
    ("/openai/", ApiFormat::OPENAI),
    ("/upload/", ApiFormat::GEMINI),
];

/// The format of a caller at a path below a version, told by the path, or else by the headers that its client library
/// sends; `None` if neither tells.
pub(crate) fn told(path: &str, uri: &Uri, headers: &HeaderMap) -> Option<ApiFormat> {
    let own = OWN.iter().find(|(start, _)| {
        let rest = path.strip_prefix(start);
        rest.is_some_and(|rest| start.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
    });
    own.map(|(_, format)| *format)
        .or_else(|| by_headers(uri, headers))
}

/// The same by the headers alone.
pub(crate) fn by_headers(uri: &Uri, headers: &HeaderMap) -> Option<ApiFormat> {
    let query = uri.query().unwrap_or_default();
    if headers.contains_key("anthropic-version") {
        Some(ApiFormat::ANTHROPIC)
    } else if headers.contains_key("x-goog-api-key")
        || query.split('&').any(|pair| pair.starts_with("key="))
    {
        Some(ApiFormat::GEMINI)
    } else {
        None
    }
}
