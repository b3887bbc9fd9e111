use std::mem;

use http::{HeaderName, Response, Uri, header::AUTHORIZATION, request::Parts, uri::PathAndQuery};

use crate::{
    Body,
    format::{ApiFormat, common::percent},
};

use super::{keys::ClientKeys, refusal::Refusal};

/// The headers in which clients send their keys.
const HEADERS: [HeaderName; 4] = [
    AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-goog-api-key"),
];

/// Where a request had a key that is known.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    headers: Vec<HeaderName>,
    query: bool,
}

impl ClientKeys {
    /// Looks for a key that is known in the head of a request by a caller of this format; if there is none, the response
    /// says so. Asks for nothing if there are no keys.
    #[allow(clippy::result_large_err, reason = "it is the response")]
    pub(crate) fn admit(
        &self,
        format: ApiFormat,
        parts: &Parts,
    ) -> Result<Admitted, Response<Body>> {
        let known = self.known();
        if known.is_empty() {
            return Ok(Admitted::default());
        }
        let (mut sent, mut admitted) = (false, Admitted::default());
        for name in &HEADERS {
            for key in parts.headers.get_all(name) {
                let key = key.as_bytes();
                let key = if name == AUTHORIZATION {
                    bearer(key)
                } else {
                    key
                };
                sent |= !key.is_empty();
                if !key.is_empty() && known.has(key) {
                    admitted.headers.push(name.clone());
                }
            }
        }
        if format == ApiFormat::GEMINI {
            for key in query(&parts.uri).filter_map(|pair| pair.strip_prefix("key=")) {
                let key = percent::decode_bytes(key);
                sent |= !key.is_empty();
                admitted.query |= !key.is_empty() && known.has(&key);
            }
        }
        match (admitted.query || !admitted.headers.is_empty(), sent) {
            (true, _) => Ok(admitted),
            (false, true) => Err(Refusal::Unknown.answer(format)),
            (false, false) => Err(Refusal::Missing.answer(format)),
        }
    }
}

impl Admitted {
    /// Takes the keys out of the request, for they are nobody's business behind the gateway.
    pub(crate) fn remove_from(self, parts: &mut Parts) {
        for name in self.headers {
            parts.headers.remove(name);
        }
        if self.query {
            parts.uri = without_key(mem::take(&mut parts.uri)).unwrap_or_default();
        }
    }
}

/// The key of a bearer; nothing in other schemes.
fn bearer(value: &[u8]) -> &[u8] {
    match value.split_at_checked(7) {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case(b"bearer ") => key.trim_ascii(),
        _ => b"",
    }
}

fn query(uri: &Uri) -> impl Iterator<Item = &str> {
    uri.query().unwrap_or_default().split('&')
}

/// The address without its key. It has all other parts that it had, so it can't be invalid.
fn without_key(uri: Uri) -> Result<Uri, http::Error> {
    let others = query(&uri).filter(|pair| !pair.starts_with("key="));
    let query = others.collect::<Vec<_>>().join("&");
    let path = match &*query {
        "" => uri.path().to_owned(),
        query => format!("{}?{query}", uri.path()),
    };
    let mut parts = uri.into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path)?);
    Ok(Uri::from_parts(parts)?)
}
