//! What one layer tells the next, as typed extensions of the request or response.
//!
//! | type | on | written by | read by | if absent |
//! |---|---|---|---|---|
//! | [`Selected`] | request | `RuleRouter`, or the host | `Translate`, `Pipeline`, `DownstreamService` | layers pass through; the leaf answers an error |
//! | [`Plugins`](crate::plugin::Plugins) | request | `RuleRouter`, or the host | `Pipeline` | no plugins |
//! | [`CallerPlugins`](crate::plugin::CallerPlugins) | request | `RuleRouter`, or the host | `Pipeline` on the caller's side | no plugins there |
//! | [`Progress`] | request | who makes attempts | `Translate`, `DownstreamService` | heads are not held for content |
//! | [`WantsTally`] | request | `Meter` | who makes attempts | nobody counts what answers come to |
//! | [`Fallbacks`](crate::failover::Fallbacks) | request | `RuleRouter`, or the host | `Failover` | one target only |
//! | [`Copied`](crate::router::Copied) | request | `RuleRouter` | `Shadow`; on a copy: `Meter` | nothing is copied |
//! | [`Trail`](crate::router::Trail) | request | `Meter` or `Drainable`, then `RuleRouter` | who put it in | nobody is told before there is a response |
//! | [`Shutdown`](crate::downstream::Shutdown) | request | `Drainable` | `DownstreamService`, the host's handler | it is never cut |
//! | [`Subject`](crate::experiment::Subject) | request | the host | `RuleRouter` | experiments look elsewhere for whose request it is |
//! | [`ArmOverride`](crate::experiment::ArmOverride) | request | the host | `RuleRouter` | the arm is drawn, or the caller chooses |
//! | where the model is named, which the crate keeps to itself | request | `RuleRouter` | `Translate` | the body is read once more |
//! | [`ConfiguredHeaders`] | request | plugins | plugins, `Translate`, `DownstreamService` | configuration has set no headers |
//! | [`Served`](crate::router::Served) | response | `RuleRouter` | the host | nobody routed it |
//! | [`Attempts`](crate::failover::Attempts) | request | the host | `Failover` | what fails or is given up shows none |
//! | [`Attempts`](crate::failover::Attempts) | response | `Failover` | the host | nobody made attempts |
//! | [`Error`](crate::ir::Error) | response | `Translate`, who refuses | `Failover`, `Meter` | the body says it, or it is none |
//! | [`Progress`] | response | who makes attempts: that of the last | `Meter` | a body that ends is taken for whole |
//! | [`Losses`](crate::ir::Losses) | response | `Translate` | the host | nothing was lost |

#[cfg(feature = "router")]
pub(crate) mod id;
mod progress;
mod tally;
#[cfg(feature = "router")]
pub(crate) mod trail;

use std::{borrow::Cow, iter, sync::Arc, time::Duration};

use http::{Extensions, HeaderName, Uri};

use crate::{
    format::{ApiFormat, Operation, common::percent},
    ir::LossPolicy,
    policy::{Phase, Retry, Timeouts},
    target::{self, Endpoint, InvalidUrl, Target},
};

pub use progress::{End, Progress};
pub use tally::{Tally, WantsTally};

/// Where a request goes and in which format. Written once, by whoever routes; read by every layer below. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Selected {
    // Who routes fills it in where it stays: by the methods below it would be moved once for each.
    target: Arc<Target>,
    client: ApiFormat,
    pub(crate) provider: ApiFormat,
    pub(crate) operation: Operation,
    pub(crate) asked: Option<Arc<str>>,
    pub(crate) model: Option<Arc<str>>,
    pub(crate) stream: bool,
    endpoint: usize,
    /// What is left of the time for all attempts.
    left: Option<Duration>,
    pub(crate) terms: Option<Arc<Terms>>,
}

/// What is said of an exchange besides where it goes: mostly nothing, or what a rule says to all of its requests.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Terms {
    pub(crate) losses: LossPolicy,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: Retry,
}

#[cfg_attr(not(feature = "router"), allow(dead_code))]
impl Terms {
    /// What this says, and where it says nothing, what `other` says.
    pub(crate) fn or(self, other: &Self) -> Self {
        Self {
            losses: self.losses.or(other.losses),
            timeouts: self.timeouts.or(other.timeouts),
            retry: self.retry.or(&other.retry),
        }
    }
}

impl Selected {
    /// A request of format `client` goes to `target`, in the format that it speaks best for this caller.
    pub fn new(target: Arc<Target>, client: ApiFormat) -> Self {
        let provider = target.format_for(client);
        Self {
            target,
            client,
            provider,
            operation: Operation::Generate,
            asked: None,
            model: None,
            stream: false,
            endpoint: 0,
            left: None,
            terms: None,
        }
    }

