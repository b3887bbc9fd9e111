use tower_layer::Layer;

use crate::{
    downstream::DownstreamService,
    drain::{self, DrainLayer, Drainable},
    failover::{Failover, FailoverLayer},
    meter::{self, Meter, MeterLayer},
    plugin::{Pipeline, PipelineLayer},
    router::{self, RuleRouter, RuleRouterLayer, SharedTable},
    shadow::{Shadow, ShadowLayer},
    translate::{Translate, TranslateLayer},
};

use super::incoming::Incoming;

/// The whole stack over a client `C`.
pub(super) type Stack<C> = Meter<Drainable<RuleRouter<Below<C>>>>;

/// What becomes of a request.
pub(super) type Answering<C> =
    meter::ResponseFuture<drain::ResponseFuture<router::ResponseFuture<Below<C>>>>;

/// What is below its router.
type Below<C> = Shadow<Failover<Attempt<C>>>;

/// What belongs to one attempt.
type Attempt<C> = Pipeline<Translate<Pipeline<DownstreamService<C>>>>;

/// The layers' settings.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) table: SharedTable,
    pub(super) meter: MeterLayer,
    pub(super) drain: DrainLayer,
    pub(super) router: RuleRouterLayer,
    pub(super) shadow: ShadowLayer,
    pub(super) failover: FailoverLayer,
    pub(super) translate: TranslateLayer,
    pub(super) downstream: DownstreamService,
    pub(super) incoming: Incoming,
}

impl Settings {
    pub(super) fn stack<C>(&self, leaf: DownstreamService<C>) -> Stack<C> {
        let failover = self.failover.layer(attempt(&self.translate, leaf));
        let router = self.router.layer(self.shadow.layer(failover));
        self.meter.layer(self.drain.layer(router))
    }
}

/// What makes up one attempt, over a leaf.
pub(super) fn attempt<C>(translate: &TranslateLayer, leaf: DownstreamService<C>) -> Attempt<C> {
    let translate = translate.layer(PipelineLayer::new().layer(leaf));
    PipelineLayer::caller_side().layer(translate)
}
