use std::borrow::Cow;

use super::{
    Comparison, Interval, Metric, Verdict,
    arm::Arm,
    statistics::{Mean, difference, float},
    words,
};

/// How many requests of each arm a verdict needs.
pub(super) const LEAST: u64 = 100;

/// How many units of each arm it needs, were they of equal size.
const LEAST_UNITS: f64 = 30.0;

const METRICS: [Metric; 8] = [
    Metric::FirstContent,
    Metric::Total,
    Metric::Gap,
    Metric::ErrorRate,
    Metric::EmptyRate,
    Metric::Cost,
    Metric::OutputTokens,
    Metric::Score,
];

/// What each arm differs in from the first one. With probability `1 − alpha` all intervals of one metric are right, for all
/// arms and at all moments (Bonferroni).
pub(super) fn comparisons(arms: &[Cow<'_, Arm>], alpha: f64) -> Vec<Comparison> {
    let Some((control, challengers)) = arms.split_first() else {
        return Vec::new();
    };
    let alpha = alpha / float(challengers.len().max(1) as u64);
    let pairs = challengers
        .iter()
        .flat_map(|arm| METRICS.map(|metric| (arm, metric)));
    pairs
        .map(|(challenger, metric)| compare(control, challenger, metric, alpha))
        .collect()
}

fn compare(control: &Arm, challenger: &Arm, metric: Metric, alpha: f64) -> Comparison {
    let found = [control, challenger].map(|arm| mean(arm, metric));
    let interval = match &found {
        [Some(control), Some(challenger)] => Some(difference(control, challenger, alpha)),
        _ => None,
    };
    let verdict = match interval {
        Some(interval) if found.iter().flatten().all(is_enough) => verdict(metric, &interval),
        _ => Verdict::TooFew,
    };
    let mut comparison = Comparison {
        arm: challenger.id.clone(),
        metric,
        control: control.mean(metric),
        challenger: challenger.mean(metric),
        difference: interval.filter(|_| verdict != Verdict::TooFew),
        verdict,
        sentence: String::new(),
    };
    let known = control.known(metric).min(challenger.known(metric));
    comparison.sentence = words::sentence(&comparison, known);
    comparison
}

fn mean(arm: &Arm, metric: Metric) -> Option<Mean> {
    let mean = arm.sums(metric)?.clusters().mean()?;
    let is_fraction = matches!(
        metric,
        Metric::ErrorRate | Metric::EmptyRate | Metric::Score
    );
    Some(if is_fraction {
        mean.of_fractions()
    } else {
        mean
    })
}

fn is_enough(mean: &Mean) -> bool {
    mean.n >= float(LEAST) && mean.clusters >= LEAST_UNITS
}

fn verdict(metric: Metric, difference: &Interval) -> Verdict {
    let is_more = difference.low > 0.0;
    let is_less = difference.high < 0.0;
    match metric {
        _ if !is_more && !is_less => Verdict::Undecided,
        Metric::OutputTokens => Verdict::Differs,
        Metric::Score if is_more => Verdict::Better,
        Metric::Score => Verdict::Worse,
        _ if is_less => Verdict::Better,
        _ => Verdict::Worse,
    }
}
