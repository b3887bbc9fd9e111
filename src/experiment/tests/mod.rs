mod conversation;
mod drawing;
mod keys;

use http::HeaderMap;

use crate::format::ApiFormat;

use super::*;

/// The key of a request with this body and no headers.
fn key(sources: &[KeySource], format: ApiFormat, body: &str) -> Key {
    let draws = Draws {
        format,
        headers: &HeaderMap::new(),
        body: body.as_bytes(),
        subject: None,
        random: 7,
    };
    key_of(sources, &draws)
}
