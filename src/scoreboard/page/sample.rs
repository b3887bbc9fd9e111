//! Reports to look at and to test with.

use std::{collections::BTreeMap, sync::Arc};

use super::super::{
    ArmReport, Bin, Comparison, Cost, Distribution, ExperimentReport, Interval, Metric, Mismatch,
    Report, Score, Tokens, Verdict,
};

/// When it was said: 2026-11-26, 09:24:15 UTC.
const AT: f64 = 1_795_685_055.0;

/// These experiments.
pub(super) fn report(experiments: Vec<ExperimentReport>) -> Report {
    Report {
        since: AT - 8_040.0,
        at: AT,
        level: 0.95,
        experiments,
    }
}

/// Control and a challenger that is faster and dearer.
pub(super) fn experiment(id: &str) -> ExperimentReport {
    ExperimentReport {
        id: id.into(),
        arms: vec![
            arm("control", ("openai", "gpt-4o"), 0.612, 1.0),
            arm(
                "challenger",
                ("anthropic", "claude-sonnet-4-20250514"),
                0.432,
                2.1,
            ),
        ],
        comparisons: comparisons(),
        mismatch: Mismatch {
            p: 0.43,
            alarm: false,
            seen: vec![5_012, 4_988],
            expected: vec![5_000.0; 2],
        },
        excluded: 812,
        too_few: false,
        least: 100,
    }
}

fn comparisons() -> Vec<Comparison> {
    vec![
        found(
            Metric::FirstContent,
            0.612,
            [-0.18, -0.24, -0.12],
            Verdict::Better,
        ),
        found(Metric::Total, 4.31, [-0.62, -0.94, -0.31], Verdict::Better),
        found(
            Metric::Gap,
            0.0214,
            [-0.0004, -0.0021, 0.0013],
            Verdict::Undecided,
        ),
        found(
            Metric::ErrorRate,
            0.012,
            [0.0021, -0.0034, 0.0076],
            Verdict::Undecided,
        ),
        found(
            Metric::EmptyRate,
            0.001,
            [0.0, -0.002, 0.002],
            Verdict::Undecided,
        ),
        found(
            Metric::Cost,
            0.0051,
            [0.0056, 0.0052, 0.006],
            Verdict::Worse,
        ),
        found(
            Metric::OutputTokens,
            214.0,
            [31.0, 22.0, 40.0],
            Verdict::Differs,
        ),
        found(Metric::Score, 0.71, [0.04, -0.06, 0.14], Verdict::TooFew),
    ]
}

/// An arm whose median answer begins after so many seconds, and which costs so many times as much.
pub(super) fn arm(
    id: &str,
    (downstream, model): (&str, &str),
    median: f64,
    dear: f64,
) -> ArmReport {
    ArmReport {
        id: id.into(),
        downstream: Some(downstream.into()),
        model: Some(model.into()),
        share: 0.5,
        requests: 12_345,
        outcomes: BTreeMap::from([
            ("completed", 12_150),
            ("failed", 120),
            ("broken", 28),
            ("client_cancelled", 47),
        ]),
        errors: BTreeMap::from([
            ("overloaded_error".into(), 118),
            ("idle_timeout".into(), 30),
        ]),
        finish_reasons: BTreeMap::from([("stop", 11_420), ("length", 610), ("tool_use", 120)]),
        error_rate: Some(0.012),
        empty_rate: Some(0.001),
        fallbacks: 97,
        first_content: distribution(median, 0.35),
        total: distribution(median * 7.0, 0.5),
        gap: distribution(0.021, 0.25),
        tokens: Tokens {
            known: 12_150,
            input: 2_612_004,
            cache_read: 9_120_400,
            cache_write: 310_220,
            output: 2_604_118,
            reasoning: 402_000,
        },
        cost: Cost {
            known: 12_150,
            sum: 62.1 * dear,
            mean: Some(0.0051 * dear),
        },
        score: Score {
            known: 84,
            mean: Some(0.71),
        },
    }
}

/// A normal distribution of logarithms.
fn distribution(median: f64, width: f64) -> Distribution {
    let at = |sigmas: f64| median * (sigmas * width).exp();
    let bins = (-12..16).map(|step| {
        let sigmas = f64::from(step) / 4.0;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small and positive"
        )]
        let count = (1_200.0 * (-sigmas * sigmas / 2.0).exp()) as u64;
        Bin {
            from: at(sigmas - 0.125),
            to: at(sigmas + 0.125),
            count,
        }
    });
    Distribution {
        count: 12_150,
        mean: Some(at(width / 2.0)),
        p50: Some(median),
        p90: Some(at(1.28)),
        p99: Some(at(2.33)),
        min: Some(at(-3.0)),
        max: Some(at(3.8)),
        bins: bins.collect(),
    }
}

fn found(
    metric: Metric,
    control: f64,
    [estimate, low, high]: [f64; 3],
    verdict: Verdict,
) -> Comparison {
    Comparison {
        arm: "challenger".into(),
        metric,
        control: Some(control),
        challenger: Some(control + estimate),
        difference: Some(Interval {
            estimate,
            low,
            high,
        }),
        verdict,
        sentence: format!("challenger answers 180 ms sooner (95 % CI 120–240), as {metric:?} says"),
    }
}

/// Control and nobody else, of whom nothing is known.
pub(super) fn untouched(id: &str) -> ExperimentReport {
    let nothing = |id: &str| ArmReport {
        downstream: None,
        model: None,
        requests: 0,
        outcomes: BTreeMap::new(),
        errors: BTreeMap::new(),
        finish_reasons: BTreeMap::new(),
        error_rate: None,
        empty_rate: None,
        fallbacks: 0,
        first_content: Distribution::default(),
        total: Distribution::default(),
        gap: Distribution::default(),
        tokens: Tokens::default(),
        cost: Cost::default(),
        score: Score::default(),
        ..arm(id, ("", ""), 1.0, 1.0)
    };
    let comparison = Comparison {
        control: None,
        challenger: None,
        difference: None,
        sentence: "too few requests to say anything".to_owned(),
        ..found(Metric::Total, 0.0, [0.0; 3], Verdict::TooFew)
    };
    ExperimentReport {
        id: Arc::from(id),
        arms: ["control", "challenger"].map(nothing).into(),
        comparisons: vec![comparison],
        mismatch: Mismatch {
            p: 1.0,
            alarm: false,
            seen: vec![0, 0],
            expected: vec![0.0; 2],
        },
        excluded: 0,
        too_few: true,
        least: 100,
    }
}
