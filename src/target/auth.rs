use std::fmt;

use http::{HeaderName, HeaderValue, header};
use secrecy::ExposeSecret;

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

/// Hosts below these belong to Azure, which takes keys in a header of its own whatever the format is.
const AZURE: [&str; 3] = [
    ".openai.azure.com",
    ".services.ai.azure.com",
    ".cognitiveservices.azure.com",
];

impl Target {
    /// The header that its key goes into when it is spoken to in `format`, and what stands before the key; `None` if
    /// no key is sent.
    pub fn credential(&self, format: ApiFormat) -> Option<(HeaderName, &'static str)> {
        match &self.auth {
            Some(Auth::Bearer) => Some((header::AUTHORIZATION, "Bearer ")),
            Some(Auth::Header(name)) => Some((name.clone(), "")),
            Some(Auth::ForwardClient | Auth::None) => None,
            None if self.is_azure(format) => Some((HeaderName::from_static("api-key"), "")),
            None => Some(format.api().credential()),
        }
    }

    /// The header that carries its key when it is spoken to in `format`, marked as sensitive; `None` if it has no key,
    /// or takes none.
    ///
    /// # Errors
    ///
    /// If the key has characters that no header can hold.
    pub fn authorization(
        &self,
        format: ApiFormat,
    ) -> Result<Option<(HeaderName, HeaderValue)>, InvalidKey> {
        let Some((key, (name, prefix))) = self.key.as_ref().zip(self.credential(format)) else {
            return Ok(None);
        };
        let key = key.expose_secret();
        let value = HeaderValue::try_from(format!("{prefix}{key}")).ok();
        let mut value = value.filter(|_| key.is_ascii()).ok_or(InvalidKey)?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }

    pub(super) fn is_azure(&self, format: ApiFormat) -> bool {
        let host = self.host(format);
        AZURE.iter().any(|domain| host.ends_with(domain))
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