    /// In this format, whatever the target says of itself.
    #[must_use]
    pub fn with_provider(mut self, provider: ApiFormat) -> Self {
        self.provider = provider;
        self
    }

    /// For this operation; [`Operation::Generate`] if not said.
    #[must_use]
    pub fn with_operation(mut self, operation: Operation) -> Self {
        self.operation = operation;
        self
    }

    /// For the model of this name, as the caller has it; unknown if not said. Who says it has read the request: then no
    /// [stream](Self::with_stream) means that none is asked for, and one that comes even so is made whole.
    #[must_use]
    pub fn with_asked(mut self, model: impl Into<Arc<str>>) -> Self {
        self.asked = Some(model.into());
        self
    }

    /// Under this model name; the caller's if not said.
    #[must_use]
    pub fn with_model(mut self, model: impl Into<Arc<str>>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// As a stream, which some formats say in the path; not if not said.
    #[must_use]
    pub fn with_stream(mut self, stream: bool) -> Self {
        self.stream = stream;
        self
    }

    /// With this said of losses in translation; what the target says if not said.
    #[must_use]
    pub fn with_losses(mut self, losses: LossPolicy) -> Self {
        self.terms_mut().losses = losses;
        self
    }

    /// With these limits of time; what the target says if not said.
    #[must_use]
    pub fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        self.terms_mut().timeouts = timeouts;
        self.left = None;
        self
    }

    /// With no more time than this for [`Phase::Total`], whatever else is said of it.
    #[cfg(feature = "client")]
    pub(crate) fn with_time_left(mut self, left: Duration) -> Self {
        self.left = Some(left);
        self
    }

