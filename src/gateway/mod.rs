//! [`Gateway`]: from a configuration to the whole stack.

mod builder;
mod in_front;
mod incoming;
mod layer;
mod service;
mod stack;

#[cfg(feature = "yaml")]
use std::path::Path;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;

#[cfg(feature = "scoreboard")]
use crate::scoreboard::{FeedbackError, ReportService, Scoreboard};
use crate::{
    admission::ClientKeys,
    config::{Config, Error, Errors},
    drain::Drained,
    plugin::Registry,
    router::{Explanation, Facts, SharedTable, UnknownAlias, WeightsError},
};

pub use builder::Builder;
pub use in_front::{InFront, ResponseFuture};
pub use layer::GatewayLayer;
pub use service::GatewayService;

use stack::Settings;

/// A configuration made into a stack of layers: router, translation, plugins, downstream.
///
/// Cheap to clone; clones share the table and the connections to the providers.
///
/// # Beside other handlers
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use tower_llm_gateway::Gateway;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let gateway = Gateway::from_yaml_file("gateway.yaml")?;
/// let app: Router = Router::new()
///     .route("/health", get(|| async { "ok" }))
///     .fallback_service(gateway.service());
/// # Ok(())
/// # }
/// ```
///
/// # In front of them
///
/// [`layer`](Self::layer) answers what is for a model and lets everything else through, untouched. What is behind it
/// may be one of the downstreams.
#[derive(Debug, Clone)]
pub struct Gateway {
    settings: Settings,
    plugins: Registry,
    lints: Arc<ArcSwap<Vec<Error>>>,
    keys: ClientKeys,
    #[cfg(feature = "scoreboard")]
    scoreboard: Scoreboard,
    /// Held by who reloads, so that keys and table are always of one configuration.
    reloading: Arc<Mutex<()>>,
}

impl Gateway {
    /// Builds from a YAML file.
    ///
    /// # Errors
    ///
    /// If the file can't be read, or with everything that is wrong in it, each with its line and column.
    #[cfg(feature = "yaml")]
    pub fn from_yaml_file(path: impl AsRef<Path>) -> Result<Self, Errors> {
        Self::builder(Config::from_yaml_file(path)?).build()
    }

    /// Builds from YAML text.
    ///
    /// # Errors
    ///
    /// With everything that is wrong in it, each with its line and column.
    #[cfg(feature = "yaml")]
    pub fn from_yaml(text: &str) -> Result<Self, Errors> {
        Self::builder(Config::from_yaml(text)?).build()
    }

    /// For everything that the configuration doesn't say: plugins, limits, how to reach the providers.
    pub fn builder(config: Config) -> Builder {
        Builder::new(config)
    }

    /// The rules and downstreams, to route by hand. Who holds a clone sees what is [reloaded](Self::reload).
    pub fn table(&self) -> &SharedTable {
        &self.settings.table
    }

    /// Replaces keys of callers, downstreams, rules, aliases and experiments, from the next request on. Requests in flight keep
    /// what decided them, and tool loops the arms that they began with; connections to providers, and alias options that
    /// were activated, stay. So do [weights that were set](Self::set_weights), unless the configuration says other arms or
    /// weights of that experiment than it did before. Which targets have failed of late is forgotten.
    ///
    /// # Errors
    ///
    /// With everything that is wrong in the configuration; nothing changes then.
    pub fn reload(&self, config: &Config) -> Result<(), Errors> {
        let table = config.build(&self.plugins)?;
        // It guards no data that a panic could have left half done.
        let reloading = self.reloading.lock();
        let _reloading = reloading.unwrap_or_else(PoisonError::into_inner);
        self.lints.store(config.lints(&table).into());
        self.settings.incoming.replace(config.timeouts());
        let keys = config.client_keys();
        // A door is closed before there is something new behind it, and opened after what was there is gone.
        if keys.is_empty() {
            self.table().store(table);
            self.keys.replace([]);
        } else {
            self.keys.replace(keys.iter().cloned());
            self.table().store(table);
        }
        // Their keys or addresses may be others now.
        self.settings.failover.forget_failures();
        Ok(())
    }

    /// The keys of which callers have to send one, as the configuration has them in `proxy_api_keys`: for all that is for a
    /// model or about models, and for nothing else. Without keys, everybody may call.
    ///
    /// They can be replaced at any time; the next [reload](Self::reload) puts those of its configuration in their place.
    pub fn client_keys(&self) -> &ClientKeys {
        &self.keys
    }

    /// Makes an option of an alias the active one, from the next request on.
    ///
    /// # Errors
    ///
    /// If no option has this id.
    pub fn activate_alias(&self, id: &str) -> Result<(), UnknownAlias> {
        self.table().activate_alias(id)
    }

