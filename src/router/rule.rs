use std::{fmt, sync::Arc};

use crate::{
    format::ApiFormat,
    ir::LossPolicy,
    plugin::{PluginLayer, Translator},
    policy::{Retry, Timeouts},
};

use super::{
    Fallback, Shadow, Split,
    matching::{Narrowness, Pattern},
};

/// A rule: which requests it means, where they go, and what happens to them on the way.
#[derive(Debug, Clone)]
pub struct Rule {
    pub(super) id: Arc<str>,
    pub(super) name: Option<Arc<str>>,
    pub(super) enabled: bool,
    pub(super) path: Pattern,
    pub(super) models: Option<Vec<Pattern>>,
    pub(super) formats: Vec<ApiFormat>,
    pub(super) downstream_formats: Vec<ApiFormat>,
    pub(super) downstreams: Option<Vec<Arc<str>>>,
    pub(super) split: Option<Split>,
    pub(super) output_model: Option<OutputModel>,
    pub(super) fallbacks: Option<Vec<Fallback>>,
    pub(super) shadow: Option<Shadow>,
    pub(super) pipeline: Vec<Step>,
    pub(super) losses: LossPolicy,
    pub(super) timeouts: Timeouts,
    pub(super) retry: Retry,
}

/// The model name that goes to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputModel {
    /// The caller's.
    Requested,
    /// This one.
    Named(Arc<str>),
}

/// One entry of a rule's pipeline.
#[derive(Clone)]
#[non_exhaustive]
pub enum Step {
    /// A leg of the translation that the rule asks for by name.
    Translator {
        /// The name it is asked for by.
        id: Arc<str>,
        /// The pair of formats.
        translator: Translator,
    },
    /// A layer around the downstream.
    Plugin {
        /// Its name.
        id: Arc<str>,
        /// The layer.
        layer: PluginLayer,
    },
}

