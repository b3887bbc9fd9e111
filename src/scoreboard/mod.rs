//! How the arms of each experiment do, side by side.

mod report;

pub use report::{
    ArmReport, Bin, Comparison, Cost, Distribution, ExperimentReport, Interval, Metric, Mismatch,
    Report, Score, Tokens, Verdict,
};