    /// Gives arms of an experiment other weights, from the next request on; arms that are not named keep theirs. So a canary
    /// grows, or ends:
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let gateway = tower_llm_gateway::Gateway::from_yaml("
    /// # downstreams: [{id: openai, base_url: 'https://api.openai.com/v1'}]
    /// # rules:
    /// # - id: assistant-ab
    /// #   pattern_model: assistant
    /// #   split: {arms: [{id: control, downstream: openai, output_model: a}, {id: challenger, downstream: openai, output_model: b}]}
    /// # ")?;
    /// gateway.set_weights("assistant-ab", &[("control", 80.0), ("challenger", 20.0)])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Only as many keys move as have to, and requests within a tool loop keep the arm that it began with. It holds for this
    /// process: replicas have to be told too, or a configuration that says so has to be [reloaded](Self::reload) everywhere.
    ///
    /// # Errors
    ///
    /// If there is no such experiment or arm, or a weight is neither 0 nor from 1e-9 to 1e9, or all are 0; nothing changes
    /// then.
    pub fn set_weights(
        &self,
        experiment: &str,
        weights: &[(&str, f64)],
    ) -> Result<(), WeightsError> {
        self.table().set_weights(experiment, weights)
    }

    /// What becomes of a request now, and why. The same decides requests.
    pub fn explain(&self, facts: &Facts<'_>) -> Explanation {
        self.table().load().explain(facts)
    }

    /// What is legal in the configuration and yet looks like a mistake, and what is not read of it.
    pub fn lints(&self) -> Vec<Error> {
        self.lints.load().to_vec()
    }

    /// What became of the copies that rules with a [`shadow`](crate::shadow) send, so far.
    pub fn shadows(&self) -> crate::shadow::Counts {
        self.settings.shadow.counts()
    }

    /// How the arms of experiments do. It counts from the beginning, over every [reload](Self::reload).
    #[cfg(feature = "scoreboard")]
    pub fn scoreboard(&self) -> &Scoreboard {
        &self.scoreboard
    }

    /// Says how good the answer to a request was, from 0 (bad) to 1 (good). The id is that of its
    /// [`Summary`](crate::meter::Summary): the caller's `x-request-id`, or else one of our own. The
    /// [scoreboard](Scoreboard::feedback) says more.
    ///
    /// # Errors
    ///
    /// If no request of this id was counted of late, or the score is none.
    #[cfg(feature = "scoreboard")]
    pub fn feedback(&self, request: &str, score: f64) -> Result<(), FeedbackError> {
        self.scoreboard.feedback(request, score)
    }

    /// The figures of the [scoreboard](Self::scoreboard) for people, as a service to mount where you like: one page that
    /// asks for nothing but itself, or JSON with `?format=json`. **It asks nobody who they are**: put your authentication
    /// in front.
    ///
    /// ```
    /// # fn app(gateway: &tower_llm_gateway::Gateway) -> axum::Router {
    /// axum::Router::new()
    ///     .nest_service("/report", gateway.report())
    ///     .fallback_service(gateway.service())
    /// # }
    /// ```
    #[cfg(feature = "scoreboard")]
    pub fn report(&self) -> ReportService {
        ReportService::new(self.scoreboard.clone())
    }

    /// Takes the gateway out of service: from this call on, new requests for a model or about models are answered 503 in the
    /// caller's format; those on their way go on, and are ended after so long. The [module](crate::drain) says how.
    ///
    /// Resolves when the last answer has been read or dropped, and one second after the deadline at the latest. Of several
    /// calls the deadline that comes first counts. It holds for all services and layers of this gateway and of its
    /// clones, and there is no way back.
    ///
    /// # Cancel safety
    ///
    /// Without the future there is no deadline: requests on their way have all the time they need, and new ones are
    /// refused still.
    ///
    /// # Panics
    ///
    /// The future must be polled on a tokio runtime that has time.
    pub fn drain(&self, deadline: Duration) -> impl Future<Output = Drained> + Send + use<> {
        self.settings.drain.drain().begin(deadline)
    }

    /// Whether the gateway refuses new requests because it is [drained](Self::drain), for a health check.
    pub fn is_draining(&self) -> bool {
        self.settings.drain.drain().has_begun()
    }

    /// The stack as a service, to mount where you like. It answers 404 to what is not for a model, and 502 to what is
    /// for a handler of the host's, as it stands alone.
    pub fn service(&self) -> GatewayService {
        GatewayService::new(&self.settings)
    }

    /// The stack as a layer in front of another service, which gets all that is not for a model.
    ///
    /// # The other service as a downstream
    ///
    /// A downstream with `handler: inner` is that service: what is routed there comes in the format that it declares, at
    /// that format's path, under the model's own name, and its answers and errors are translated back. It gets what a
    /// provider would: no credentials or cookies of the caller, no hop-by-hop headers, and the `first_byte` timeout to begin
    /// in. The request's extensions are all there, so a host that has found out who the caller is writes it there; and a
    /// [`Selected`](crate::context::Selected). Where it panics, the one request fails, as when it returns an error; a panic in
    /// what is not for a model is the host's own matter.
    ///
    /// In axum, the layer goes around the whole router. (`Router::layer` would put it behind the routing: a request for
    /// `/v1/messages` would never find the route of `/v1/chat/completions`.)
    ///
    /// ```
    /// use axum::{Router, routing::post};
    /// use tower::Layer;
    /// use tower_llm_gateway::Gateway;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let gateway = Gateway::from_yaml(
    ///     "downstreams: [{id: own, handler: inner, api_formats: [openai], output_model_ids: [parrot]}]",
    /// )?;
    /// let host = Router::new().route("/v1/chat/completions", post(|| async { "…" }));
    /// let app: Router = Router::new().fallback_service(gateway.layer().layer(host));
    /// # Ok(())
    /// # }
    /// ```
    pub fn layer(&self) -> GatewayLayer {
        GatewayLayer::new(self.settings.clone())
    }
}
