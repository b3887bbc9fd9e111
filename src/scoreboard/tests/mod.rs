//! The scoreboard from the outside: summaries in, a report out.

mod counting;
mod merging;
mod verdicts;

use std::{sync::Arc, time::Duration};

use crate::{
    experiment::{AssignedBy, Assignment, Share, Unit},
    meter::{Destination, Outcome, Recorder as _, Summary},
};

use super::*;

fn shares(weights: &[(&str, f64)]) -> Arc<[Share]> {
    let shares = weights.iter().map(|(arm, share)| Share::new(*arm, *share));
    shares.collect()
}

/// A completed request of this unit, which the arm answered in so many milliseconds.
fn request(arm: &str, unit: u64, millis: u64) -> Summary {
    let mut summary = Summary::new(format!("{arm}-{unit}"));
    let shares = shares(&[("control", 0.5), ("challenger", 0.5)]);
    let assignment = Assignment::new("ab", arm, AssignedBy::Key, Unit(unit), shares);
    summary.arm = Some(assignment);
    summary.outcome = Outcome::Completed;
    summary.assigned = Some(Destination::new(&arm.into(), None));
    summary.served = summary.assigned.clone();
    summary.first_content = Some(Duration::from_millis(millis));
    summary.total = Duration::from_millis(10 * millis);
    summary
}

/// So many requests to each arm, each of a unit of its own, as they were changed.
fn board(requests: u64, change: impl Fn(u64, &str, &mut Summary)) -> Scoreboard {
    let board = Scoreboard::new();
    for unit in 0..requests {
        for (place, arm) in [(0, "control"), (1, "challenger")] {
            let mut summary = request(arm, 2 * unit + place, 400 + unit % 100);
            change(unit, arm, &mut summary);
            board.record(&summary);
        }
    }
    board
}

fn only(report: Report) -> ExperimentReport {
    let [experiment] = <[_; 1]>::try_from(report.experiments).unwrap();
    experiment
}

fn comparison(report: Report, metric: Metric) -> Comparison {
    let mut comparisons = only(report).comparisons.into_iter();
    comparisons.find(|it| it.metric == metric).unwrap()
}
