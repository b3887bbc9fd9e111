use http::{HeaderValue, Response, StatusCode, Version, header};

use crate::{Body, Error, format::ApiFormat, ir};

/// How long a caller is to wait, in seconds. Whoever takes over is there already.
const RETRY_AFTER: u16 = 1;

/// The answer to a request that comes while the gateway drains, or that the deadline has found without an answer.
pub(super) fn refusal(format: ApiFormat, version: Version) -> Response<Body> {
    let error = ir::Error::of_failure(&Error::shutting_down());
    let mut response = format.error_response(&error);
    // Whoever stands in front knows what this one means, and may not know Anthropic's 529.
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, RETRY_AFTER.into());
    if version <= Version::HTTP_11 {
        // A new connection may come to somebody else.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
