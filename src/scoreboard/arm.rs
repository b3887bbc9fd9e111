use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::meter::{Destination, Outcome, Summary};

use super::{
    Metric, Tokens,
    buckets::Buckets,
    tally::{self, OTHER, Tally},
    times::Times,
};

/// Most classes of errors; all further ones are one.
const MOST_CLASSES: usize = 32;

/// The longest name of a class, in bytes. It may be a provider's.
const LONGEST_CLASS: usize = 64;

/// What is counted of one arm: 40 KiB of histograms, and 4 KiB of sums for each metric that there is anything of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Arm {
    pub(super) id: Arc<str>,
    pub(super) downstream: Option<Arc<str>>,
    pub(super) model: Option<Arc<str>>,
    pub(super) requests: u64,
    #[serde(deserialize_with = "tally::read")]
    pub(super) outcomes: Tally,
    pub(super) errors: BTreeMap<Arc<str>, u64>,
    #[serde(deserialize_with = "tally::read")]
    pub(super) finish_reasons: Tally,
    pub(super) fallbacks: u64,
    pub(super) first_content: Times,
    pub(super) total: Times,
    pub(super) gap: Times,
    pub(super) tokens: Tokens,
    sums: BTreeMap<Metric, Buckets>,
}

impl Arm {
    pub(super) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            downstream: None,
            model: None,
            requests: 0,
            outcomes: Tally::new(),
            errors: BTreeMap::new(),
            finish_reasons: Tally::new(),
            fallbacks: 0,
            first_content: Times::default(),
            total: Times::default(),
            gap: Times::default(),
            tokens: Tokens::default(),
            sums: BTreeMap::new(),
        }
    }

    /// Counts in what became of a request of a unit in this bucket.
    pub(super) fn record(&mut self, bucket: u8, summary: &Summary) {
        self.requests += 1;
        self.tell_where(summary.assigned.as_ref());
        self.fallbacks += u64::from(summary.served.is_some() && summary.served != summary.assigned);
        self.tell_outcome(bucket, summary);
        self.tell_times(bucket, summary);
        self.tell_tokens(bucket, summary);
        if let Some(cost) = summary.cost.filter(|cost| cost.is_finite()) {
            self.add(Metric::Cost, bucket, cost);
        }
    }

    /// Counts in what somebody has said of an answer, in the place of what was said before.
    pub(super) fn score(&mut self, bucket: u8, before: Option<f64>, score: f64) {
        match before {
            Some(before) => self.sums_of(Metric::Score).replace(bucket, before, score),
            None => self.add(Metric::Score, bucket, score),
        }
    }

    /// Counts in what another scoreboard has counted of the same arm.
    pub(super) fn merge(&mut self, other: &Self, is_later: bool) {
        if is_later || self.downstream.is_none() {
            self.downstream.clone_from(&other.downstream);
            self.model.clone_from(&other.model);
        }
        self.requests = self.requests.saturating_add(other.requests);
        for (outcome, count) in &other.outcomes {
            tally::add(&mut self.outcomes, outcome, *count);
        }
        for (class, count) in &other.errors {
            self.add_errors(class, *count);
        }
        for (reason, count) in &other.finish_reasons {
            tally::add(&mut self.finish_reasons, reason, *count);
        }
        self.fallbacks = self.fallbacks.saturating_add(other.fallbacks);
        self.first_content.merge(&other.first_content);
        self.total.merge(&other.total);
        self.gap.merge(&other.gap);
        self.tokens.add(&other.tokens);
        for (metric, sums) in &other.sums {
            self.sums_of(*metric).merge(sums);
        }
    }

    /// The values of a metric, if there are any.
    pub(super) fn sums(&self, metric: Metric) -> Option<&Buckets> {
        self.sums.get(&metric)
    }

    /// The mean of a metric, if there is any of it.
    pub(super) fn mean(&self, metric: Metric) -> Option<f64> {
        self.sums(metric)?.mean()
    }

    /// Of how many requests a metric is known.
    pub(super) fn known(&self, metric: Metric) -> u64 {
        self.sums(metric).map_or(0, Buckets::count)
    }

    fn tell_where(&mut self, assigned: Option<&Destination>) {
        let Some(assigned) = assigned else { return };
        self.downstream = Some(Arc::clone(&assigned.downstream));
        self.model.clone_from(&assigned.model);
    }

    fn tell_outcome(&mut self, bucket: u8, summary: &Summary) {
        tally::add(&mut self.outcomes, summary.outcome.as_str(), 1);
        let has_failed = matches!(summary.outcome, Outcome::Failed | Outcome::Broken);
        match &summary.error {
            Some(class) => self.add_errors(class, 1),
            None if has_failed => self.add_errors(OTHER, 1),
            None => {}
        }
        if let Some(reason) = summary.finish_reason {
            tally::add(&mut self.finish_reasons, reason.as_str(), 1);
        }
        // Neither a caller's mistake nor a caller who leaves is the arm's fault.
        if has_failed || summary.outcome == Outcome::Completed {
            self.add(Metric::ErrorRate, bucket, one_if(has_failed));
        }
        if let (Outcome::Completed, Some(is_empty)) = (summary.outcome, summary.is_empty) {
            self.add(Metric::EmptyRate, bucket, one_if(is_empty));
        }
    }

    fn tell_times(&mut self, bucket: u8, summary: &Summary) {
        if let Some(time) = summary.first_content {
            self.first_content.record(time);
            self.add(Metric::FirstContent, bucket, time.as_secs_f64());
        }
        if summary.outcome == Outcome::Completed {
            self.total.record(summary.total);
            self.add(Metric::Total, bucket, summary.total.as_secs_f64());
        }
        if let Some(time) = summary.gap_p50 {
            self.gap.record(time);
            self.add(Metric::Gap, bucket, time.as_secs_f64());
        }
    }

    fn tell_tokens(&mut self, bucket: u8, summary: &Summary) {
        let usage = &summary.usage;
        if usage.is_empty() {
            return;
        }
        self.tokens.add(&Tokens {
            known: 1,
            input: usage.input.unwrap_or(0),
            cache_read: usage.cache_read.unwrap_or(0),
            cache_write: usage.cache_write.unwrap_or(0),
            output: usage.output.unwrap_or(0),
            reasoning: usage.reasoning.unwrap_or(0),
        });
        if let Some(output) = usage.output {
            self.add(
                Metric::OutputTokens,
                bucket,
                super::statistics::float(output),
            );
        }
    }

    fn add(&mut self, metric: Metric, bucket: u8, value: f64) {
        self.sums_of(metric).add(bucket, value);
    }

    fn sums_of(&mut self, metric: Metric) -> &mut Buckets {
        self.sums.entry(metric).or_default()
    }

    fn add_errors(&mut self, class: &str, count: u64) {
        // One place is kept for all others.
        let fits = class.len() <= LONGEST_CLASS && self.errors.len() + 1 < MOST_CLASSES;
        let is_known = self.errors.contains_key(class);
        let class = if fits || is_known { class } else { OTHER };
        if let Some(sum) = self.errors.get_mut(class) {
            *sum = sum.saturating_add(count);
        } else {
            self.errors.insert(class.into(), count);
        }
    }
}

impl Tokens {
    fn add(&mut self, more: &Self) {
        self.known = self.known.saturating_add(more.known);
        self.input = self.input.saturating_add(more.input);
        self.cache_read = self.cache_read.saturating_add(more.cache_read);
        self.cache_write = self.cache_write.saturating_add(more.cache_write);
        self.output = self.output.saturating_add(more.output);
        self.reasoning = self.reasoning.saturating_add(more.reasoning);
    }
}

fn one_if(it_is_so: bool) -> f64 {
    if it_is_so { 1.0 } else { 0.0 }
}