impl Rule {
    /// A rule that matches everything and does nothing.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self {
            id: id.into(),
            name: None,
            enabled: true,
            path: Pattern::ANY,
            models: None,
            formats: Vec::new(),
            downstream_formats: Vec::new(),
            downstreams: None,
            split: None,
            output_model: None,
            fallbacks: None,
            shadow: None,
            pipeline: Vec::new(),
            losses: LossPolicy::default(),
            timeouts: Timeouts::new(),
            retry: Retry::new(),
        }
    }

    /// With a name for people.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Switched on or off.
    #[must_use]
    pub fn with_enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Only for these paths.
    #[must_use]
    pub fn with_path(mut self, path: Pattern) -> Self {
        self.path = path;
        self
    }

    /// Only for models that one of these matches. Even [`Pattern::ANY`] differs from saying nothing: a rule that says
    /// it can route models that nobody owns.
    #[must_use]
    pub fn with_models(mut self, models: Vec<Pattern>) -> Self {
        self.models = Some(models);
        self
    }

    /// Only for callers of these formats.
    #[must_use]
    pub fn with_formats(mut self, formats: Vec<ApiFormat>) -> Self {
        self.formats = formats;
        self
    }

    /// Only where the provider is spoken to in one of these formats.
    #[must_use]
    pub fn with_downstream_formats(mut self, formats: Vec<ApiFormat>) -> Self {
        self.downstream_formats = formats;
        self
    }

    /// Only to these downstreams, by id. A set: its order means nothing. What is tried when one fails is
    /// [`with_fallback`](Self::with_fallback)'s.
    #[must_use]
    pub fn with_downstreams(mut self, downstreams: Vec<Arc<str>>) -> Self {
        self.downstreams = Some(downstreams);
        self
    }

    /// To the arms of an experiment, in place of any downstreams. The arm is drawn of those that the rule's other filters let
    /// the request through to; it need not have the model. More in the [module's docs](super#experiments).
    #[must_use]
    pub fn with_split(mut self, split: Split) -> Self {
        self.split = Some(split);
        self
    }

    /// Under this model name.
    #[must_use]
    pub fn with_output_model(mut self, model: OutputModel) -> Self {
        self.output_model = Some(model);
        self
    }

    /// With these to go to if the chosen target fails, best first. Of several rules the most specific one that says
    /// something counts alone; an empty list says that there are none. More in the [module's docs](super#fallbacks).
    #[must_use]
    pub fn with_fallback(mut self, fallbacks: Vec<Fallback>) -> Self {
        self.fallbacks = Some(fallbacks);
        self
    }

    /// With copies of its requests sent to another downstream too, to compare. Of several rules the most specific one that
    /// says something counts alone.
    #[must_use]
    pub fn with_shadow(mut self, shadow: Shadow) -> Self {
        self.shadow = Some(shadow);
        self
    }

    /// With these translators and plugins, in the order that a request meets them.
    #[must_use]
    pub fn with_pipeline(mut self, pipeline: Vec<Step>) -> Self {
        self.pipeline = pipeline;
        self
    }

    /// With this said of losses in translation. What the most specific rule says counts, then what the downstream says.
    #[must_use]
    pub fn with_losses(mut self, losses: LossPolicy) -> Self {
        self.losses = losses;
        self
    }

    /// With these limits of time. Of each, what the most specific rule says counts, then what the downstream says.
    #[must_use]
    pub fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// With this said of further tries. Of each, what the most specific rule says counts, then what the downstream says.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Its id.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Its name for people, or else its id.
    pub fn name(&self) -> &Arc<str> {
        self.name.as_ref().unwrap_or(&self.id)
    }

    /// Whether it is switched on.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// Whether it says how a request is sent, wherever that may be.
    pub(super) fn says_how(&self) -> bool {
        self.losses != LossPolicy::default()
            || self.timeouts != Timeouts::new()
            || self.retry != Retry::new()
            || self.fallbacks.is_some()
            || self.shadow.is_some()
    }

    /// The ids of the downstreams that it leads to: those of its arms, or else its own. `None` if it does not say.
    pub(super) fn leads(&self) -> Option<Vec<&Arc<str>>> {
        match &self.split {
            Some(split) => Some(split.downstreams().collect()),
            None => Some(self.downstreams.as_ref()?.iter().collect()),
        }
    }

    /// The experiment that it is, if it is one.
    pub fn split(&self) -> Option<&Split> {
        self.split.as_ref()
    }

    /// The name of that.
    pub fn experiment(&self) -> Option<&Arc<str>> {
        self.split.as_ref().map(|split| split.name(&self.id))
    }

    /// Where its requests go if their target fails; none if it does not say.
    pub(super) fn fallbacks(&self) -> &[Fallback] {
        self.fallbacks.as_deref().unwrap_or_default()
    }

    /// The translators of its pipeline, by name.
    pub(super) fn translators(&self) -> impl DoubleEndedIterator<Item = (&Arc<str>, Translator)> {
        self.pipeline.iter().filter_map(|step| match step {
            Step::Translator { id, translator } => Some((id, *translator)),
            Step::Plugin { .. } => None,
        })
    }

    /// Each of its model patterns with how specific the rule is by it.
    pub(super) fn patterns(&self) -> impl Iterator<Item = (Specificity, Pattern)> {
        let any = self.models.is_none().then_some(&Pattern::ANY);
        let patterns = self.models.iter().flatten().chain(any);
        patterns.map(|model| (Specificity::of(model, &self.path), model.clone()))
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Translator { id, .. } | Self::Plugin { id, .. }) = self;
        f.debug_tuple("Step").field(id).finish()
    }
}

/// How narrowly a rule means a request; the greater, the more specific. The model counts before the path. For either, an
/// exact name is narrower than a pattern with stars (the more literal bytes, the narrower), that than a regular
/// expression, and that than anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    model: Narrowness,
    path: Narrowness,
}

impl Specificity {
    /// Of a rule with these two patterns.
    pub fn of(model: &Pattern, path: &Pattern) -> Self {
        Self {
            model: model.narrowness(),
            path: path.narrowness(),
        }
    }
}