    /// With this said of further tries; what the target says if not said.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.terms_mut().retry = retry;
        self
    }

    /// At this endpoint of the target, by its number; the first if not said.
    #[must_use]
    pub fn with_endpoint(mut self, number: usize) -> Self {
        self.endpoint = number;
        self
    }

    fn terms_mut(&mut self) -> &mut Terms {
        Arc::make_mut(self.terms.get_or_insert_default())
    }

    fn terms(&self) -> Option<&Terms> {
        self.terms.as_deref()
    }

    /// The selection of this request, if somebody made one.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// Where it goes.
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// Which of the target's endpoints it goes to.
    pub fn endpoint(&self) -> Endpoint<'_> {
        self.target.endpoint(self.endpoint)
    }

    /// The number of that endpoint, from 0.
    pub fn endpoint_number(&self) -> usize {
        self.endpoint
    }

    /// The format that the caller speaks.
    pub fn client(&self) -> ApiFormat {
        self.client
    }

    /// The format that the provider is spoken to.
    pub fn provider(&self) -> ApiFormat {
        self.provider
    }

    /// What is asked for.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The model that the caller asked for, if anybody has read the request.
    pub fn asked(&self) -> Option<&Arc<str>> {
        self.asked.as_ref()
    }

    /// The model name to send; `None` sends the caller's.
    pub fn model(&self) -> Option<&Arc<str>> {
        self.model.as_ref()
    }

    /// The name that the provider gets, as far as it is known: the one to send, or else the caller's.
    pub fn model_sent(&self) -> Option<&Arc<str>> {
        self.model.as_ref().or(self.asked.as_ref())
    }

    /// Whether somebody has read the request, and knows what it asks for.
    pub(crate) fn is_read(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether the caller asked for a stream.
    pub fn stream(&self) -> bool {
        self.stream
    }

    /// What is done about losses in translation.
    pub fn losses(&self) -> LossPolicy {
        let said = self.terms().map_or(LossPolicy::new(), |terms| terms.losses);
        said.or(self.target.losses())
    }

    /// How long each part of the exchange may take.
    pub fn timeouts(&self) -> Timeouts {
        let said = |timeouts: Timeouts, phase| match self.said(phase) {
            Some(limit) => timeouts.with(phase, limit),
            None => timeouts,
        };
        Phase::ALL.into_iter().fold(Timeouts::new(), said)
    }

    /// What is said of one part, as [`timeouts`](Self::timeouts) has it.
    pub(crate) fn said(&self, phase: Phase) -> Option<Duration> {
        let is_total = phase == Phase::Total;
        let left = self.left.filter(|_| is_total);
        let terms = || self.terms()?.timeouts.said(phase);
        let said = left.or_else(terms);
        let said = said.or_else(|| self.target.timeouts().said(phase));
        said.or(match self.operation {
            Operation::Generate | Operation::CountTokens => None,
            // Nobody has looked whether it is a stream, or how large the file is.
            _ => is_total.then_some(Timeouts::NEVER),
        })
    }

    /// How long one part may take, as [`timeouts`](Self::timeouts) says.
    #[cfg(feature = "client")]
    pub(crate) fn limit(&self, phase: Phase) -> Option<Duration> {
        phase.limit(self.said(phase), self.stream)
    }

    /// How often it is tried.
    pub fn retry(&self) -> Retry {
        let own = self.target.retry();
        self.terms()
            .map_or_else(|| own.clone(), |terms| terms.retry.or(own))
    }

    /// What is said of further tries in one respect, as [`retry`](Self::retry) has it.
    #[cfg(feature = "client")]
    pub(crate) fn of_retry<'a, T>(&'a self, said: impl Fn(&'a Retry) -> Option<T>) -> Option<T> {
        let own = self.terms().and_then(|terms| said(&terms.retry));
        own.or_else(|| said(self.target.retry()))
    }

    /// The URL at which the provider gets the request that has come in, or been translated, at this path and query. The
    /// model that the provider's path may name is the selected one, or else the one in `path`. Of the query only
    /// what providers understand is kept, and never a key.
    ///
    /// # Errors
    ///
    /// As [`Target::url`].
    pub fn url(&self, path: &str, query: Option<&str>) -> Result<Uri, InvalidUrl> {
        if self.operation == Operation::Unknown {
            return self.same_url(path, query);
        }
        let api = self.provider.api();
        let model = match self.model() {
            Some(model) => Some(Cow::Borrowed(&**model)),
            None => self.model_in(path),
        };
        let model = model.unwrap_or_default();
        let mut url = api.path(self.operation, &model, self.stream);
        // Who speaks the provider's format chooses between an array and events, as the query of its path says.
        let is_array = api.is_json_array(query) && api.detect(path).is_some();
        if is_array && let Some(end) = url.find('?') {
            url.to_mut().truncate(end);
        }
        let allowed = |query| allowed_query(self.operation, query);
        for pair in query.into_iter().flat_map(allowed) {
            let separator = if url.contains('?') { '&' } else { '?' };
            let url = url.to_mut();
            url.push(separator);
            url.push_str(pair);
        }
        self.endpoint().url(self.provider, &url)
    }

    /// The URL of what nothing is known of: the path as it is, from the version on, but for the model in it.
    fn same_url(&self, path: &str, query: Option<&str>) -> Result<Uri, InvalidUrl> {
        let path = target::below_version(path).unwrap_or(path);
        let renamed = |model: &Arc<str>| self.client.api().path_with_model(path, model);
        let renamed = self.model().and_then(renamed);
        let mut url = renamed.unwrap_or_else(|| path.to_owned());
        for (index, pair) in allowed_query(self.operation, query.unwrap_or_default()).enumerate() {
            url.push(if index == 0 { '?' } else { '&' });
            url.push_str(pair);
        }
        self.endpoint().url(self.provider, &url)
    }

    /// The model that a path names. A translated request has the provider's path, one that passes through the caller's.
    fn model_in<'a>(&self, path: &'a str) -> Option<Cow<'a, str>> {
        let callers = Some(self.client).filter(|client| *client != self.provider);
        let mut formats = iter::once(self.provider).chain(callers);
        formats.find_map(|format| format.api().detect(path)?.model)
    }
}

/// The part of a caller's query that means something to a provider; never a key. What is translated keeps little, the
/// rest keeps all but the version of Azure's dated API, which means nothing elsewhere.
fn allowed_query(operation: Operation, query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(move |pair| {
        let name = percent::decode(pair.split('=').next().unwrap_or_default());
        match operation {
            Operation::Generate | Operation::CountTokens => name == "beta",
            Operation::Other(_) if name == "api-version" => false,
            _ => !name.is_empty() && !is_key(&name),
        }
    })
}

/// Whether a parameter of a query holds a credential.
fn is_key(name: &str) -> bool {
    let name = name.trim_start_matches('$').to_ascii_lowercase();
    matches!(
        &*name,
        "key" | "api_key" | "api-key" | "apikey" | "access_token" | "oauth_token"
    )
}

/// Names of request headers that configuration has set or removed. What the first layer says of a header counts:
/// later layers leave it as it is.
#[derive(Debug, Clone, Default)]
pub struct ConfiguredHeaders(Vec<HeaderName>);

impl ConfiguredHeaders {
    /// Adds a name; false if it was there, and so is settled.
    pub fn insert(&mut self, name: HeaderName) -> bool {
        let is_new = !self.contains(&name);
        if is_new {
            self.0.push(name);
        }
        is_new
    }

    /// Whether configuration has settled this header.
    pub fn contains(&self, name: &HeaderName) -> bool {
        self.0.contains(name)
    }
}
