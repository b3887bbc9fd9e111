//! How the arms of each experiment do, side by side.

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
