use std::fmt;

use http::{HeaderName, HeaderValue};

use crate::format::ApiFormat;

use super::Target;

/// How a downstream takes its key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// `authorization: Bearer KEY`.
    Bearer,
    /// The bare key in this header.
    Header(HeaderName),
    /// The caller's own credential is forwarded, and no key is added.
    ForwardClient,
    /// No key at all.
    None,
}

impl Target {
    /// The header that the key of its first endpoint goes into; see [`Endpoint::credential`](super::Endpoint::credential).
    pub fn credential(&self, format: ApiFormat) -> Option<(HeaderName, &'static str)> {
        self.endpoint(0).credential(format)
    }

    /// The header that carries the key of its first endpoint; see
    /// [`Endpoint::authorization`](super::Endpoint::authorization).
    ///
    /// # Errors
    ///
    /// If the key has characters that no header can hold.
    pub fn authorization(
        &self,
        format: ApiFormat,
    ) -> Result<Option<(HeaderName, HeaderValue)>, InvalidKey> {
        self.endpoint(0).authorization(format)
    }
}

/// A key has characters that no header can hold. Doesn't show the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidKey;

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key has characters that no header can hold")
    }
}

impl std::error::Error for InvalidKey {}
