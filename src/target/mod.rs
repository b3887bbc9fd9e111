//! A downstream as data.

use std::{borrow::Cow, cmp::Reverse, fmt, sync::Arc};

use http::Uri;
use secrecy::SecretString;

use crate::{
    format::{ApiFormat, Dialect, ModelCaps},
    ir::LossPolicy,
    policy::{Ejection, Retry, Timeouts},
};

mod address;
mod auth;
mod endpoint;
#[cfg(feature = "router")]
mod exposure;
mod glob;
mod key;
mod prices;
mod url;

pub(crate) use glob::Glob;
pub(crate) use url::below_version;

pub use auth::{Auth, InvalidKey};
pub use endpoint::Endpoint;
pub use prices::Prices;
pub use url::InvalidUrl;

use address::Address;
use endpoint::Way;
use key::Key;

/// A downstream: a provider's address, what it speaks, and the key to it; or the host's own handler.
#[derive(Clone)]
pub struct Target {
    id: Arc<str>,
    /// `None` if it is the host's own handler.
    address: Option<Address>,
    format_addresses: Vec<(ApiFormat, Address)>,
    formats: Vec<ApiFormat>,
    models: Vec<Arc<str>>,
    key: Option<Key>,
    /// Endpoints besides the first.
    more: Vec<Way>,
    auth: Option<Auth>,
    timeouts: Timeouts,
    retry: Retry,
    ejection: Ejection,
    max_in_flight: Option<usize>,
    dialect: Dialect,
    /// What models of these names can do, the narrowest first.
    model_caps: Vec<(Glob, ModelCaps)>,
    /// What models of these names cost, the narrowest first.
    prices: Vec<(Glob, Prices)>,
    token_count: TokenCount,
    losses: LossPolicy,
    tolerated: Arc<[Box<str>]>,
    enabled: bool,
}

/// Who counts tokens when a caller asks how many a prompt has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TokenCount {
    /// The provider. Where its format has no such endpoint, the answer is an error.
    #[default]
    Provider,
    /// Nobody: the number is estimated from the length of the prompt, and the provider is not asked.
    Estimate,
}

impl Target {
    /// A downstream at `base_url` that speaks whatever it is spoken to, without a key.
    ///
    /// An address that [`check_base_url`](Self::check_base_url) refuses is never called: [`url`](Self::url) fails.
    pub fn new(id: impl Into<Arc<str>>, base_url: Uri) -> Self {
        Self::at(id.into(), Some(Address::new(base_url)))
    }

    /// The service that the gateway is [in front of](crate::gateway::Gateway::layer): requests go there at the path of
    /// the format that it declares, without leaving the process.
    pub fn handler(id: impl Into<Arc<str>>) -> Self {
        Self::at(id.into(), None)
    }

    fn at(id: Arc<str>, address: Option<Address>) -> Self {
        Self {
            id,
            address,
            format_addresses: Vec::new(),
            formats: Vec::new(),
            models: Vec::new(),
            key: None,
            more: Vec::new(),
            auth: None,
            timeouts: Timeouts::new(),
            retry: Retry::new(),
            ejection: Ejection::new(),
            max_in_flight: None,
            dialect: Dialect::default(),
            model_caps: Vec::new(),
            prices: Vec::new(),
            token_count: TokenCount::default(),
            losses: LossPolicy::default(),
            tolerated: Arc::default(),
            enabled: true,
        }
    }

    /// Checks an address before it is used. (A fragment is not seen here: a [`Uri`] has none.)
    ///
    /// # Errors
    ///
    /// If it isn't `http` or `https`, names no host, holds a user name or password, or its path has `.` or `..`.
    pub fn check_base_url(base_url: &Uri) -> Result<(), InvalidUrl> {
        url::Base::new(base_url).map(drop)
    }

    /// Says which formats it speaks, best first. Without any, it speaks what the caller speaks.
    #[must_use]
    pub fn with_formats(mut self, formats: Vec<ApiFormat>) -> Self {
        self.formats = formats;
        self
    }

    /// Says that it speaks `format` at another address than the rest.
    #[must_use]
    pub fn with_format_url(mut self, format: ApiFormat, base_url: Uri) -> Self {
        let address = Address::new(base_url);
        self.format_addresses.push((format, address));
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
        self.key = Some(Key::new(key));
        self
    }

