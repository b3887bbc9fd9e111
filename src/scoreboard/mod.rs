//! How the arms of each experiment do, side by side.
//!
//! A [`Scoreboard`] is a [`Recorder`](crate::meter::Recorder) that counts [summaries](crate::meter::Summary) by experiment
//! and arm. Its [`Report`] has the figures of each arm, and what each differs in from control, in numbers and in words. A
//! [`Gateway`](crate::Gateway) has one.
//!
//! ```
//! use tower_llm_gateway::{Gateway, scoreboard::Verdict};
//!
//! # fn show(gateway: &Gateway) {
//! for experiment in gateway.scoreboard().report().experiments {
//!     for comparison in experiment.comparisons {
//!         // "challenger answers 180 ms sooner (95 % CI 120–240)"
//!         println!("{}: {}", experiment.id, comparison.sentence);
//!     }
//! }
//! # }
//! ```
//!
//! # What is counted
//!
//! A request counts for the arm that it was *assigned* to, whoever has answered it, or an arm would look the better the
//! oftener it fails and others answer for it. Of each metric those requests count that it is known of:
//!
//! | metric | of |
//! |---|---|
//! | time to the first content, pauses, tokens, cost | requests of which it is known, however they ended |
//! | time to the end, rate of empty answers | completed ones |
//! | error rate | completed, failed and broken ones: `(failed + broken) / (completed + failed + broken)` |
//! | score | those that somebody has [judged](Scoreboard::feedback) |
//!
//! Neither a request that was refused nor a caller who left is the arm's fault. Copies that were sent to compare are not
//! counted. Who was kept out, who has chosen an arm, and what only one arm can serve, is `excluded`.
//!
//! # How sure it is
//!
//! An interval holds the truth with a probability of 95 % *at all moments at once*: anybody may look at any time, and
//! stop when a difference shows. It is an asymptotic confidence sequence, 1.5 to 2.4 times as wide as an interval for one look
//! (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences",
//! Annals of Statistics 52, 2024).
//!
//! - The requests of one unit (one user, one conversation) are alike, so they don't count as many: variances are taken over
//!   256 buckets of units. A comparison needs 100 requests of each arm that the metric is known of, and of units as much as
//!   30 of equal size, else it is [`TooFew`](Verdict::TooFew).
//! - With several challengers, each is compared with control, and all intervals of one metric are right together
//!   (Bonferroni). It is not corrected for there being eight metrics: decide beforehand which one counts.
//! - An alarm for wrong shares (sample-ratio mismatch) has a chance of 1 in 1,000 at most to be false, at all moments at once
//!   (Lindon, Malek, "Anytime-Valid Inference for Multinomial Count Data", `NeurIPS` 2022). It counts each unit once: all of
//!   them up to 14,000, then a sample of 7,000 or more, in which a share that is two percentage points off may stay unseen.
//! - In simulations of 2,000 experiments without a difference, looked at after each request, 0 to 4 in 100 ever showed
//!   one: skewed times, errors of 1 and of 20 %, shares of 50, 10 and 2 %, users of whom some ask much more often.
//!
//! What no interval shows: when weights change, and the times of day are not alike, an arm that has got more at the good times
//! looks good. A new name for the experiment begins anew. What not all of three arms can serve counts for those that can.
//!
//! # Bounds
//!
//! 74 KiB for each arm, 16 arms in each of 32 experiments; of more, what is over or was silent for longest makes room.
//! 280 KiB for the units of an experiment, 8 MB for the last requests that can be judged. Quantiles are read from histograms
//! of two digits ([HdrHistogram](https://hdrhistogram.org)), less than 1 % above the truth, from 1 µs to an hour; means are
//! exact. To count a request takes no memory once all is there, and three short locks.
//!
//! # Several replicas
//!
//! Each counts its own. Their [snapshots](Snapshot) are JSON and can be merged, and the report of all is what one process would
//! have said.

mod amount;
mod arm;
mod buckets;
mod comparison;
mod experiment;
mod experiments;
mod feedback;
mod figures;
mod page;
mod recent;
mod report;
#[expect(
    clippy::module_inception,
    reason = "it is what the module is named after"
)]
mod scoreboard;
mod snapshot;
mod statistics;
mod tally;
#[cfg(test)]
mod tests;
mod times;
mod units;
mod words;

pub use feedback::FeedbackError;
pub use page::ReportService;
pub use report::{
    ArmReport, Bin, Comparison, Cost, Distribution, ExperimentReport, Interval, Metric, Mismatch,
    Report, Score, Tokens, Verdict,
};
pub use scoreboard::Scoreboard;
pub use snapshot::Snapshot;
