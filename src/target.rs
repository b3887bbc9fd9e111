//! A downstream as data.

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderName, Uri, header};
use secrecy::SecretString;

use crate::format::{ApiFormat, Dialect};

/// A downstream: a provider's address, what it speaks, and the key to it.
#[derive(Clone)]
pub struct Target {
    id: Arc<str>,
    base_url: Uri,
    formats: Vec<ApiFormat>,
    models: Vec<Arc<str>>,
    key: Option<SecretString>,
    auth: Option<Auth>,
    connect_timeout: Duration,
    first_byte_timeout: Duration,
    dialect: Dialect,
}

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
    /// A downstream at `base_url` that speaks whatever it is spoken to, without a key.
    pub fn new(id: impl Into<Arc<str>>, base_url: Uri) -> Self {
        Self {
            id: id.into(),
            base_url,
            formats: Vec::new(),
            models: Vec::new(),
            key: None,
            auth: None,
            connect_timeout: Duration::from_secs(5),
            first_byte_timeout: Duration::from_secs(600),
            dialect: Dialect::default(),
        }
    }

    /// Says which formats it speaks, best first. Without any, it speaks what the caller speaks.
    #[must_use]
    pub fn with_formats(mut self, formats: Vec<ApiFormat>) -> Self {
        self.formats = formats;
        self
    }

    /// Says which models it has. Routing looks here; a request is sent under any name.
    #[must_use]
    pub fn with_models(mut self, models: Vec<Arc<str>>) -> Self {
        self.models = models;
        self
    }

    /// Adds the key that is sent instead of the caller's credential.
    #[must_use]
    pub fn with_key(mut self, key: SecretString) -> Self {
        self.key = Some(key);
        self
    }

    /// Says how it takes its key. Default: as the format does, and on Azure's hosts as `api-key`.
    #[must_use]
    pub fn with_auth(mut self, auth: Auth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// Limits the time to make a connection, TLS included. Default 5 s.
    #[must_use]
    pub fn with_connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Limits the time from the call to the response's head. Default 600 s: an answer that is not streamed has no head
    /// until the model is done thinking and writing, and the providers' own clients wait that long.
    #[must_use]
    pub fn with_first_byte_timeout(mut self, limit: Duration) -> Self {
        self.first_byte_timeout = limit;
        self
    }

    /// Says how it departs from the formats' owners.
    #[must_use]
    pub fn with_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Its id.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Its address, which the formats' paths are joined to.
    pub fn base_url(&self) -> &Uri {
        &self.base_url
    }

    /// The formats that it speaks; empty if it doesn't say.
    pub fn formats(&self) -> &[ApiFormat] {
        &self.formats
    }

    /// The models that it has; empty if it doesn't say.
    pub fn models(&self) -> &[Arc<str>] {
        &self.models
    }

    /// Its key.
    pub fn key(&self) -> Option<&SecretString> {
        self.key.as_ref()
    }

    /// How it takes its key, if somebody said so; [`credential`](Self::credential) knows the default too.
    pub fn auth(&self) -> Option<&Auth> {
        self.auth.as_ref()
    }

    /// Longest time to make a connection.
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// Longest time from the call to the response's head.
    pub fn first_byte_timeout(&self) -> Duration {
        self.first_byte_timeout
    }

    /// How it departs from the formats' owners.
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// The header that its key goes into when it is spoken to in `format`, and what stands before the key; `None` if
    /// no key is sent.
    pub fn credential(&self, format: ApiFormat) -> Option<(HeaderName, &'static str)> {
        match &self.auth {
            Some(Auth::Bearer) => Some((header::AUTHORIZATION, "Bearer ")),
            Some(Auth::Header(name)) => Some((name.clone(), "")),
            Some(Auth::ForwardClient | Auth::None) => None,
            None if self.is_azure() => Some((HeaderName::from_static("api-key"), "")),
            None => Some(format.api().credential()),
        }
    }

    fn is_azure(&self) -> bool {
        let host = self.base_url.host().unwrap_or_default();
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        AZURE.iter().any(|domain| host.ends_with(domain))
    }

    /// The format to speak to it for a caller of `client`: the caller's own if it speaks that or doesn't say, else the
    /// first it speaks in the caller's order of preference.
    pub fn format_for(&self, client: ApiFormat) -> ApiFormat {
        if self.formats.is_empty() || self.formats.contains(&client) {
            return client;
        }
        let mut preferred = client.api().preferences().iter();
        let best = preferred.find_map(|id| self.formats.iter().find(|format| format.id() == *id));
        best.or(self.formats.first()).copied().unwrap_or(client)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("id", &self.id)
            .field("formats", &self.formats)
            .field("models", &self.models)
            .field("has_key", &self.key.is_some())
            .field("auth", &self.auth)
            .finish_non_exhaustive()
    }
}