    /// Says how it takes its key. Default: as the format does, and on Azure's hosts as `api-key`.
    #[must_use]
    pub fn with_auth(mut self, auth: Auth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// Limits the time that each part of an exchange with it may take.
    #[must_use]
    pub fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Says how often a request to it is tried.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Says when it is left alone for a while.
    #[must_use]
    pub fn with_ejection(mut self, ejection: Ejection) -> Self {
        self.ejection = ejection;
        self
    }

    /// Sends it at most so many requests at once, at least one. A request is there until the last byte of its answer;
    /// those that come meanwhile wait in line, for as long as [`Phase::PoolWait`](crate::policy::Phase::PoolWait)
    /// allows. Default: no limit.
    #[must_use]
    pub fn with_max_in_flight(mut self, requests: usize) -> Self {
        self.max_in_flight = Some(requests);
        self
    }

    /// Says how it departs from the formats' owners.
    #[must_use]
    pub fn with_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Says what a model can do, where that is not as its name tells. A `*` in `model` stands for any run of characters;
    /// the narrowest name that says something of an ability counts, then the dialect.
    #[must_use]
    pub fn with_model_caps(mut self, model: &str, caps: ModelCaps) -> Self {
        self.model_caps.push((Glob::new(model), caps));
        self.model_caps
            .sort_by_key(|(glob, _)| Reverse(glob.narrowness()));
        self
    }

    /// Says who counts tokens.
    #[must_use]
    pub fn with_token_count(mut self, token_count: TokenCount) -> Self {
        self.token_count = token_count;
        self
    }

    /// Says what is done about losses in translation to it.
    #[must_use]
    pub fn with_losses(mut self, losses: LossPolicy) -> Self {
        self.losses = losses;
        self
    }

    /// Says which fields may be lost even where losses are refused, as
    /// [`Losses::tolerating`](crate::ir::Losses::tolerating) takes them.
    #[must_use]
    pub fn with_tolerated(mut self, fields: impl Into<Arc<[Box<str>]>>) -> Self {
        self.tolerated = fields.into();
        self
    }

    /// Switches it on or off; on if not said. Nothing is routed to one that is off.
    #[must_use]
    pub fn with_enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Whether it is switched on.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// Its id.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Whether it is the host's own handler.
    pub fn is_handler(&self) -> bool {
        self.address.is_none()
    }

    /// Its address for a format, which that format's paths are joined to; `None` if it is the host's own handler.
    pub fn base_url(&self, format: ApiFormat) -> Option<&Uri> {
        self.address(format).map(|address| &address.url)
    }

    fn address(&self, format: ApiFormat) -> Option<&Address> {
        let mut own = self.format_addresses.iter();
        let own = own.find(|(of, _)| *of == format).map(|(_, own)| own);
        own.or(self.address.as_ref())
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
        self.key.as_ref().map(Key::secret)
    }

    /// How it takes its key, if somebody said so; [`credential`](Self::credential) knows the default too.
    pub fn auth(&self) -> Option<&Auth> {
        self.auth.as_ref()
    }

    /// How long each part of an exchange with it may take.
    pub fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// How often a request to it is tried.
    pub fn retry(&self) -> &Retry {
        &self.retry
    }

    /// When it is left alone for a while.
    pub fn ejection(&self) -> Ejection {
        self.ejection
    }

    /// How many requests it gets at once, if that is limited.
    pub fn max_in_flight(&self) -> Option<usize> {
        self.max_in_flight
    }

    /// How it departs from the formats' owners.
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// The same for one model in one format, with what is known of it.
    pub fn dialect_for(&self, format: ApiFormat, model: &str) -> Cow<'_, Dialect> {
        let known = self.model_caps.iter();
        let matching = known.filter(|(glob, _)| glob.matches(model));
        let caps = matching.fold(ModelCaps::default(), |caps, (_, more)| caps.or(*more));
        let knows_thoughts = self.dialect.knows_thoughts && !self.is_openai(format);
        if caps == ModelCaps::default() && knows_thoughts == self.dialect.knows_thoughts {
            return Cow::Borrowed(&self.dialect);
        }
        Cow::Owned(Dialect {
            caps: caps.or(self.dialect.caps),
            knows_thoughts,
            ..self.dialect.clone()
        })
    }

    /// Who counts tokens.
    pub fn token_count(&self) -> TokenCount {
        self.token_count
    }

    /// What is done about losses in translation to it.
    pub fn losses(&self) -> LossPolicy {
        self.losses
    }

    /// Fields that may be lost even where losses are refused.
    pub fn tolerated(&self) -> &Arc<[Box<str>]> {
        &self.tolerated
    }

    /// The URL for a path of `format` at its first endpoint; see [`Endpoint::url`].
    ///
    /// # Errors
    ///
    /// If the base URL was refused, or the path has characters that no URL can hold.
    pub fn url(&self, format: ApiFormat, path_and_query: &str) -> Result<Uri, InvalidUrl> {
        self.endpoint(0).url(format, path_and_query)
    }

    /// Whether OpenAI's API itself is there, and no server that is like it.
    fn is_openai(&self, format: ApiFormat) -> bool {
        let first = self.endpoint(0);
        first.host(format) == "api.openai.com" || first.is_azure(format)
    }

    /// A host of its addresses to which what it is sent can be read on the way.
    #[cfg(feature = "router")]
    pub(crate) fn exposed_host(&self) -> Option<String> {
        let own = self.format_addresses.iter().map(|(_, own)| own);
        let more = self.more.iter().filter_map(|way| way.address.as_ref());
        let mut all = self.address.iter().chain(own).chain(more);
        let exposed = all.find(|address| address.is_exposed())?;
        Some(exposed.host().to_owned())
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

#[cfg(test)]
mod tests;
