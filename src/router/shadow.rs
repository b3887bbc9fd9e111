use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::Extensions;

use crate::{context::Selected, failover::Alternative};

use super::{Facts, Fallback, OutputModel, shape::Shape, table::Inner};

/// Where copies of a rule's requests go, to see how somebody else would have answered. No caller gets anything of it.
/// The [module of the layer](crate::shadow) says which requests are copied.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Shadow {
    /// The downstream, by id.
    pub downstream: Arc<str>,
    /// The model name that it gets. If it isn't said: as for a [`Fallback`].
    pub output_model: Option<OutputModel>,
    /// The part of the requests that are copied, from 0 to 1. Default all.
    pub sample: f64,
    /// Copies on their way at once; those above it are not sent. Default 4.
    pub max_in_flight: usize,
    /// How long a copy may take, to the last byte of its answer. Default 2 min.
    pub timeout: Duration,
}

impl Shadow {
    /// To this downstream.
    pub fn new(downstream: impl Into<Arc<str>>) -> Self {
        Self {
            downstream: downstream.into(),
            output_model: None,
            sample: 1.0,
            max_in_flight: 4,
            timeout: Duration::from_secs(120),
        }
    }

    /// Under this model name.
    #[must_use]
    pub fn with_output_model(mut self, model: OutputModel) -> Self {
        self.output_model = Some(model);
        self
    }

    /// So much of the requests, from 0 to 1.
    #[must_use]
    pub fn with_sample(mut self, sample: f64) -> Self {
        self.sample = sample;
        self
    }

    /// So many at once.
    #[must_use]
    pub fn with_max_in_flight(mut self, copies: usize) -> Self {
        self.max_in_flight = copies;
        self
    }

    /// For no longer than this.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// As one of the fallbacks: it is asked in the same way.
    pub(super) fn as_fallback(&self) -> Fallback {
        Fallback {
            downstream: Arc::clone(&self.downstream),
            output_model: self.output_model.clone(),
        }
    }
}

/// Request extension: where a copy of it goes. On a copy itself it says that it is one.
#[derive(Debug, Clone)]
pub struct Copied {
    to: Alternative,
    rule: Arc<str>,
    sample: f64,
    timeout: Duration,
    lane: Arc<Lane>,
}

impl Copied {
    /// That of the request, if it has one.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// The target, the formats, and the model name to send.
    pub fn selected(&self) -> &Selected {
        &self.to.selected
    }

    /// The id of the rule that says so.
    pub fn rule(&self) -> &Arc<str> {
        &self.rule
    }

    /// The part of the requests that are copied, from 0 to 1.
    pub fn sample(&self) -> f64 {
        self.sample
    }

    /// How long it may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// A place among the copies that are on their way; `None` if there is none left.
    pub fn enter(&self) -> Option<CopyPlace> {
        self.lane.enter()
    }

    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    /// Sends a request there.
    pub(crate) fn select(&self, extensions: &mut Extensions) {
        self.to.select(extensions);
    }
}

/// How many copies of one rule's requests are on their way.
#[derive(Debug)]
pub(super) struct Lane {
    places: usize,
    taken: AtomicUsize,
}

impl Lane {
    pub(super) fn new(places: usize) -> Self {
        Self {
            places,
            taken: AtomicUsize::new(0),
        }
    }

    fn enter(self: &Arc<Self>) -> Option<CopyPlace> {
        let one_more = |taken| (taken < self.places).then_some(taken + 1);
        let taken = self
            .taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        taken.ok().map(|_| CopyPlace(Arc::clone(self)))
    }
}

/// A copy's place; free again when this is dropped.
#[derive(Debug)]
pub struct CopyPlace(Arc<Lane>);

impl Drop for CopyPlace {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Inner {
    /// Where a copy goes: as the most specific of the rules says that hold and say something of it. Not to where the request
    /// goes anyway, nor where it can't be asked.
    pub(super) fn copied(
        &self,
        facts: &Facts<'_>,
        first: &Shape,
        alias: Option<&Arc<str>>,
    ) -> Option<Copied> {
        let mut entries = self.entries(&first.rules);
        let entry = entries.find(|entry| entry.shadow.is_some())?;
        let (shadow, (place, lane)) = (entry.rule.shadow.as_ref()?, entry.shadow.as_ref()?);
        let fallback = shadow.as_fallback();
        let link = self.link(facts, (first, alias), (*place, &fallback), &[]);
        Some(Copied {
            to: link.ok()?.into(),
            rule: Arc::clone(&entry.rule.id),
            sample: shadow.sample,
            timeout: shadow.timeout,
            lane: Arc::clone(lane),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_has_so_many_places_and_gets_them_back() {
        let lane = Arc::new(Lane::new(2));
        let places = [lane.enter(), lane.enter()];
        assert!(places.iter().all(Option::is_some));
        assert!(lane.enter().is_none());
        drop(places);
        assert!(lane.enter().is_some());
    }
}
