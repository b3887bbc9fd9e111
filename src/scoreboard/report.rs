use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

/// What a scoreboard says at one moment. As JSON it is the same, by the same names; times are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// When it began to count, in seconds since 1970.
    pub since: f64,
    /// When this was said, in seconds since 1970.
    pub at: f64,
    /// The level of all intervals, such as 0.95.
    pub level: f64,
    /// The experiments, by name.
    pub experiments: Vec<ExperimentReport>,
}

/// One experiment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExperimentReport {
    /// Its name.
    pub id: Arc<str>,
    /// Its arms, control first.
    pub arms: Vec<ArmReport>,
    /// What each other arm differs in from control.
    pub comparisons: Vec<Comparison>,
    /// Whether the arms have the shares of the traffic that they should.
    pub mismatch: Mismatch,
    /// Requests that had no part in it: kept out of it, sent to an arm by hand, or such as only one arm could serve.
    pub excluded: u64,
    /// Whether some arm has too few requests for any verdict.
    pub too_few: bool,
    /// How many requests of each arm a verdict needs.
    pub least: u64,
}

/// One arm.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ArmReport {
    /// Its id.
    pub id: Arc<str>,
    /// The downstream that it was assigned to last.
    pub downstream: Option<Arc<str>>,
    /// The model that it was asked for there.
    pub model: Option<Arc<str>>,
    /// Its part of the traffic now, from 0 to 1.
    pub share: f64,
    /// How many requests it had.
    pub requests: u64,
    /// Of these by outcome: `completed`, `refused`, `failed`, `broken`, `client_cancelled`.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Errors by their class.
    pub errors: BTreeMap<Arc<str>, u64>,
    /// Answers by why they ended.
    pub finish_reasons: BTreeMap<&'static str, u64>,
    /// Requests that count as errors: failed or broken.
    pub error_rate: Option<f64>,
    /// Part of the whole answers that were empty.
    pub empty_rate: Option<f64>,
    /// Requests that another target answered.
    pub fallbacks: u64,
    /// Seconds to the first content.
    pub first_content: Distribution,
    /// Seconds to the end, of whole answers.
    pub total: Distribution,
    /// Seconds between two pieces of content: of each answer the median.
    pub gap: Distribution,
    /// What was read and written.
    pub tokens: Tokens,
    /// What it cost.
    pub cost: Cost,
    /// What was said of its quality.
    pub score: Score,
}

/// How something is distributed.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Distribution {
    /// Of how many.
    pub count: u64,
    /// The mean; `None` if there is none of anything.
    pub mean: Option<f64>,
    /// The median.
    pub p50: Option<f64>,
    /// Nine of ten are not above it.
    pub p90: Option<f64>,
    /// 99 of 100 are not above it.
    pub p99: Option<f64>,
    /// The least.
    pub min: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
    /// How many lie between which, in order, for a plot: of equal width on a logarithmic scale.
    pub bins: Vec<Bin>,
}

/// One bar of a plot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Bin {
    /// From this, inclusive.
    pub from: f64,
    /// To this, exclusive.
    pub to: f64,
    /// So many.
    pub count: u64,
}

/// Tokens of an arm, in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tokens {
    /// How many requests it is known of.
    pub known: u64,
    /// Of prompts, neither read from nor written to a cache.
    pub input: u64,
    /// Read from a cache.
    pub cache_read: u64,
    /// Written to a cache.
    pub cache_write: u64,
    /// Generated, reasoning included.
    pub output: u64,
    /// Of these, spent on reasoning.
    pub reasoning: u64,
}

/// What an arm cost, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Cost {
    /// How many requests it is known of.
    pub known: u64,
    /// In all.
    pub sum: f64,
    /// Of one request.
    pub mean: Option<f64>,
}

/// How good answers were, as somebody has said.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Score {
    /// Of how many requests.
    pub known: u64,
    /// The mean.
    pub mean: Option<f64>,
}

/// Whether an arm differs from control in one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// The arm that is compared with control.
    pub arm: Arc<str>,
    /// In what.
    pub metric: Metric,
    /// The mean of control.
    pub control: Option<f64>,
    /// The mean of the arm.
    pub challenger: Option<f64>,
    /// The arm's minus control's, with an interval that is valid at every moment at once.
    pub difference: Option<Interval>,
    /// What that means.
    pub verdict: Verdict,
    /// The same in words.
    pub sentence: String,
}

/// An estimate and how far off it may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Interval {
    /// The best guess.
    pub estimate: f64,
    /// Not below this.
    pub low: f64,
    /// Not above this.
    pub high: f64,
}

/// What arms are compared in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Metric {
    /// Seconds to the first content. Less is better.
    FirstContent,
    /// Seconds to the end of the answer. Less is better.
    Total,
    /// Seconds between two pieces of content. Less is better.
    Gap,
    /// The part of requests that failed or broke. Less is better.
    ErrorRate,
    /// The part of whole answers that were empty. Less is better.
    EmptyRate,
    /// US dollars of a request. Less is better.
    Cost,
    /// Tokens that were generated. Neither is better.
    OutputTokens,
    /// What was said of the quality. More is better.
    Score,
}

/// What a comparison has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// The arm is better than control.
    Better,
    /// The arm is worse than control.
    Worse,
    /// It differs, in something of which neither more nor less is better.
    Differs,
    /// The interval has no difference in it still.
    Undecided,
    /// There is too little to say anything.
    TooFew,
}

/// Whether arms have the shares of the traffic that they should (sample-ratio mismatch). Where they have not, something
/// loses requests of one arm, and no comparison can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Mismatch {
    /// Chance of seeing such shares if all were well.
    pub p: f64,
    /// Whether that is below 0.001.
    pub alarm: bool,
    /// How many units each arm has, in the order of the arms.
    pub seen: Vec<u64>,
    /// How many it should have.
    pub expected: Vec<f64>,
}
