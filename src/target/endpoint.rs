use http::{HeaderName, HeaderValue, Uri, header};
use secrecy::{ExposeSecret, SecretString};

use crate::format::ApiFormat;

use super::{
    Target,
    address::Address,
    auth::{Auth, InvalidKey},
    key::Key,
    url::{self, InvalidUrl},
};

/// One of the ways to a downstream: an address and a key. Most downstreams have one.
#[derive(Clone, Copy)]
pub struct Endpoint<'a> {
    target: &'a Target,
    /// What it has of its own.
    own: Option<&'a Way>,
}

/// What a further endpoint has of its own; the rest is as at the first.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) address: Option<Address>,
    pub(super) key: Option<Key>,
}

/// Hosts below these belong to Azure, which takes keys in a header of its own whatever the format is.
const AZURE: [&str; 3] = [
    ".openai.azure.com",
    ".services.ai.azure.com",
    ".cognitiveservices.azure.com",
];

impl Target {
    /// Adds an endpoint: another address, another key, or both; what is not given is as at the first. Requests are
    /// spread over all of them, by how soon each answers.
    #[must_use]
    pub fn with_endpoint(mut self, base_url: Option<Uri>, key: Option<SecretString>) -> Self {
        let (address, key) = (base_url.map(Address::new), key.map(Key::new));
        self.more.push(Way { address, key });
        self
    }

    /// How many endpoints it has, the first included.
    pub fn endpoints(&self) -> usize {
        1 + self.more.len()
    }

    /// The endpoint of this number, from 0; the first if there are not so many.
    pub fn endpoint(&self, number: usize) -> Endpoint<'_> {
        let own = number.checked_sub(1).and_then(|at| self.more.get(at));
        Endpoint { target: self, own }
    }
}

impl<'a> Endpoint<'a> {
    pub(super) fn address(self, format: ApiFormat) -> Option<&'a Address> {
        let own = self.own.and_then(|own| own.address.as_ref());
        own.or_else(|| self.target.address(format))
    }

    /// Its key.
    pub fn key(self) -> Option<&'a SecretString> {
        self.prepared_key().map(Key::secret)
    }

    fn prepared_key(self) -> Option<&'a Key> {
        let own = self.own.and_then(|own| own.key.as_ref());
        own.or(self.target.key.as_ref())
    }

    /// The URL for a path of `format`. Segments at the end of the base URL that the path begins with are
    /// said once (`https://host/v1` and `/v1/messages` give `https://host/v1/messages`), and a base URL that ends in
    /// another version than the path begins with keeps its own. Its query is kept. For the host's own handler it is the path.
    ///
    /// # Errors
    ///
    /// If the base URL was refused, or the path has characters that no URL can hold.
    pub fn url(self, format: ApiFormat, path_and_query: &str) -> Result<Uri, InvalidUrl> {
        let Some(address) = self.address(format) else {
            return url::path(path_and_query);
        };
        address.join(path_and_query)
    }

    /// The header that its key goes into when it is spoken to in `format`, and what stands before the key; `None` if
    /// no key is sent.
    pub fn credential(self, format: ApiFormat) -> Option<(HeaderName, &'static str)> {
        match &self.target.auth {
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
        self,
        format: ApiFormat,
    ) -> Result<Option<(HeaderName, HeaderValue)>, InvalidKey> {
        let Some((key, (name, prefix))) = self.prepared_key().zip(self.credential(format)) else {
            return Ok(None);
        };
        Ok(Some((name, key.behind(prefix)?)))
    }

    /// Whether another one of this target is at the same address.
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn has_address_of(self, other: Self, format: ApiFormat) -> bool {
        let url = |endpoint: Self| endpoint.address(format).map(|address| &address.url);
        url(self) == url(other)
    }

    /// Whether another one of this target has the same key.
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn has_key_of(self, other: Self) -> bool {
        let key = |endpoint: Self| endpoint.key().map(ExposeSecret::expose_secret);
        key(self) == key(other)
    }

    pub(super) fn is_azure(self, format: ApiFormat) -> bool {
        let host = self.host(format);
        AZURE.iter().any(|domain| host.ends_with(domain))
    }

    pub(super) fn host(self, format: ApiFormat) -> &'a str {
        self.address(format).map(Address::host).unwrap_or_default()
    }
}

impl std::fmt::Debug for Endpoint<'_> {
    /// Shows neither the address, in which people put keys, nor the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("target", &self.target.id)
            .field("has_key", &self.key().is_some())
            .finish_non_exhaustive()
    }
}
