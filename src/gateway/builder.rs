use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tower_layer::Layer;

#[cfg(feature = "scoreboard")]
use crate::scoreboard::Scoreboard;
use crate::{
    admission::ClientKeys,
    config::{Config, Errors},
    downstream::DownstreamService,
    drain::{Drain, DrainLayer},
    failover::FailoverLayer,
    meter::{MeterLayer, Recorder},
    plugin::Registry,
    router::{RuleRouterLayer, SharedTable},
    shadow::ShadowLayer,
    translate::TranslateLayer,
};

use super::{
    Gateway,
    incoming::Incoming,
    stack::{Settings, attempt},
};

/// Builds a [`Gateway`] from a configuration and what a configuration doesn't say.
#[derive(Debug)]
#[must_use]
pub struct Builder {
    config: Config,
    plugins: Registry,
    downstream: Option<DownstreamService>,
    meter: Option<MeterLayer>,
    body_limit: usize,
    event_limit: usize,
    failover: FailoverLayer,
    strict: bool,
}

impl Builder {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            plugins: Registry::default(),
            downstream: None,
            meter: None,
            body_limit: 32 << 20,
            event_limit: 16 << 20,
            failover: FailoverLayer::new(),
            strict: false,
        }
    }

    /// The plugins that the configuration may name. The crate's own if not given.
    pub fn plugins(mut self, plugins: Registry) -> Self {
        self.plugins = plugins;
        self
    }

    /// How to reach the providers: certificates, connections. The built-in client if not given.
    pub fn downstream(mut self, downstream: DownstreamService) -> Self {
        self.downstream = Some(downstream);
        self
    }

    /// Adds who takes note of what became of each request; it must not block. Without any it is
    /// [`TracingRecorder`](crate::meter::TracingRecorder), which has to be given beside others. The gateway's own scoreboard
    /// does it anyway.
    pub fn recorder(mut self, recorder: impl Recorder) -> Self {
        self.meter = Some(match self.meter {
            Some(meter) => meter.and(recorder),
            None => MeterLayer::new(recorder),
        });
        self
    }

    /// Most bytes of a request body, or of a response body that comes whole and is translated. Default 32 MiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Most bytes of one event of a stream. Default 16 MiB.
    pub fn event_limit(mut self, bytes: usize) -> Self {
        self.event_limit = bytes;
        self
    }

    /// How long the head of a stream is held for its first content: as long, another provider can be tried. Default 30 s.
    pub fn head_hold(mut self, limit: Duration) -> Self {
        self.failover = self.failover.head_hold(limit);
        self
    }

    /// Refuses what can't be translated without loss. Off by default.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Checks the configuration and assembles the stack.
    ///
    /// # Errors
    ///
    /// With everything that is wrong in the configuration.
    pub fn build(self) -> Result<Gateway, Errors> {
        let table = self.config.build(&self.plugins)?;
        let lints = self.config.lints(&table);
        let table = SharedTable::new(table);
        let keys = ClientKeys::new(self.config.client_keys().iter().cloned());
        let translate = TranslateLayer::selected()
            .body_limit(self.body_limit)
            .event_limit(self.event_limit)
            .strict(self.strict);
        let downstream = self.downstream.unwrap_or_default();
        let meter = self.meter.unwrap_or_default();
        #[cfg(feature = "scoreboard")]
        let scoreboard = Scoreboard::new();
        #[cfg(feature = "scoreboard")]
        let meter = meter.and(scoreboard.clone());
        let copies = meter.layer(attempt(&translate, downstream.clone()));
        let settings = Settings {
            router: RuleRouterLayer::new(table.clone())
                .body_limit(self.body_limit)
                .client_keys(keys.clone()),
            failover: self.failover.body_limit(self.body_limit),
            meter,
            drain: DrainLayer::new(Drain::new(), table.clone()),
            translate,
            downstream,
            shadow: ShadowLayer::new(copies),
            incoming: Incoming::new(self.config.timeouts()),
            table,
        };
        Ok(Gateway {
            settings,
            plugins: self.plugins,
            lints: Arc::new(ArcSwap::from_pointee(lints)),
            keys,
            #[cfg(feature = "scoreboard")]
            scoreboard,
            reloading: Arc::default(),
        })
    }
}
