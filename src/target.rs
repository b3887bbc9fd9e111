//! A downstream as data.

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderName, Uri};
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

    /// Its id.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// How its idea of its format differs from the format's own.
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
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
            .finish_non_exhaustive()
    }
}
