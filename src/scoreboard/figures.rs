use std::borrow::Cow;

use crate::experiment::Share;

use super::{
    ArmReport, Cost, ExperimentReport, Metric, Mismatch, Score,
    arm::Arm,
    comparison::{LEAST, comparisons},
    experiment::Experiment,
    statistics::{Counted, float, mismatch},
    times::{Scale, Times},
};

/// The level of all intervals.
pub(super) const LEVEL: f64 = 0.95;

/// Below this chance, shares are wrong.
const ALARM: f64 = 0.001;

/// What is to be said of an experiment.
pub(super) fn experiment(counted: &Experiment) -> ExperimentReport {
    let arms = counted.arms_in_order();
    let scales = Scales {
        first_content: scale(&arms, |arm| &arm.first_content),
        total: scale(&arms, |arm| &arm.total),
        gap: scale(&arms, |arm| &arm.gap),
    };
    ExperimentReport {
        id: counted.id.clone(),
        arms: arms
            .iter()
            .map(|counted_of| arm(counted_of, &counted.shares, &scales))
            .collect(),
        comparisons: comparisons(&arms, 1.0 - LEVEL),
        mismatch: shares(counted, &arms),
        excluded: counted.excluded,
        too_few: arms.iter().any(|arm| arm.requests < LEAST),
        least: LEAST,
    }
}

/// How the arms of an experiment are plotted.
struct Scales {
    first_content: Option<Scale>,
    total: Option<Scale>,
    gap: Option<Scale>,
}

fn scale(arms: &[Cow<'_, Arm>], times: impl Fn(&Arm) -> &Times + Copy) -> Option<Scale> {
    Scale::of(arms.iter().map(|arm| times(arm)))
}

fn arm(arm: &Arm, shares: &[Share], scales: &Scales) -> ArmReport {
    let share = shares.iter().find(|share| share.arm == arm.id);
    let times = |times: &Times, metric, scale: &Option<Scale>| {
        times.distribution(arm.mean(metric), scale.as_ref())
    };
    ArmReport {
        id: arm.id.clone(),
        downstream: arm.downstream.clone(),
        model: arm.model.clone(),
        share: share.map_or(0.0, |share| share.share),
        requests: arm.requests,
        outcomes: arm.outcomes.clone(),
        errors: arm.errors.clone(),
        finish_reasons: arm.finish_reasons.clone(),
        error_rate: arm.mean(Metric::ErrorRate),
        empty_rate: arm.mean(Metric::EmptyRate),
        fallbacks: arm.fallbacks,
        first_content: times(
            &arm.first_content,
            Metric::FirstContent,
            &scales.first_content,
        ),
        total: times(&arm.total, Metric::Total, &scales.total),
        gap: times(&arm.gap, Metric::Gap, &scales.gap),
        tokens: arm.tokens,
        cost: Cost {
            known: arm.known(Metric::Cost),
            sum: arm
                .sums(Metric::Cost)
                .map_or(0.0, super::buckets::Buckets::sum),
            mean: arm.mean(Metric::Cost),
        },
        score: Score {
            known: arm.known(Metric::Score),
            mean: arm.mean(Metric::Score),
        },
    }
}

fn shares(counted: &Experiment, arms: &[Cow<'_, Arm>]) -> Mismatch {
    let mut seen = vec![0; arms.len()];
    let mut expected = vec![0.0; arms.len()];
    let mut all = Vec::new();
    let counts = counted.units.counts();
    for (shares, counts) in &counts {
        let units = float(counts.iter().sum());
        for (share, count) in shares.iter().zip(counts) {
            let at = arms.iter().position(|arm| arm.id == share.arm);
            let sums = at.and_then(|at| seen.get_mut(at).zip(expected.get_mut(at)));
            if let Some((seen, expected)) = sums {
                *seen += count;
                *expected += units * share.share;
            }
        }
        let shares = shares.iter().map(|share| share.share).collect();
        all.push(Counted {
            seen: counts,
            shares,
        });
    }
    let p = mismatch(&all, counted.units.halvings());
    Mismatch {
        p,
        alarm: p < ALARM,
        seen,
        expected,
    }
}
